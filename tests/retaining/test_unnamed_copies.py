"""What a hold or a case names no more goes with the next run; what it names stays as it was."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.commands import LinkIdentifiers, RetractTransfer, UnlinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.retention.copies import Copies
from ledger.retention.expiry_write import ExpiryWriter
from projections.verification import differences
from tests.ledger.given import ACTOR, person
from tests.projections.log import log_of
from tests.retaining.desk import held_keys, received, withdrawn
from tests.retaining.keeper import Keeper, retaining
from tests.retaining.test_holds_and_copies import content_of, correct, told

DAY: Final = "2024-04-01"
AFTER: Final = date(2027, 4, 2)
LATER: Final = date(2027, 6, 1)


def link(kept: Keeper, a: str, b: str) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "会員台帳")
    kept.inside.ledger.link(command, kept.inside.now)


def unlink(kept: Keeper, a: str, b: str) -> None:
    command = UnlinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "別人と判明")
    kept.inside.ledger.link(command, kept.inside.now)


def hold_on(kept: Keeper, *who: str) -> UUID:
    return kept.hold("訴訟", *who)


KEEPERS: Final[dict[str, tuple[Callable[..., UUID], Callable[[Keeper, UUID], None]]]] = {
    "a hold": (hold_on, Keeper.release),
    "a case": (received, withdrawn),
}


@pytest.fixture(params=KEEPERS)
def keeps(request: pytest.FixtureRequest) -> Callable[..., UUID]:
    return KEEPERS[request.param][0]


def expired_keys(kept: Keeper) -> set[bytes]:
    """The keys that `records-expired` say are gone."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        rows = admin.execute("""
            SELECT jsonb_array_elements_text(convert_from(state, 'UTF8')::jsonb -> 'keys')
              FROM ledger.events WHERE topic = 'records-expired'
        """)
        return {bytes.fromhex(row[0]) for row in rows}


def keys_of(kept: Keeper, name: str) -> set[bytes]:
    """The keys under which parts of that transfer stand."""
    parts = kept.inside.house.dying.lives([kept.transfers[name]])
    return {part.key_id for found in parts.values() for part in found}


def copies_of(kept: Keeper, name: str) -> int:
    """How many copies of its events were ever made."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        row = admin.execute(
            "SELECT count(*) FROM ledger.events"
            " WHERE topic = 'record-carried-forward' AND originator_id = %s",
            (kept.transfers[name],),
        ).fetchone()
    assert row is not None
    return int(row[0])


def is_sound(kept: Keeper) -> None:
    """Everything that is left opens and is what its header commits to; the index says the same."""
    kept.inside.follow()
    kept.inside.events()
    house = kept.inside.house
    assert list(differences(kept.inside.connection, log_of(house), house.secret)) == []


def test_what_is_unlinked_goes_with_the_next_run_and_what_is_named_stays_as_it_was(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "CANARY")
    link(kept, "P1", "CANARY")
    owner = keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"own", "others"}
    [under] = keys_of(kept, "others")
    before = [one for one in content_of(told(kept, "P1")) if one[0] == kept.transfers["own"]]
    kept.on(LATER)
    unlink(kept, "P1", "CANARY")
    planned = kept.plan().planned
    assert planned is not None
    assert under in planned.keys
    kept.expire()
    assert kept.living() == {"own"}
    assert under in expired_keys(kept)
    assert kept.inside.house.dying.rows([under]) == []
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "CANARY") == []
    # The link itself names both, as what every link says; its key is not the hold's.
    assert held_keys(kept) == [(owner, None)]
    is_sound(kept)


