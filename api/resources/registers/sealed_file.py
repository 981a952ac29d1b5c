"""A register that was uploaded, as a file to read: piece by piece from where it lies sealed."""

import io
from functools import lru_cache, partial
from typing import BinaryIO, Final, cast

from ledger.errors import CorruptRecordError
from ledger.store.registers import RegisterRow, Registers
from ledger.store.staged_rows import PIECE_BYTES, PieceWriter
from ledger.workers.confined_reader import PiecewiseFile

BYTES: Final = "bytes"
"""Where the size of the file is told, sealed: the number beside it decides nothing."""
_CHUNKS: Final = 4
"""In memory at once: a zip is read at its end, then from one place on."""


def read(registers: Registers, register: RegisterRow) -> BinaryIO:
    """The file of a register, to be read from anywhere. Belongs to one thread at a time.

    Raises:
        CorruptRecordError: it is not as long as what was uploaded; while reading: some of it is
            gone.
    """
    if register.members.get(BYTES, register.bytes) != register.bytes:
        raise CorruptRecordError("a register is not as long as what was uploaded")

    @lru_cache(_CHUNKS)
    def piece(number: int) -> bytes:
        content = registers.piece(register, "file", number)
        begin, end = number * PIECE_BYTES, min((number + 1) * PIECE_BYTES, register.bytes)
        if content is None or len(content) != end - begin:
            raise CorruptRecordError("a piece of a register is missing")
        return content

    def read_at(place: int, bytes_max: int) -> bytes:
        number, begin = divmod(place, PIECE_BYTES)
        return piece(number)[begin : begin + bytes_max]

    return cast("BinaryIO", io.BufferedReader(PiecewiseFile(register.bytes, read_at), PIECE_BYTES))


def piece_writer(registers: Registers, register: RegisterRow) -> PieceWriter:
    """Takes a file in as it comes, and keeps it in pieces."""
    return PieceWriter(partial(registers.put, register, "file"))
