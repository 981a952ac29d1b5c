"""A record that is corrected to another person is named no more by who kept it for the first one.

Only a case whose reply showed it keeps it: as long as it is open, that letter told of a stranger.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import pytest

from api.case_replies.records import RecordFinder
from api.case_replies.since import Since
from ledger.cases.events.case import WithheldPart
from ledger.cases.steps import Decide
from ledger.commands import CorrectTransfer, ReclassifyTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.reviews import review_of
from ledger.values import Json
from tests.ledger.case_given import APPROVE, APPROVER, SUBMIT, dispatched
from tests.ledger.excluding import exclude
from tests.ledger.given import ACTOR, data
from tests.ledger.test_case_stored import state, step
from tests.retaining.desk import closed, held_keys, identified, received, reopened, sent, verified
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, correct, in_clear, told
from tests.retaining.test_unnamed_copies import (
    AFTER,
    DAY,
    KEEPERS,
    copies_of,
    is_sound,
    keys_of,
    link,
)

LATER: Final = date(2027, 6, 1)
FLOOR: Final = timedelta(days=30)
"""The correction itself lives at least so long, and with it what it corrects."""


@pytest.fixture(params=KEEPERS)
def keeps(request: pytest.FixtureRequest) -> Callable[..., UUID]:
    return KEEPERS[request.param][0]


def given_to(kept: Keeper, key: str, *people: str) -> None:
    """It turns out that the record is of these people."""
    principals: Json = [{"scheme": "member", "id": one} for one in people]
    changes = {"principals": principals}
    command = CorrectTransfer(random_uuid(), ACTOR, kept.transfers[key], changes, "取り違え")
    kept.inside.ledger.correct(command, kept.inside.now, sees_all=True)


def runs(kept: Keeper, begin: date) -> Iterator[set[str]]:
    """What lives after the run of that day, and after that of the day the correction dies."""
    for day in (begin, begin + FLOOR):
        kept.on(day)
        kept.purge()
        yield kept.living()


def test_it_goes_when_its_correction_does_and_what_is_named_stays_as_it_was(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("x", "CANARY")
    kept.sent("y", "P2")
    link(kept, "P1", "CANARY")
    owner = keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"own", "x"}
    kept.on(LATER)
    given_to(kept, "x", "P9")
    before = [one for one in content_of(told(kept, "P1")) if one[0] == kept.transfers["own"]]
    assert list(runs(kept, LATER)) == [{"own", "x"}, {"own"}]
    assert content_of(told(kept, "P1")) == before
    assert told(kept, "P9") == []
    assert [one.transfer for one in told(kept, "CANARY")] == [kept.transfers["own"]]
    assert held_keys(kept) == [(owner, None)]
    is_sound(kept)
    kept.on(LATER + 2 * FLOOR)
    assert kept.purge().expired == ()


def test_of_what_is_corrected_before_its_day_no_copy_is_made(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("x", "P1")
    keeps(kept, "P1")
    kept.on("2026-06-01")
    given_to(kept, "x", "P9")
    kept.on(AFTER)
    kept.purge()
    assert (kept.living(), copies_of(kept, "x"), held_keys(kept)) == (set(), 0, [])


def test_it_goes_where_a_person_who_is_not_named_is_left_in_it(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("x", "P1", "P2")
    keeps(kept, "P1")
    kept.on("2026-06-01")
    given_to(kept, "x", "P9", "P2")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == set()


def test_it_stays_while_one_who_is_named_stands_in_it(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("x", "P1", "P2", "CANARY")
    link(kept, "P1", "P2")
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    kept.on(LATER)
    given_to(kept, "x", "P2", "P9")
    assert list(runs(kept, LATER)) == [{"x"}, {"x"}]
    assert [len(told(kept, who)) for who in ("P1", "P9")] == [1, 0]
    assert "CANARY" not in in_clear(kept)
    is_sound(kept)


def test_it_stays_when_it_is_corrected_back_before_the_run(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("x", "P1")
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    kept.on(LATER)
    given_to(kept, "x", "P9")
    given_to(kept, "x", "P1")
    assert list(runs(kept, LATER)) == [{"x"}, {"x"}]
    assert len(told(kept, "P1")) == 1


def test_a_correction_of_anything_else_takes_it_from_nobody(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("x", "P1")
    kept.sent("y", "P1")
    keeps(kept, "P1")
    kept.on("2026-06-01")
    correct(kept, "x", {"purpose": "広告"})
    command = ReclassifyTransfer(
        random_uuid(), ACTOR, kept.transfers["y"], {"basis": "none"}, "同意なし"
    )
    kept.inside.ledger.correct(command, kept.inside.now)
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"x", "y"}


def test_a_hold_on_the_transfer_itself_keeps_it_whoever_stands_in_it(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("x", "P1")
    kept.hold("監査", transfer=kept.transfers["x"])
    kept.hold("訴訟", "P1")
    kept.on(AFTER)
    kept.purge()
    kept.on(LATER)
    given_to(kept, "x", "P9")
    assert list(runs(kept, LATER)) == [{"x"}, {"x"}]
    assert len(told(kept, "P9")) == 1


def test_who_holds_the_other_person_keeps_it_and_not_the_first(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("x", "CANARY")
    kept.hold("訴訟", "CANARY")
    other = kept.hold("訴訟", "P9")
    kept.on(AFTER)
    kept.purge()
    kept.on(LATER)
    given_to(kept, "x", "P9")
    assert list(runs(kept, LATER)) == [{"x"}, {"x"}]
    assert (len(told(kept, "P9")), [one for one, _ in held_keys(kept)]) == (1, [other])


def test_a_period_that_is_still_open_and_its_base_go_too(
    kept: Keeper, keeps: Callable[..., UUID]
) -> None:
    kept.on(DAY)
    kept.sent("base", "P3")
    kept.sent("x", "P1", base_record="base", omitted_items=["COUNTERPARTY"])
    period = {"method": "collective", "transferred_on": None, "transferred_from": DAY}
    kept.record("open", data("P1", **period) | {"transferred_to": None})
    keeps(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"base", "x", "open"}
    kept.on(LATER)
    given_to(kept, "x", "P9")
    correct(kept, "open", {"principals": [{"scheme": "member", "id": "P9"}], "transferred_to": DAY})
    assert list(runs(kept, LATER)) == [{"base", "x", "open"}, set[str]()]


# -- what a reply showed --------------------------------------------------------------------------


def flags(kept: Keeper, case: UUID) -> set[str]:
    kept.inside.follow()
    house = kept.inside.house
    streams = house.streams
    since = Since(
        RecordFinder(house.histories, streams),
        streams,
        lambda one, upto: review_of(streams, one, upto),
        house.quarantine().received,
        house.names,
    )
    return set(since.flags(state(kept.inside, case)))


def replied(kept: Keeper, case: UUID, *withheld: WithheldPart) -> None:
    """A reply about P1 goes out that withholds this much."""
    verified(kept, case)
    identified(kept, case, "P1")
    found = tuple(one.transfer for one in kept.inside.page("P1").entries)
    step(kept.inside, case, Decide(found, (), withheld))
    step(kept.inside, case, SUBMIT)
    step(kept.inside, case, APPROVE, by=APPROVER)
    step(kept.inside, case, dispatched(kept.today))


def test_what_a_reply_showed_stays_with_its_flag_until_the_case_ends(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("x", "P1")
    hold = kept.hold("訴訟", "P1")
    kept.on("2027-03-20")
    case = received(kept, "P1")
    replied(kept, case)
    kept.on(AFTER)
    kept.purge()
    assert flags(kept, case) == set()
    kept.on(LATER)
    given_to(kept, "x", "CANARY")
    flagged = flags(kept, case)
    assert flagged == {"REOPENED", "LEAK_ASSESSMENT"}
    assert list(runs(kept, LATER)) == [{"own", "x"}, {"own", "x"}]
    assert flags(kept, case) == flagged
    assert told(kept, "CANARY") == [], "what the other person's line says is not kept for the case"
    copies = {key.key_id for key in kept.inside.house.dying.held([hold])}
    assert keys_of(kept, "x").isdisjoint(copies), "the hold keeps it no more"
    is_sound(kept)
    closed(kept, case)
    kept.on(LATER + FLOOR + timedelta(days=1))
    kept.purge()
    assert kept.living() == {"own"}


def test_a_case_that_is_opened_again_keeps_what_its_reply_showed(kept: Keeper) -> None:
    kept.on("2027-03-20")
    kept.sent("x", "P1", recorded_on=DAY)
    case = received(kept, "P1")
    verified(kept, case)
    sent(kept, case, "P1")
    closed(kept, case)
    given_to(kept, "x", "P9")
    reopened(kept, case)
    kept.on(LATER)
    kept.purge()
    assert (kept.living(), "LEAK_ASSESSMENT" in flags(kept, case)) == ({"x"}, True)


def replied_without(kept: Keeper, case: UUID) -> None:
    [entry] = [one for one in told(kept, "P1") if one.transfer == kept.transfers["x"]]
    exclude(kept.inside, entry.position, of="P1")
    replied(kept, case)


def replied_but_that(kept: Keeper, case: UUID) -> None:
    replied(kept, case, WithheldPart(kept.transfers["x"], "ART33_2_I", "理由"))


NOT_SHOWN: Final[dict[str, Callable[[Keeper, UUID], None]]] = {
    "not decided yet": verified,
    "withheld as a whole": replied_but_that,
    "excluded": replied_without,
}


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_no_reply_showed_goes_although_the_case_is_open(kept: Keeper, name: str) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("x", "P1")
    kept.on("2027-03-20")
    case = received(kept, "P1")
    NOT_SHOWN[name](kept, case)
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"own", "x"}
    kept.on(LATER)
    given_to(kept, "x", "P9")
    assert list(runs(kept, LATER)) == [{"own", "x"}, {"own"}]
    assert "LEAK_ASSESSMENT" not in flags(kept, case)


def test_what_was_linked_after_the_reply_was_not_shown_by_it(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("own", "P1")
    kept.sent("x", "P2")
    kept.on("2027-03-20")
    case = received(kept, "P1")
    replied(kept, case)
    link(kept, "P1", "P2")
    kept.on(AFTER)
    kept.purge()
    assert kept.living() == {"own", "x"}
    kept.on(LATER)
    given_to(kept, "x", "P9")
    assert list(runs(kept, LATER)) == [{"own", "x"}, {"own"}]
