"""Rejected items whose transfer came after all: sent again and recorded, they wait for nobody.

Found where the list is read, and not where transfers are recorded: that way is short, and hardly
one of them was ever refused. What an item says is let go then, as after a repair.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from ledger.emitters.id_set import TransferKey
from ledger.emitters.sources import is_within
from ledger.format.header import read_header
from ledger.quarantine.item_text import parsed_for
from ledger.quarantine.rejected_rows import SELECTED, is_settled, rows_of
from ledger.quarantine.rows import settle, transfer_key_of
from ledger.quarantine.service import RejectedItem
from ledger.store.connections import Connections
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.streams import Streams

# A repair has somebody who did it.
_SETTLED: LiteralString = (
    SELECTED
    + """
     WHERE state = 'repaired' AND resolved_by IS NULL AND (%s OR restricted IS FALSE)
     ORDER BY received_at DESC, id DESC LIMIT %s
"""
)


@dataclass(frozen=True, slots=True)
class SettledItem:
    """A rejected item that was recorded since.

    Attributes:
        codes: of what was wrong with it.
        transfer, position: as which it was recorded, and where; None for whoever may not exclude.
    """

    id: UUID
    received_at: datetime
    attempts: int
    codes: tuple[str, ...]
    transfer: UUID | None
    position: int | None


class RecordedSince:
    """Settles what was recorded since, and lists it. Thread-safe.

    Whether the transfer is hidden (Order 11) or destroyed makes no difference to either: a keeper
    who knows the item's source and id would learn it from the difference.

    Args:
        connections: of the role writer.
    """

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def settle(self, waiting: Sequence[RejectedItem]) -> frozenset[UUID]:
        """Settle those of the items whose transfer was recorded after they came; their ids."""
        keys = {one.id: key for one in waiting if (key := _key(one)) is not None}
        stream_of = self._streams.secret.transfer_stream
        streams = {rejected: stream_of(*key) for rejected, key in keys.items()}
        first = self._recorded(set(streams.values()))
        headers = self._streams.reads.headers_at(list(first.values()))
        settled: set[UUID] = set()
        for one in waiting:
            position = first.get(streams[one.id]) if one.id in streams else None
            if position is None or read_header(headers[position]).at <= one.received_at:
                continue  # one that stood before: the item says something else of it, and waits
            settle(self._connections, self._streams.secret, one.id, position)
            settled.add(one.id)
        return frozenset(settled)

    def settled(self, limit: int, *, includes_hidden: bool) -> list[SettledItem]:
        """The newest items that were recorded since, newest first.

        Args:
            includes_hidden: also what was sent with a mark under Order 11, and as which transfer
                each was
                recorded: to others, none is named, or one that is hidden would stand out.
        """
        read = rows_of(self._connections, _SETTLED, (includes_hidden, limit))
        mac = self._streams.secret.row_mac
        found = [
            SettledItem(row.id, row.received_at, row.attempts, tuple(row.codes), None, row.position)
            for row in read
            if row.position is not None and is_settled(row, mac)
        ]
        if not includes_hidden:
            return [replace(one, position=None) for one in found]
        positions = [one.position for one in found if one.position is not None]
        headers = self._streams.reads.headers_at(positions)
        streams = {position: read_header(one).stream for position, one in headers.items()}
        return [
            replace(one, transfer=streams[at]) for at, one in zip(positions, found, strict=True)
        ]

    def _recorded(self, streams: Collection[UUID]) -> dict[UUID, int]:
        """The transfers that are recorded in whole → where they were first recorded."""
        states = self._streams.transfer_states(streams, None, NO_CHUNKS) if streams else {}
        return {
            stream: state.first_position
            for stream, state in states.items()
            if state.effective_position
        }


def _key(one: RejectedItem) -> TransferKey | None:
    """The key of the transfer that the item would have been; None where it states none."""
    key = None if one.text is None else parsed_for(one.text, transfer_key_of)
    if key is None or one.within is None or not is_within(key[0], one.within):
        return None
    return key
