"""The zip file of a kept bag: written into sealed pieces, read from any place of it."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import IO, cast

from typing_extensions import override

from ledger.errors import NotFoundError
from ledger.exports.store import ExportRow, Exports
from ledger.store import staged_rows
from ledger.store.staged_rows import PIECE_BYTES


class PieceWriter(staged_rows.PieceWriter):
    """Takes the zip file as it comes, and hashes it."""

    def __init__(self, exports: Exports, one: ExportRow) -> None:
        super().__init__(partial(exports.put, one))
        self._digest = sha256()

    @override
    def write(self, content: bytes | bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- see there
        self._digest.update(content)
        return super().write(content)

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hex."""
        return self._digest.hexdigest()

    def file(self) -> IO[bytes]:
        """The writer, as what writes a file takes it."""
        return cast("IO[bytes]", self)


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
