"""A register that was uploaded, as a file to read: piece by piece from where it lies sealed."""

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Final, cast

from typing_extensions import override

from ledger.store.registers import Register, Registers
from ledger.store.staged import PIECE_BYTES

_PIECES: Final = 4
"""In memory at once: a zip is read at its end, then from one place on."""


class _Sealed(io.RawIOBase):
    """The bytes of the file; what is missing of it ends it."""

    def __init__(self, registers: Registers, register: Register) -> None:
        super().__init__()
        self._size = register.bytes
        self._place = 0

        def piece(number: int) -> bytes:
            return registers.piece(register, "file", number) or b""

        self._piece = lru_cache(_PIECES)(piece)

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._place

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if begin + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = begin + offset
        return self._place

    @override
    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- of what is handed in, as the library does
        number, begin = divmod(self._place, PIECE_BYTES)
        found = (
            self._piece(number)[begin : begin + len(buffer)] if self._place < self._size else b""
        )
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)


def read(registers: Registers, register: Register) -> BinaryIO:
    """The file of a register, to be read from anywhere. Belongs to one thread at a time."""
    return cast("BinaryIO", io.BufferedReader(_Sealed(registers, register), PIECE_BYTES))


class Writer:
    """Takes a file in as it comes, and keeps it in pieces of `PIECE_BYTES`.

    Attributes:
        bytes: so many so far.
    """

    def __init__(self, registers: Registers, register: Register) -> None:
        self._registers = registers
        self._register = register
        self._rest = bytearray()
        self._number = 0
        self.bytes = 0

    def write(self, content: bytes) -> None:
        """Take some more; keeps what makes whole pieces."""
        self.bytes += len(content)
        self._rest += content
        for piece in self._pieces():
            self._put(piece)

    def end(self) -> None:
        """Keep what is left."""
        if self._rest:
            self._put(bytes(self._rest))
            self._rest.clear()

    def _pieces(self) -> Iterator[bytes]:
        while len(self._rest) >= PIECE_BYTES:
            piece = bytes(self._rest[:PIECE_BYTES])
            del self._rest[:PIECE_BYTES]
            yield piece

    def _put(self, piece: bytes) -> None:
        self._registers.put(self._register, "file", self._number, piece)
        self._number += 1
