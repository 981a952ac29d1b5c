"""Bulk transfers of which one follower has seen every chunk, and in none a verdict of its own.

Nearly all are such: their completion then needs no second look at a million lines. Whoever began to
follow midway, or was interrupted, does not know, and reads the chunks.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import with_verdicts
from ledger.format.events import PrincipalsAppended, TransferCompleted

_STREAMS_MAX: Final = 1_000
"""Many more than are recorded at the same time; one whose key died midway is never completed."""


class UniformBulk:
    """What one follower has seen. Belongs to one thread."""

    def __init__(self) -> None:
        self._seen: dict[UUID, int] = {}

    def look(self, events: Iterable[OpenEvent]) -> set[UUID]:
        """The next events; which transfers among them are completed and plain."""
        found: set[UUID] = set()
        for event in events:
            stream, version = event.header.stream, event.header.version
            if event.header.type == PrincipalsAppended.TYPE:
                # The recorded event is the first version, the first chunk the second.
                last = self._seen.pop(stream, 1)
                if version == last + 1 and with_verdicts(event) is None:
                    self._seen[stream] = version
            elif (
                event.header.type == TransferCompleted.TYPE
                and self._seen.pop(stream, 0) == version - 1
            ):
                found.add(stream)
        while len(self._seen) > _STREAMS_MAX:
            del self._seen[next(iter(self._seen))]
        return found