def test_what_nothing_names_any_more_leaves_the_hold_without_copies(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    kept.on(LATER)
    unlink(kept, "P1", "P2")
    report = kept.purge()
    assert (report.carried, kept.living(), held_keys(kept)) == (0, set(), [])
    is_sound(kept)
    kept.on(LATER + timedelta(days=1))
    assert kept.purge().expired == ()


def test_of_two_persons_in_one_record_the_line_of_the_other_goes_alone(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", "CANARY", "P3")
    correct(kept, "a", {"purpose": "広告"})
    link(kept, "P1", "CANARY")
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert [len(told(kept, who)) for who in ("P1", "CANARY", "P3")] == [1, 1, 0]
    kept.on(LATER)
    unlink(kept, "P1", "CANARY")
    before = content_of(told(kept, "P1"))
    kept.purge()
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "CANARY") == []
    assert "CANARY" not in "\n".join(
        str(one) for one in kept.inside.events() if one.stream == kept.transfers["a"]
    )
    assert copies_of(kept, "a") == 2 * 2
    is_sound(kept)


def test_what_another_hold_names_stays_until_that_one_ends(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    other = hold_on(kept, "P2")
    kept.on(AFTER)
    kept.purge()
    before = content_of(told(kept, "P2"))
    kept.on(LATER)
    unlink(kept, "P1", "P2")
    kept.purge()
    assert content_of(told(kept, "P2")) == before
    kept.release(other)
    kept.on(LATER + timedelta(days=1))
    kept.purge()
    assert kept.living() == set()


def test_what_a_hold_on_the_transfer_names_stays_whole(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P2", "P3")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.hold("監査", transfer=kept.transfers["a"])
    kept.on(AFTER)
    kept.purge()
    before = content_of(told(kept, "P2"))
    kept.on(LATER)
    unlink(kept, "P1", "P2")
    kept.purge()
    assert content_of(told(kept, "P2")) == before
    assert len(told(kept, "P3")) == 1


def test_a_record_within_its_period_is_touched_by_no_unlinking(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("old", "P1", recorded_on=DAY)
    kept.on("2025-04-01")
    kept.sent("young", "P2")
    link(kept, "P1", "P2")
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    report = kept.purge()
    assert (report.carried, report.expired) == (0, ())
    assert kept.living() == {"old", "young"}


def test_the_base_of_a_record_goes_with_it_when_only_a_hold_kept_both(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("base", "P3")
    kept.sent("a", "P2", base_record="base", omitted_items=["COUNTERPARTY"])
    kept.sent("own", "P1")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"base", "a", "own"}
    kept.on(LATER)
    unlink(kept, "P1", "P2")
    kept.purge()
    assert kept.living() == {"own"}


def test_a_base_that_nothing_needs_any_more_goes_although_the_hold_stands(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("base", "P3")
    kept.sent("a", "P1", base_record="base", omitted_items=["COUNTERPARTY"])
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"base", "a"}
    kept.on(LATER)
    command = RetractTransfer(random_uuid(), ACTOR, kept.transfers["a"], "not_occurred")
    kept.inside.ledger.retract(command, kept.inside.now)
    kept.purge()
    assert kept.living() == {"a"}


def test_what_a_later_record_relies_on_is_copied_out_to_its_day(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("base", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    kept.sent("after", "P2", base_record="base", omitted_items=["COUNTERPARTY"])
    unlink(kept, "P1", "P2")
    kept.on(LATER)
    before = content_of(told(kept, "P2"))
    kept.purge()
    assert content_of(told(kept, "P2")) == before
    kept.on("2030-04-03")
    kept.purge()
    assert kept.living() == set()


def test_what_is_linked_again_before_the_run_stays(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    kept.plan()
    assert [day for _, day in held_keys(kept)] == [AFTER]
    link(kept, "P1", "P2")
    report = kept.expire()
    assert (report.carried, report.expired) == (0, ())
    assert [day for _, day in held_keys(kept)] == [None]
    assert kept.living() == {"others"}


def test_what_is_linked_again_while_the_run_is_on_its_way_stays(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    kept.plan()
    for moment in range(1, 3):
        waits = 0

        def followed(moment: int = moment) -> None:
            nonlocal waits
            waits += 1
            if waits == moment:
                link(kept, "P1", "P2")
            kept.inside.follow()

        again = retaining(kept.inside, followed)
        assert again.expire(kept.inside.now, ACTOR).expired == ()
        assert waits >= moment
        kept.inside.follow()
        assert kept.living() == {"own", "others"}
        unlink(kept, "P1", "P2")
        kept.plan()


def test_the_daily_job_waits_as_long_as_for_every_key(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    kept.plan()
    notice = timedelta(days=14)
    kept.on(AFTER + timedelta(days=13))
    kept.inside.follow()
    assert kept.retaining.expire(kept.inside.now, ACTOR, notice=notice).expired == ()
    kept.on(AFTER + timedelta(days=14))
    kept.inside.follow()
    assert len(kept.retaining.expire(kept.inside.now, ACTOR, notice=notice).expired) == 1
    assert kept.living() == set()


def test_what_was_not_copied_in_time_does_not_come_back_by_linking_again(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    kept.purge()
    link(kept, "P1", "P2")
    kept.on(LATER)
    kept.purge()
    assert kept.living() == {"own"}


@pytest.mark.parametrize("name", KEEPERS)
def test_all_its_keys_die_the_day_after_the_end(kept: Keeper, name: str) -> None:
    begins, ends = KEEPERS[name]
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    owner = begins(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    kept.purge()
    kept.on(LATER)
    ends(kept, owner)
    kept.purge()
    assert kept.living() == {"own"}
    kept.on(LATER + timedelta(days=1))
    kept.purge()
    assert kept.living() == set()
    assert kept.inside.house.dying.held([owner]) == []


def test_a_run_that_is_cut_off_between_copies_and_death_is_finished_by_the_next(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    owner = hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    [under] = keys_of(kept, "others")
    unlink(kept, "P1", "P2")
    before = [one for one in content_of(told(kept, "P1")) if one[0] == kept.transfers["own"]]
    kept.plan()

    def killed(_cursor: object, _positions: object, _keys: object) -> int:
        raise KeyboardInterrupt

    house = kept.inside.house
    living = house.expiring
    house.expiring = ExpiryWriter(house.purger, killed)
    with pytest.raises(KeyboardInterrupt):
        retaining(kept.inside, kept.inside.follow).expire(kept.inside.now, ACTOR)
    house.expiring = living
    assert keys_of(kept, "own") > {under}
    assert copies_of(kept, "own") == 2
    kept.retaining = retaining(kept.inside, kept.inside.follow)
    kept.on(AFTER + timedelta(days=1))
    report = kept.purge()
    assert report.carried == 0
    assert kept.living() == {"own"}
    assert copies_of(kept, "own") == 2
    assert content_of(told(kept, "P1")) == before
    assert sorted(key.is_used for key in house.dying.held([owner])) == [False, True]
    is_sound(kept)


def test_a_run_that_is_cut_off_before_it_copies_makes_no_key_twice(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    owner = hold_on(kept, "P1")
    kept.on(AFTER)
    kept.plan()
    made = Copies.key_for

    def killed(self: Copies, keeper: UUID, dying: set[bytes]) -> None:
        made(self, keeper, dying)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Copies, "key_for", killed)
        with pytest.raises(KeyboardInterrupt):
            kept.expire()
    held = kept.inside.house.dying.held
    assert [key.is_used for key in held([owner])] == [False, False]
    kept.expire()
    assert sorted(key.is_used for key in held([owner])) == [False, True]
    assert kept.living() == {"own"}


def test_copies_of_an_older_version_under_one_key_are_read_and_parted(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    for n in range(3):
        kept.sent(f"own{n}", "P1")
    kept.sent("both", "P1", "P2")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    owner = keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    house = kept.inside.house
    # An older version made one key for all copies of a hold or a case, and no other.
    spare = [key.key_id for key in house.dying.held([owner]) if not key.is_used]
    with psycopg.connect(kept.inside.database.admin) as admin:
        admin.execute("DELETE FROM ledger.data_keys WHERE key_id = ANY(%s)", (spare,))
    house.keys.forget(spare)
    [shared] = house.dying.held([owner])
    assert kept.living() == {"own0", "own1", "own2", "both", "others"}
    kept.on(LATER)
    kept.purge()
    assert shared.key_id in {key.key_id for key in house.dying.held([owner])}
    unlink(kept, "P1", "P2")
    before = content_of(told(kept, "P1"))
    report = kept.purge()
    assert report.carried == 4
    assert shared.key_id in expired_keys(kept)
    assert kept.living() == {"own0", "own1", "own2", "both"}
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "P2") == []
    assert sorted(key.is_used for key in house.dying.held([owner])) == [False, True]
    is_sound(kept)


def test_the_plan_names_the_hold_that_keeps_the_rest(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("others", "P2")
    link(kept, "P1", "P2")
    hold = hold_on(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    unlink(kept, "P1", "P2")
    planned = kept.plan().planned
    assert planned is not None
    assert (planned.holds, planned.counts["keys"]) == ((hold,), 1)
