"""What waits sealed in rows, under keys that die; a row whose key is dead is as good as gone.

Source: event format, section 5 (classes staging and draft).
"""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from uuid import UUID

from typing_extensions import override

from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.errors import BrokenWorldError, NotFoundError
from ledger.values import Json

_log: Final = logging.getLogger(__name__)

MEMBERS_BYTES_MAX: Final = 512 * 1024
"""Of what is told of a row: longer than any form and any question."""

PIECE_BYTES: Final = 256 * 1024
"""Of a file, before sealing."""

StagedMembers = Mapping[str, Json]
Row = TypeVar("Row")
Opened = TypeVar("Opened")


def seal_members(key: DataKey, purpose: str, place: UUID, members: StagedMembers) -> bytes:
    """What is told of the row of that id, sealed.

    Raises:
        ValueError: it is longer than `MEMBERS_BYTES_MAX`.
    """
    content = json.dumps(members, ensure_ascii=False).encode()
    if len(content) > MEMBERS_BYTES_MAX:
        raise ValueError(f"{purpose} is longer than any form and any question")
    return seal_blob(key, purpose, place, content)


def open_members(key: DataKey, purpose: str, place: UUID, sealed: bytes) -> StagedMembers:
    """What `seal_members` sealed.

    Raises:
        CorruptRecordError: it does not open.
    """
    return json.loads(open_blob(key, purpose, place, bytes(sealed)))


def live_rows(
    keys: KeyRing, rows: Sequence[Row], key_id: Callable[[Row], bytes]
) -> Iterator[tuple[Row, DataKey]]:
    """Each row with its key; without those whose key is dead.

    Raises:
        MastersUnavailableError: the epoch masters cannot be reached.
    """
    found = keys.open({bytes(key_id(row)) for row in rows})
    for row in rows:
        key = found.get(bytes(key_id(row)))
        if key is not None:
            yield row, key


def opened_rows(
    keys: KeyRing,
    rows: Sequence[Row],
    columns: tuple[Callable[[Row], UUID], Callable[[Row], bytes]],
    opened: Callable[[Row, DataKey], Opened],
) -> tuple[list[Opened], dict[UUID, BrokenWorldError]]:
    """The rows that open, and the ids of those that do not, each with why; the log names both.

    One that somebody spoilt keeps no other from being read. A row whose key is dead is neither.

    Args:
        columns: the id of a row, and the id of its key.

    Raises:
        MastersUnavailableError: the epoch masters cannot be reached.
    """
    of, key_id = columns
    found: list[Opened] = []
    spoilt: dict[UUID, BrokenWorldError] = {}
    for row in rows:
        try:
            found += [opened(one, key) for one, key in live_rows(keys, [row], key_id)]
        except BrokenWorldError as error:
            _log.error("a row does not open", extra={"row": str(of(row)), "error": str(error)})
            spoilt[of(row)] = error
    return found, spoilt


class PieceWriter(io.RawIOBase):
    """Takes a file as it comes; no more than a piece of it is in memory, and none on the disk.

    Args:
        put: keeps the piece of that number.
        also: takes what is written, too; a hash, for example.

    Attributes:
        bytes: so many so far.
    """

    def __init__(
        self,
        put: Callable[[int, bytes], None],
        also: Callable[[bytes | bytearray | memoryview], None] | None = None,
    ) -> None:
        super().__init__()
        self._put, self._also = put, also
        self._buffer, self._number = bytearray(), 0
        self.bytes = 0

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, content: bytes | bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- of what is handed in, as the library does
        if self._also is not None:
            self._also(content)
        self._buffer += content
        self.bytes += len(content)
        while len(self._buffer) >= PIECE_BYTES:
            self._keep(PIECE_BYTES)
        return len(content)

    def end(self) -> None:
        """Keep what is left."""
        if self._buffer:
            self._keep(len(self._buffer))

    def _keep(self, size: int) -> None:
        self._put(self._number, bytes(self._buffer[:size]))
        del self._buffer[:size]
        self._number += 1


def part(piece: Callable[[int], bytes | None], begin: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from `begin` to before `end`, a piece at a time.

    Args:
        piece: the piece of that number.

    Raises:
        NotFoundError: it was deleted meanwhile.
    """
    for number in range(begin // PIECE_BYTES, -(-end // PIECE_BYTES)):
        found = piece(number)
        if found is None:
            raise NotFoundError
        first = number * PIECE_BYTES
        yield found[max(begin - first, 0) : end - first]
