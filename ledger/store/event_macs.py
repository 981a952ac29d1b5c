"""The MAC beside each event: whether the ledger itself appended it.

Whoever may append, as the logins of the writer and the purger may, can append a header whose sealed
part is gone, or that needs none: nothing else tells such a one from an event of the ledger's. So an
event is believed by its MAC alone. Those of before MACs have none: the migration wrote down where
they end, in a table that only the owner writes.

Source: `docs/reference/event-format.md`, section 4; decision 0118.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.errors import ForgedEventError

EventMac = Callable[[UUID, int, str, bytes], bytes]
"""(stream, version, type, header) → 32 bytes: `LedgerSecret.event_mac`."""

EventRow = tuple[int, UUID, int, str, bytes, bytes | None]
"""Position, stream, version, type, header, MAC."""

_AFTER: LiteralString = "SELECT after FROM ledger.event_macs"
_ROWS: LiteralString = """
    SELECT notification_id, originator_id, originator_version, topic, state, mac
      FROM ledger.events
     WHERE notification_id > %b AND notification_id <= %b
     ORDER BY notification_id
"""
_ROWS_AT_ONCE = 10_000


class EventMacs:
    """Tells events of the ledger's from others. Thread-safe.

    Args:
        mac: `LedgerSecret.event_mac`.
    """

    def __init__(self, mac: EventMac) -> None:
        self.mac = mac
        self._after: int | None = None

    def check(self, connection: psycopg.Connection, rows: Iterable[EventRow]) -> None:
        """Refuse an event that the ledger did not append.

        Args:
            connection: by which the rows came.

        Raises:
            ForgedEventError: the first of the rows that is one.
        """
        for position in self.forged(connection, rows):
            raise ForgedEventError(position)

    def forged(self, connection: psycopg.Connection, rows: Iterable[EventRow]) -> Iterator[int]:
        """Positions of those of the rows that the ledger did not append, in their order."""
        right = self.mac
        for position, stream, version, topic, header, mac in rows:
            if mac is None:
                if position > self._of_before(connection):
                    yield position
            elif mac != right(stream, version, topic, header):
                yield position

    def _of_before(self, connection: psycopg.Connection) -> int:
        """The last position of an event that may have no MAC."""
        if self._after is None:
            row = connection.execute(_AFTER).fetchone()
            self._after = 0 if row is None else cast("int", row[0])
        return self._after


def forged_up_to(connection: psycopg.Connection, macs: EventMacs, position: int) -> Iterator[int]:
    """Positions up to `position` of events that the ledger did not append, rising.

    It reads every header up to there, some thousands at a time.

    Args:
        connection: of any role that may read the write side.
    """
    for begin in range(0, position, _ROWS_AT_ONCE):
        values = (begin, min(begin + _ROWS_AT_ONCE, position))
        rows = connection.cursor(binary=True).execute(_ROWS, values, prepare=True).fetchall()
        yield from macs.forged(connection, cast("list[EventRow]", rows))
