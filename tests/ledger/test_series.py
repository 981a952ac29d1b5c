"""A collective record: its messages, its days, whether more is to come."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ledger import series
from ledger.events import SeriesClosed, SeriesEvent, SeriesExtended, SeriesOpened
from ledger.policies.context import SeriesDays
from ledger.values import transfer_of
from tests.ledger.given import SOURCE, data, expired, facts

FIRST, SECOND, THIRD = (UUID(int=n) for n in (1, 2, 3))


def message(**days: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a transfer
    return data(method="collective", series_id="S1", **{"transferred_on": None, **days})


def open_period(day: str) -> dict[str, Any]:
    return {**message(transferred_from=day), "transferred_to": None}


def joined(*messages: tuple[UUID, dict[str, Any]]) -> tuple[list[SeriesEvent], series.State]:
    events: list[SeriesEvent] = []
    state: series.State | None = None
    for stream, content in messages:
        events += series.add(state, transfer_of(content), stream, SOURCE)
        state = series.fold(None, facts(events))
    assert state is not None
    return events, state


def test_a_first_single_day_opens_the_series_and_adds_its_day() -> None:
    events, state = joined((FIRST, message(transferred_on="2026-05-01")))
    assert events == [
        SeriesOpened(SOURCE, "S1", FIRST, "provided", "collective", date(2026, 5, 1)),
        SeriesExtended(FIRST, date(2026, 5, 1)),
    ]
    assert series.days(state) == SeriesDays(date(2026, 5, 1), open=True)


def test_an_open_period_opens_the_series_without_a_last_day() -> None:
    events, state = joined((FIRST, open_period("2026-05-01")))
    assert [type(event) for event in events] == [SeriesOpened]
    assert series.days(state) == SeriesDays(None, open=True)


def test_a_closing_message_closes_it() -> None:
    closing = message(transferred_from="2026-05-01", transferred_to="2026-05-31")
    events, state = joined((FIRST, open_period("2026-05-01")), (SECOND, closing))
    assert events[-1] == SeriesClosed(SECOND, date(2026, 5, 31))
    assert state.messages == (FIRST, SECOND)
    assert series.days(state) == SeriesDays(date(2026, 5, 31), open=False)


def test_a_day_after_the_closing_extends_it_and_leaves_it_closed() -> None:
    closing = message(transferred_from="2026-05-01", transferred_to="2026-05-31")
    later = message(transferred_on="2026-06-02")
    _, state = joined((FIRST, closing), (SECOND, later))
    assert series.days(state) == SeriesDays(date(2026, 6, 2), open=False)


def test_an_earlier_day_never_moves_the_end_back() -> None:
    _, state = joined(
        (FIRST, message(transferred_on="2026-05-09")),
        (SECOND, message(transferred_on="2026-05-02")),
    )
    assert state.last_day == date(2026, 5, 9)
    assert state.first_day == date(2026, 5, 9)


def test_an_open_period_after_the_closing_opens_it_again() -> None:
    closing = message(transferred_from="2026-05-01", transferred_to="2026-05-31")
    events, state = joined((FIRST, closing), (SECOND, open_period("2026-07-01")))
    assert events[-1] == SeriesExtended(SECOND, None)
    assert state.open
    assert state.last_day == date(2026, 5, 31)
    _, state = joined(
        (FIRST, closing),
        (SECOND, open_period("2026-07-01")),
        (THIRD, message(transferred_from="2026-07-01", transferred_to="2026-07-20")),
    )
    assert series.days(state) == SeriesDays(date(2026, 7, 20), open=False)


def test_a_message_without_a_day_cannot_join() -> None:
    undated = message(date_not_recorded=True, backfill={"source_system": "旧", "batch": "1"})
    with pytest.raises(AssertionError):
        series.add(None, transfer_of(undated), FIRST, SOURCE)


def test_a_series_without_a_state_has_no_days() -> None:
    assert series.days(None) is None
    assert series.fold(None, facts([expired("series-opened")])) is None
