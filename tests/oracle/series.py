"""When a series ends, told from its own events in the plainest way."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from tests.oracle.decoder import Seen

Ends = tuple[str | None, bool]


def series_at(events: Sequence[Seen], stream: str, hidden: Collection[str]) -> Ends:
    """(last day, whether more is to come) of a series, as one person may know it.

    What each message said last counts, in the order in which the messages joined. A message that is
    hidden from the person under Order 11 counts for nothing.
    """
    said: dict[str, tuple[str | None, bool | None]] = {}
    for event in events:
        if event.stream != stream:
            continue
        message, day = event.record["transfer"], event.facts.get("last_day")
        if event.type == "series-closed":
            said[message] = (day, False)
        elif day is not None:
            said[message] = (day, None)
        else:  # takes its day back; one that has none is an open period
            had_day = said.get(message, (None, None))[0] is not None
            said[message] = (None, None if had_day else True)
    shown = [words for message, words in said.items() if message not in hidden]
    switches = [is_open for _, is_open in shown if is_open is not None]
    last = max((day for day, _ in shown if day is not None), default=None)
    return last, switches[-1] if switches else True


def three_years(last: str) -> str:
    """The day before the corresponding one (no series of the tests ends on a 29 February)."""
    day = date.fromisoformat(last)
    return (day.replace(year=day.year + 3) - timedelta(days=1)).isoformat()
