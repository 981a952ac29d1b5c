"""Records that take items from each other die on their day; a base goes with who needs it.

The shorter ones are in the stories (`stories`).
"""

from datetime import date, timedelta
from typing import Any, Final

import psycopg

from api.cli.audit import Audit
from api.cli.fsck import IndexCheck, forged_events, lookup_faults, ring_faults_of
from ledger.commands import CorrectTransfer, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.store.recorder import LedgerRecorder
from ledger.values import Json
from projections.log.full_check import examined
from tests.ledger.given import ACTOR, data
from tests.retaining.keeper import Keeper

DAY: Final = "2024-04-01"
BASED: Final = {"omitted_items": ["COUNTERPARTY"]}
OPEN: Final = {"method": "collective", "transferred_on": None, "transferred_from": DAY}
SHUT: Final = {**OPEN, "transferred_to": DAY}
# A collective record is kept for three years from its end, an ordinary one from its day.
ENDED: Final = date(2027, 4, 1)
LAST: Final = date(2027, 4, 2)
EACH_OTHER: Final = (("1", "2"), ("2", "1"))


def opened(kept: Keeper, key: str, who: str, **changes: object) -> None:
    kept.record(key, {**data(who, **{**OPEN, **changes}), "transferred_to": None})


def correct(kept: Keeper, key: str, **changes: Json) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, kept.transfers[key], changes, "誤り")
    kept.inside.ledger.correct(command, kept.inside.now)


def retract(kept: Keeper, key: str) -> None:
    command = RetractTransfer(random_uuid(), ACTOR, kept.transfers[key], "not_occurred")
    kept.inside.ledger.retract(command, kept.inside.now)


def series_of_each_other(kept: Keeper, **changes: Any) -> None:  # noqa: ANN401 -- of a transfer
    for own, other in EACH_OTHER:
        named = {"base_record": f"m{other}", **BASED, **changes}
        kept.sent(f"m{own}", f"P{own}", method="collective", series_id=f"S{own}", **named)
        kept.sent(f"c{own}", f"P{own}", series_id=f"S{own}", **SHUT)


def living_on(kept: Keeper, day: date) -> set[str]:
    kept.on(day)
    kept.purge()
    return kept.living()


def undated(kept: Keeper) -> list[tuple[str, date | None]]:
    """What the ring has of keys that sealed transfers, and of copies."""
    with psycopg.connect(kept.inside.database.admin) as admin:
        return admin.execute(
            "SELECT key_class, day FROM ledger.data_keys"
            " WHERE key_class IN ('series', 'record', 'held') ORDER BY 1, 2"
        ).fetchall()


def nothing_is_wrong(kept: Keeper) -> None:
    """As `ledger fsck` and `ledger audit` look at it."""
    house = kept.inside.house
    index, reads = IndexCheck(house), LedgerRecorder(house.reader)
    looks = (index.opened, house.streams.verified_fact, None, house.secret.expiry_proof)
    assert not examined(reads, house.reader, *looks).faults
    assert not [*index.faults, *forged_events(house), *ring_faults_of(house), *lookup_faults(house)]
    assert list(Audit(house).lines()) == []


def test_two_series_that_take_items_from_each_other_die_on_their_day(kept: Keeper) -> None:
    kept.on(DAY)
    series_of_each_other(kept)
    assert living_on(kept, ENDED - timedelta(days=1)) == {"m1", "c1", "m2", "c2"}
    assert living_on(kept, ENDED) == set()
    assert undated(kept) == []


