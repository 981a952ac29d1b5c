"""When a series ends, told from its own events in the plainest way."""

from collections.abc import Sequence
from datetime import date, timedelta

from tests.oracle.decoder import Seen

Ends = tuple[str | None, bool]


def series_at(events: Sequence[Seen], stream: str) -> tuple[str | None, bool]:
    """(last day, whether more is to come) of a series."""
    last, is_open = None, True
    for event in events:
        if event.stream == stream:
            day = event.facts.get("last_day")
            last = max(last or day, day) if day is not None else last
            if event.type == "series-closed":
                is_open = False
            elif event.type == "series-opened" or day is None:
                is_open = True
    return last, is_open


def ends_as_shown(is_open: bool, days: Sequence[str | None], closes: bool) -> Ends:  # noqa: FBT001 -- facts
    """What the messages that are shown tell of the series, where one is left out (Order 11)."""
    return max((day for day in days if day is not None), default=None), is_open or not closes


def three_years(last: str) -> str:
    """The day before the corresponding one (no series of the tests ends on a 29 February)."""
    day = date.fromisoformat(last)
    return (day.replace(year=day.year + 3) - timedelta(days=1)).isoformat()
