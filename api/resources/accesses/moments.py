"""Where in the ledger a day ended: positions and the instants of their headers."""

from datetime import date, datetime, time, timedelta
from typing import Final

from ledger.clock import JAPAN
from ledger.format.header import read_header
from ledger.store.recorder import LedgerRecorder

_LAST_DAY: Final = date.max


def end_of(day: date) -> datetime:
    """The first instant after the day, in Japan."""
    if day == _LAST_DAY:
        return datetime.max.replace(tzinfo=JAPAN)
    return datetime.combine(day + timedelta(days=1), time(), JAPAN)


def last_before(reads: LedgerRecorder, end: datetime) -> int:
    """The last position that was recorded before an instant; 0 when none was.

    Halves the ledger: some twenty headers are read. Events of one moment may stand in either order
    of their instants, so at the border one of them may fall on the other side.
    """
    known, beyond = 0, reads.head() + 1
    while beyond - known > 1:
        middle = (known + beyond) // 2
        if instant_at(reads, middle) < end:
            known = middle
        else:
            beyond = middle
    return known


def instant_at(reads: LedgerRecorder, position: int) -> datetime:
    """When the event at that position was recorded.

    Raises:
        PositionHoleError: there is no such position.
    """
    return read_header(reads.headers_at([position])[position]).at
