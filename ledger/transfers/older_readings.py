"""The transfers that were recorded under an older reading of the law, in the order of the log.

The header of a verdict says which reading it was given under. Readings only rise along the log, so
those under an older one are all that was recorded before the first one under the newest. That place
is found by halving, once, and never moves again.
"""

from typing import LiteralString, cast
from uuid import UUID

from ledger.format.events import RECORDED_TYPES
from ledger.format.header import read_header
from ledger.law.readings import READING, law_and_reading
from ledger.store.connections import Connections
from ledger.transfers.candidates import Candidate

_HEAD: LiteralString = "SELECT position FROM ledger.head"
_RECORDED: LiteralString = """
    SELECT notification_id, originator_id, state FROM ledger.events
     WHERE notification_id > %s AND notification_id < %s AND topic = ANY(%s)
     ORDER BY notification_id
     LIMIT %s
"""
_TYPES = sorted(RECORDED_TYPES)


class OlderReadings:
    """Reads headers, and remembers where the newest reading begins. Thread-safe."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._begin: int | None = None

    def candidates(self, after: int, limit: int) -> list[Candidate]:
        """The first `limit` of those transfers that were recorded after the position `after`.

        Some of them may have been judged anew since.
        """
        found = self._recorded(after, self._newest_begins(), limit)
        return [(stream, position) for position, stream, _ in found]

    def _newest_begins(self) -> int:
        """Where the first transfer under the newest reading stands; one beyond the head without."""
        if self._begin is not None:
            return self._begin
        [head] = self._connections.read(lambda c: c.execute(_HEAD, prepare=True).fetchone()) or (0,)
        # All up to `old` is of older readings, and nothing from `new` on is.
        old, new = 0, cast("int", head) + 1
        last, is_there = new, False
        while old + 1 < new:
            middle = (old + new) // 2
            found = self._recorded(middle - 1, last, 1)
            if not found:
                new = middle
            elif found[0][2] < READING:
                old = found[0][0]
            else:
                new, is_there = middle, True
        if is_there:
            self._begin = new
        return new

    def _recorded(self, after: int, before: int, limit: int) -> list[tuple[int, UUID, int]]:
        """(position, stream, reading) of the transfers that were recorded between two positions."""
        asked = (after, before, _TYPES, limit)
        rows = self._connections.read(
            lambda c: c.execute(_RECORDED, asked, prepare=True, binary=True).fetchall()
        )
        return [
            (cast("int", position), cast("UUID", stream), _reading(cast("bytes", header)))
            for position, stream, header in rows
        ]


def _reading(header: bytes) -> int:
    return law_and_reading(cast("str", read_header(header).facts.get("law", "")))[1]
