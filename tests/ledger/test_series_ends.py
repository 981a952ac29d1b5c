"""When a collective record ends, as histories and verdicts tell it: corrections, Order 11."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ledger.commands import CorrectTransfer, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.service import RecordOutcome
from ledger.streams.history import HistoryEntry
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside

OPEN = (None, None)
"""The last day and the end of the retention of a record whose period is open."""
CLOSING = {"transferred_from": "2026-04-01", "transferred_to": "2026-05-20"}


def message(who: str = "P1", **days: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    members = {"method": "collective", "series_id": "S1", "transferred_on": None, **days}
    return data(who, **members)


def opening(who: str = "P1") -> dict[str, Any]:
    return {**message(who, transferred_from="2026-04-01"), "transferred_to": None}


def retract(house: Inside, transfer: UUID) -> None:
    command = RetractTransfer(random_uuid(), ACTOR, transfer, "not_occurred")
    house.ledger.retract(command, house.now)


def standing(house: Inside, who: str = "P1") -> HistoryEntry:
    [entry] = [one for one in house.page(who).entries if one.retracted is None]
    return entry


def end(house: Inside, who: str = "P1") -> tuple[date | None, date | None]:
    entry = standing(house, who)
    return entry.last_day, entry.verdict.retain_through


def retained(outcome: RecordOutcome) -> date | None:
    assert outcome.verdict is not None
    return outcome.verdict.retain_through


# -- messages that do not stand ----------------------------------------------------------------


def test_retracting_the_message_that_closed_a_series_opens_it_again(house: Inside) -> None:
    house.record("t1", opening())
    closing = house.record("t2", message(**CLOSING)).transfer
    before = house.follow()
    assert end(house) == (date(2026, 5, 20), date(2029, 5, 19))
    retract(house, closing)
    assert end(house) == OPEN
    assert {one.transfer for one in house.page("P1").entries if one.retracted} == {closing}
    # What was true then is still answered for then.
    [then] = house.page("P1", as_of=before).entries
    assert then.verdict.retain_through == date(2029, 5, 19)
    house.record("t3", message(transferred_on="2026-05-25"))
    assert end(house) == OPEN
    house.record("t4", message(**CLOSING))
    assert end(house) == (date(2026, 5, 25), date(2029, 5, 24))


# -- messages that one may not know of (Order 11) ----------------------------------------------


def test_no_verdict_in_the_batch_of_a_closing_depends_on_it(house: Inside) -> None:
    outcomes = house.send(
        [
            house.asked("t1", message("P2", **CLOSING), mark=2),
            house.asked("t2", message("P1", transferred_on="2026-05-25")),
            house.asked("t3", message("P3", **CLOSING)),
        ]
    )
    assert [retained(one) for one in outcomes[1:]] == [None, date(2029, 5, 19)]
    assert end(house, "P1") == (date(2026, 5, 25), date(2029, 5, 24))


@pytest.mark.parametrize("mark", [0, 2])
def test_correcting_and_retracting_leave_the_same_traces_beside_a_marked_closing(
    house: Inside, mark: int
) -> None:
    first = house.record("t1", message("P1", **CLOSING)).transfer
    closing = message("P2", transferred_from="2026-04-01", transferred_to="2026-05-30")
    house.record("t2", closing, mark)
    before = house.head()
    changes = {"transferred_to": "2026-05-22"}
    command = CorrectTransfer(random_uuid(), ACTOR, first, changes, "終期の誤り")
    house.ledger.correct(command, house.now)
    retract(house, first)
    assert [event.type for event in house.events()[before:]] == [
        "transfer-corrected",
        "series-closed",
        "transfer-retracted",
        "series-extended",
    ]
