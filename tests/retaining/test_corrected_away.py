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
from ledger.commands import CorrectTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.reviews import review_of
from tests.ledger.case_given import APPROVE, APPROVER, SUBMIT, dispatched
from tests.ledger.excluding import exclude
from tests.ledger.given import ACTOR, data
from tests.ledger.test_case_stored import state, step
from tests.retaining.desk import closed, identified, received, verified
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import told
from tests.retaining.test_unnamed_copies import AFTER, DAY, is_sound, keys_of

LATER: Final = date(2027, 6, 1)
FLOOR: Final = timedelta(days=30)
"""The correction itself lives at least so long, and with it what it corrects."""


def given_to(kept: Keeper, key: str, *people: str) -> None:
    """It turns out that the record is of these people."""
    changes = {"principals": data(*people)["principals"]}
    command = CorrectTransfer(random_uuid(), ACTOR, kept.transfers[key], changes, "取り違え")
    kept.inside.ledger.correct(command, kept.inside.now, includes_hidden=True)


def runs(kept: Keeper, begin: date) -> Iterator[set[str]]:
    """What lives after the run of that day, and after that of the day the correction dies."""
    for day in (begin, begin + FLOOR):
        kept.on(day)
        kept.purge()
        yield kept.living()


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
    copies = {key.key_id for key in kept.inside.house.expiry_queries.copy_keys([hold])}
    assert keys_of(kept, "x").isdisjoint(copies), "the hold keeps it no more"
    is_sound(kept)
    closed(kept, case)
    kept.on(LATER + FLOOR + timedelta(days=1))
    kept.purge()
    assert kept.living() == {"own"}


def replied_without(kept: Keeper, case: UUID) -> None:
    [entry] = [one for one in told(kept, "P1") if one.transfer == kept.transfers["x"]]
    exclude(kept.inside, entry.position, of="P1")
    replied(kept, case)


def replied_but_that(kept: Keeper, case: UUID) -> None:
    replied(kept, case, WithheldPart(kept.transfers["x"], "ART33_2_I", "理由"))


NOT_SHOWN: Final[dict[str, Callable[[Keeper, UUID], None]]] = {
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
