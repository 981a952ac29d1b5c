"""The zip file of a kept bag: written into sealed pieces, read from any place of it."""

import io
from collections.abc import Iterator
from hashlib import sha256
from typing import IO, cast

from typing_extensions import override

from ledger.errors import NotFoundError
from ledger.exports.store import ExportRow, Exports
from ledger.store.staged_rows import PIECE_BYTES


class PieceWriter(io.RawIOBase):
    """Takes a file as it comes; no more than a piece of it is in memory, and none on the disk.

    Attributes:
        bytes: so many so far.
    """

    def __init__(self, exports: Exports, one: ExportRow) -> None:
        super().__init__()
        self._exports, self._one = exports, one
        self._rest, self._number = bytearray(), 0
        self._digest = sha256()
        self.bytes = 0

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, content: bytes | bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- of what is handed in, as the library does
        self._digest.update(content)
        self._rest += content
        self.bytes += len(content)
        while len(self._rest) >= PIECE_BYTES:
            self._put(PIECE_BYTES)
        return len(content)

    def end(self) -> str:
        """Keep what is left; SHA-256 of the file, in hex."""
        if self._rest:
            self._put(len(self._rest))
        return self._digest.hexdigest()

    def file(self) -> IO[bytes]:
        """The writer, as what writes a file takes it."""
        return cast("IO[bytes]", self)

    def _put(self, size: int) -> None:
        self._exports.put(self._one, self._number, bytes(self._rest[:size]))
        del self._rest[:size]
        self._number += 1


def part(exports: Exports, one: ExportRow, begin: int, end: int) -> Iterator[bytes]:
    """The bytes of the zip file from `begin` to before `end`, a piece at a time.

    Raises:
        NotFoundError: it was deleted meanwhile.
    """
    for number in range(begin // PIECE_BYTES, -(-end // PIECE_BYTES)):
        piece = exports.piece(one, number)
        if piece is None:
            raise NotFoundError
        first = number * PIECE_BYTES
        yield piece[max(begin - first, 0) : end - first]