def test_periods_that_took_items_from_each_other_while_they_were_open_die_on_their_day(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    for own, other in EACH_OTHER:
        opened(kept, f"o{own}", f"P{own}", base_record=f"o{other}", **BASED)
    for own in "12":
        correct(kept, f"o{own}", transferred_to=DAY)
    assert living_on(kept, ENDED - timedelta(days=1)) == {"o1", "o2"}
    assert living_on(kept, ENDED) == set()
    assert undated(kept) == []


def test_a_series_and_a_record_that_take_items_from_each_other_die_on_their_day(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    kept.sent("m", "P1", method="collective", series_id="S1", base_record="b", **BASED)
    kept.sent("c", "P1", series_id="S1", **SHUT)
    kept.sent("b", "P2", base_record="m", **BASED)
    # The record is due a day later, and needs the series until then.
    assert living_on(kept, ENDED) == {"m", "c", "b"}
    assert living_on(kept, LAST) == set()
    assert undated(kept) == []


def test_an_officer_makes_nothing_undying_by_correcting_a_base(kept: Keeper) -> None:
    kept.on(DAY)
    opened(kept, "o1", "P1")
    opened(kept, "o2", "P2", base_record="o1", **BASED)
    kept.on("2024-06-01")
    for key in ("o1", "o2"):
        correct(kept, key, transferred_to="2024-05-31")
    correct(kept, "o1", base_record="o2", omitted_items=["ITEMS"])
    assert living_on(kept, date(2027, 5, 30)) == {"o1", "o2"}
    assert living_on(kept, date(2027, 5, 31)) == set()


def test_a_stranger_whose_record_such_a_series_names_dies_with_it(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("stranger", "P7", "P8")
    series_of_each_other(kept)
    kept.sent(
        "n1", "P1", "P3", method="collective", series_id="S1", base_record="stranger", **BASED
    )
    assert living_on(kept, LAST) == set()


def test_what_is_known_to_go_together_is_planned_before_and_goes_after_the_window(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    series_of_each_other(kept)
    kept.every_day_to(ENDED - timedelta(days=15))
    window = timedelta(days=14)
    for ahead in range(15, -1, -1):
        kept.clock_says(ENDED - timedelta(days=ahead))
        kept.plan()
        report = kept.retaining.expire(kept.inside.now, ACTOR, notice=window)
        assert (report.unnamed, report.carried, report.kept) == ((), 0, ())
        assert bool(report.expired) is (ahead == 0)
    kept.inside.follow()
    assert kept.living() == set()
    nothing_is_wrong(kept)


def test_one_that_is_held_keeps_the_other_and_both_go_with_the_hold(kept: Keeper) -> None:
    kept.on(DAY)
    series_of_each_other(kept)
    kept.sent("b", "P3", base_record="m1", **BASED)
    hold = kept.hold("訴訟", "P3")
    alive = {"m1", "c1", "m2", "c2", "b"}
    for later in range(4):
        assert living_on(kept, LAST + timedelta(days=later)) == alive
        # By its copy under a key of the hold; no day of a series is left that is over.
        assert all(day is None for _, day in undated(kept))
    kept.release(hold)
    assert living_on(kept, kept.today) == alive
    assert living_on(kept, kept.today + timedelta(days=1)) == set()
    assert undated(kept) == []
    nothing_is_wrong(kept)


def test_a_series_stays_for_a_record_that_is_due_and_that_a_later_one_needs(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("m", "P1", method="collective", series_id="S1")
    kept.sent("c", "P1", series_id="S1", **SHUT)
    kept.sent("b", "P1", base_record="m", **BASED)
    kept.on("2024-06-01")
    kept.sent("last", "P1", base_record="b", **BASED)
    assert living_on(kept, LAST) == {"m", "c", "b", "last"}
    # It has no day that is over: nothing is late.
    assert undated(kept)[-1] == ("series", None)
    assert living_on(kept, date(2027, 6, 1)) == {"m", "c", "b", "last"}
    assert living_on(kept, date(2027, 6, 2)) == set()


def test_the_base_of_an_open_period_goes_with_it_when_it_is_retracted(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    opened(kept, "o", "P2", base_record="a", **BASED)
    assert living_on(kept, LAST + timedelta(days=1)) == {"a", "o"}
    retract(kept, "o")
    # What is retracted takes nothing from anything.
    assert living_on(kept, kept.today) == {"o"}
    assert living_on(kept, kept.today + timedelta(days=30)) == set()
    assert undated(kept) == []
    nothing_is_wrong(kept)


def test_the_base_of_an_open_period_goes_with_it_when_it_is_closed(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    contract = {"method": "contract", "contract_reference": "契約第1号", **BASED}
    opened(kept, "o", "P2", base_record="a", **contract)
    assert living_on(kept, LAST) == {"a", "o"}
    kept.on(LAST + timedelta(days=1))
    correct(kept, "o", transferred_to="2027-02-01")
    # A year from its end.
    assert living_on(kept, date(2028, 1, 31)) == {"a", "o"}
    assert living_on(kept, date(2028, 2, 1)) == set()
    assert undated(kept) == []


def test_a_base_that_only_one_message_of_an_open_series_needs_goes_without_the_series(
    kept: Keeper,
) -> None:
    kept.on(DAY)
    for number in "12":
        kept.sent(f"a{number}", f"P{number}")
        named = {"base_record": f"a{number}", **BASED}
        kept.sent(f"m{number}", f"P{number}", method="collective", series_id="S1", **named)
    assert living_on(kept, LAST) == {"a1", "a2", "m1", "m2"}
    kept.on(LAST + timedelta(days=1))
    retract(kept, "m1")
    assert living_on(kept, kept.today) == {"a2", "m1", "m2"}
    assert living_on(kept, kept.today + timedelta(days=400)) == {"a2", "m1", "m2"}
    nothing_is_wrong(kept)


def test_such_a_base_is_copied_out_for_who_needs_it_longer(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1")
    for number in "12":
        opened(kept, f"o{number}", "P1", base_record="a", **BASED)
    assert living_on(kept, LAST) == {"a", "o1", "o2"}
    retract(kept, "o1")
    assert living_on(kept, LAST + timedelta(days=30)) == {"a", "o2"}
    hold = kept.hold("訴訟", transfer=kept.transfers["a"])
    retract(kept, "o2")
    assert living_on(kept, LAST + timedelta(days=60)) == {"a"}
    kept.release(hold)
    assert living_on(kept, LAST + timedelta(days=61)) == set()
    assert undated(kept) == []


def test_what_was_written_down_before_a_period_was_opened_goes_with_it(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("a", "P1", **SHUT)
    kept.on("2024-06-01")
    correct(kept, "a", transferred_to=None)
    assert living_on(kept, LAST + timedelta(days=1)) == {"a"}
    held = [row for row in undated(kept) if row[0] == "held"]
    assert living_on(kept, LAST + timedelta(days=90)) == {"a"}
    assert [row for row in undated(kept) if row[0] == "held"] == held
    retract(kept, "a")
    assert living_on(kept, kept.today + timedelta(days=30)) == set()
    assert undated(kept) == []
