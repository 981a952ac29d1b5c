"""A collective record: its messages, its days, whether more is to come."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands import CorrectTransfer, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.events import SeriesEvent, SeriesExtended, SeriesOpened
from ledger.series import series
from ledger.service import RecordOutcome
from ledger.streams.history import HistoryEntry
from ledger.values import transfer_of
from tests.ledger.given import ACTOR, SOURCE, data, expired, facts
from tests.ledger.inside import Inside

FIRST, SECOND = (UUID(int=n) for n in (1, 2))
OPEN, CLOSED = True, False


def days(state: series.State | None) -> tuple[date | None, bool]:
    """The last day, and whether more is to come."""
    assert state is not None
    return state.last_day, state.open


def message(**days: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    return data(method="collective", series_id="S1", **{"transferred_on": None, **days})


def open_period(day: str) -> dict[str, Any]:
    return {**message(transferred_from=day), "transferred_to": None}


def joined(*messages: tuple[UUID, dict[str, Any]]) -> tuple[list[SeriesEvent], series.State]:
    events: list[SeriesEvent] = []
    state: series.State | None = None
    for stream, content in messages:
        events += series.add(transfer_of(content), stream, SOURCE, is_first=state is None)
        state = series.fold(None, facts(events))
    assert state is not None
    return events, state


def test_a_first_single_day_opens_the_series_and_adds_its_day() -> None:
    events, state = joined((FIRST, message(transferred_on="2026-05-01")))
    assert events == [
        SeriesOpened(SOURCE, "S1", FIRST, "provided", "collective", date(2026, 5, 1)),
        SeriesExtended(FIRST, date(2026, 5, 1)),
    ]
    assert days(state) == (date(2026, 5, 1), OPEN)


def test_an_open_period_opens_the_series_without_a_last_day() -> None:
    events, state = joined((FIRST, open_period("2026-05-01")))
    assert [type(event) for event in events] == [SeriesOpened]
    assert days(state) == (None, OPEN)


# -- corrected and retracted messages ----------------------------------------------------------


def after(events: list[SeriesEvent], *more: SeriesEvent) -> series.State:
    state = series.fold(None, facts([*events, *more]))
    assert state is not None
    return state


def left(events: list[SeriesEvent], stream: UUID) -> series.State:
    return after(events, *series.leave(after(events), stream))


CLOSING = message(transferred_from="2026-05-01", transferred_to="2026-05-31")


def moved(events: list[SeriesEvent], stream: UUID, content: dict[str, Any]) -> series.State:
    return after(events, *series.move(after(events), transfer_of(content), stream))


def test_a_closing_message_corrected_to_an_open_period_opens_the_series() -> None:
    earlier = message(transferred_from="2026-04-01", transferred_to="2026-04-30")
    events, _ = joined((FIRST, earlier), (SECOND, CLOSING))
    state = moved(events, SECOND, open_period("2026-05-01"))
    assert days(state) == (date(2026, 4, 30), OPEN)
    closed = after(
        [*events, *series.move(after(events), transfer_of(open_period("2026-05-01")), SECOND)],
        *series.move(state, transfer_of(CLOSING), SECOND),
    )
    assert days(closed) == (date(2026, 5, 31), CLOSED)


def test_without_the_period_that_opened_it_again_the_series_is_closed() -> None:
    events, state = joined((FIRST, CLOSING), (SECOND, open_period("2026-07-01")))
    assert state.open
    assert series.leave(state, SECOND) == (
        SeriesExtended(SECOND, date(2026, 5, 1)),
        SeriesExtended(SECOND, None),
    )
    assert days(left(events, SECOND)) == (date(2026, 5, 31), CLOSED)


def test_a_series_whose_messages_are_all_retracted_stands_for_nothing() -> None:
    events, state = joined((FIRST, CLOSING))
    assert state.is_active
    emptied = left(events, FIRST)
    assert not emptied.is_active
    assert days(emptied) == (None, OPEN)


def test_a_correction_of_something_else_does_not_move_the_series() -> None:
    events, state = joined((FIRST, CLOSING), (SECOND, open_period("2026-07-01")))
    assert series.move(state, transfer_of({**CLOSING, "items": ["住所"]}), FIRST) == ()
    assert series.move(state, transfer_of(open_period("2026-07-02")), SECOND) == ()
    assert after(events).open


# -- messages that one may not know of (Order 11) ----------------------------------------------


def known(state: series.State, *hidden: UUID) -> tuple[date | None, bool]:
    shown = series.without(state, hidden)
    assert shown.messages == state.messages
    return days(shown)


@given(st.data())
def test_what_one_may_know_is_the_series_without_the_hidden_messages(draws: st.DataObject) -> None:
    contents = st.sampled_from(
        [
            message(transferred_on="2026-05-02"),
            message(transferred_on="2026-05-09"),
            open_period("2026-05-05"),
            CLOSING,
            message(transferred_from="2026-05-01", transferred_to="2026-05-07"),
        ]
    )
    said: dict[UUID, dict[str, Any]] = {}
    events: list[SeriesEvent] = []
    state: series.State | None = None
    for _ in range(draws.draw(st.integers(1, 8))):
        stream = UUID(int=draws.draw(st.integers(1, 4)))
        content = draws.draw(contents)
        if state is None or stream not in said:
            events += series.add(transfer_of(content), stream, SOURCE, is_first=state is None)
            said[stream] = content
        elif draws.draw(st.booleans()):
            events += series.move(state, transfer_of(content), stream)
            said[stream] = content
        else:
            events += series.leave(state, stream)
            said[stream] = {}
        state = series.fold(None, facts(events))
    assert state is not None
    hidden = draws.draw(st.sets(st.sampled_from(sorted(said))))
    shown = [content for stream, content in said.items() if stream not in hidden and content]
    days = [one.get("transferred_to") or one.get("transferred_on") for one in shown]
    switches = ["transferred_on" not in one for one in shown]
    last = max((date.fromisoformat(day) for day in days if day), default=None)
    periods = [one for one, switch in zip(shown, switches, strict=True) if switch]
    is_open = not periods or periods[-1]["transferred_to"] is None
    assert known(state, *hidden) == (last, is_open)


def test_a_message_without_a_day_cannot_join() -> None:
    undated = message(date_not_recorded=True, backfill={"source_system": "旧", "batch": "1"})
    with pytest.raises(AssertionError):
        series.add(transfer_of(undated), FIRST, SOURCE, is_first=True)


def test_a_series_without_its_opening_has_no_state() -> None:
    assert series.fold(None, facts([expired("series-opened")])) is None


# -- when a collective record ends, as histories and verdicts tell it: corrections, Order 11 -------

NO_END = (None, None)
"""The last day and the end of the retention of a record whose period is open."""
CLOSED_IN_MAY = {"transferred_from": "2026-04-01", "transferred_to": "2026-05-20"}


def sent(who: str = "P1", **days: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    members = {"method": "collective", "series_id": "S1", "transferred_on": None, **days}
    return data(who, **members)


def opening(who: str = "P1") -> dict[str, Any]:
    return {**sent(who, transferred_from="2026-04-01"), "transferred_to": None}


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
    closing = house.record("t2", sent(**CLOSED_IN_MAY)).transfer
    before = house.follow()
    assert end(house) == (date(2026, 5, 20), date(2029, 5, 19))
    retract(house, closing)
    assert end(house) == NO_END
    assert {one.transfer for one in house.page("P1").entries if one.retracted} == {closing}
    # What was true then is still answered for then.
    [then] = house.page("P1", as_of=before).entries
    assert then.verdict.retain_through == date(2029, 5, 19)
    house.record("t3", sent(transferred_on="2026-05-25"))
    assert end(house) == NO_END
    house.record("t4", sent(**CLOSED_IN_MAY))
    assert end(house) == (date(2026, 5, 25), date(2029, 5, 24))


# -- messages that one may not know of (Order 11) ----------------------------------------------


def test_no_verdict_in_the_batch_of_a_closing_depends_on_it(house: Inside) -> None:
    outcomes = house.send(
        [
            house.asked("t1", sent("P2", **CLOSED_IN_MAY), mark=2),
            house.asked("t2", sent("P1", transferred_on="2026-05-25")),
            house.asked("t3", sent("P3", **CLOSED_IN_MAY)),
        ]
    )
    assert [retained(one) for one in outcomes[1:]] == [None, date(2029, 5, 19)]
    assert end(house, "P1") == (date(2026, 5, 25), date(2029, 5, 24))


@pytest.mark.parametrize("mark", [0, 2])
def test_correcting_and_retracting_leave_the_same_traces_beside_a_marked_closing(
    house: Inside, mark: int
) -> None:
    first = house.record("t1", sent("P1", **CLOSED_IN_MAY)).transfer
    closing = sent("P2", transferred_from="2026-04-01", transferred_to="2026-05-30")
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
