"""Content codings, undone as the bytes come: never more than a block at once, and within bounds.

Source: RFC 9110, section 8.4.1; RFC 1952 (gzip: one member or several); RFC 8878 and RFC 9659
(zstd: one frame or several, windows of 8 MiB at most).
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from typing_extensions import override

if sys.version_info >= (3, 14):
    from compression import zstd  # pyright: ignore[reportUnreachable] -- of younger versions
else:
    from backports import zstd

from api.problems.refusals import PartUnreadableError, UnsupportedCodingError

BLOCK: Final = 64 * 1024
"""Bytes of content that are handed on at once."""

RATIO_MAX: Final = 500
"""Bytes of content for each byte that came; lists of consecutive numbers reach 300 in zstd."""
_UNCOUNTED: Final = 1024 * 1024
"""Bytes of content that may come of any number of bytes."""
UNITS_MAX: Final = 10_000
"""Members of gzip, or frames of zstd, of one part, empty and skipped ones too.

Programs that compress block by block make one of 64 KiB or more, so 4,100 of a part of 256 MiB. An
empty one has nine bytes, and each costs a decompressor.
"""
_WINDOW_LOG_MAX: Final = 23
_GZIP: Final = 16 + zlib.MAX_WBITS
_MAGIC: Final = {
    "gzip": (b"\x1f\x8b",),
    # A frame, or one that is to be skipped.
    "zstd": (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + n]) + b"\x2a\x4d\x18" for n in range(16))),
}
CODINGS: Final = ("gzip", "zstd")
"""What `Accept-Encoding` tells of us, besides nothing at all."""

_NAMES: Final = {"": None, "identity": None, "gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd"}


def coding_of(values: Sequence[str]) -> str | None:
    """The coding that `Content-Encoding` states; None: the content comes as it is.

    Args:
        values: of the header, as often as it stands there.

    Raises:
        UnsupportedCodingError: another one, or several.
    """
    name = ",".join(values).strip().lower()
    if name not in _NAMES:
        raise UnsupportedCodingError(CODINGS)
    return _NAMES[name]


class _Unit(Protocol):
    """One member of a gzip file, or one frame of zstd."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def blocks(self, data: bytes) -> Iterator[bytes]:
        """What comes of some more bytes, at most `BLOCK` at once."""
        ...


class _Member(_Unit):
    def __init__(self) -> None:
        self._one = zlib.decompressobj(_GZIP)

    @property
    @override
    def eof(self) -> bool:
        return self._one.eof

    @property
    @override
    def unused_data(self) -> bytes:
        return self._one.unused_data

    @override
    def blocks(self, data: bytes) -> Iterator[bytes]:
        while True:
            yield self._one.decompress(data, BLOCK)
            data = self._one.unconsumed_tail
            # What a full block leaves behind comes with the next bytes: eight end every member.
            if self._one.eof or not data:
                return


class _Frame(_Unit):
    def __init__(self) -> None:
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
        self._one = zstd.ZstdDecompressor(options=options)

    @property
    @override
    def eof(self) -> bool:
        return self._one.eof

    @property
    @override
    def unused_data(self) -> bytes:
        return self._one.unused_data

    @override
    def blocks(self, data: bytes) -> Iterator[bytes]:
        while True:
            yield self._one.decompress(data, BLOCK)
            data = b""
            if self._one.eof or self._one.needs_input:
                return


_UNITS: Final[dict[str, Callable[[], _Unit]]] = {"gzip": _Member, "zstd": _Frame}


class Decompression:
    """Undoes the coding of one part. Belongs to one thread at a time.

    Args:
        coding: as `coding_of` gives it.
        bytes_max: of the content.
    """

    def __init__(self, coding: str | None, bytes_max: int) -> None:
        self._make = None if coding is None else _UNITS[coding]
        self._magic = _MAGIC.get(coding or "", ())
        self._bytes_max = bytes_max
        self._unit: _Unit | None = None
        self._head = b""
        self._units = 0
        self._taken = self._given = 0

    def blocks(self, piece: bytes) -> Iterator[bytes]:
        """The content of some more bytes.

        Raises:
            PartUnreadableError: it does not unpack, or to too much, or has too many units.
        """
        self._taken += len(piece)
        for block in self._cut(piece) if self._make is None else self._unpacked_each(piece):
            self._given += len(block)
            if self._given > self._bytes_max:
                raise PartUnreadableError("too_long")
            if self._given > max(_UNCOUNTED, RATIO_MAX * self._taken):
                raise PartUnreadableError("expands_too_much")
            if block:
                yield block

    def end(self) -> None:
        """There is no more.

        Raises:
            PartUnreadableError: there should be.
        """
        if self._make is not None and (self._unit is not None or not self._units):
            raise PartUnreadableError("truncated")

    def _unpacked_each(self, piece: bytes) -> Iterator[bytes]:
        # What follows a unit is copied: of a long piece with many of them, again and again.
        for some in self._cut(piece):
            yield from self._unpacked(some)

    def _cut(self, piece: bytes) -> Iterator[bytes]:
        for begin in range(0, len(piece), BLOCK):
            yield piece[begin : begin + BLOCK]

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        assert self._make is not None, "the content is in a coding"
        while data:
            if self._unit is None:
                if self._units == UNITS_MAX:
                    raise PartUnreadableError("too_many_frames")
                self._unit, self._head = self._make(), b""
            self._head = (self._head + data[:4])[:4]
            try:
                yield from self._unit.blocks(data)
            except (zlib.error, zstd.ZstdError):
                raise PartUnreadableError(self._why()) from None
            data = b""
            if self._unit.eof:
                data, self._unit = self._unit.unused_data, None
                self._units += 1

    def _why(self) -> str:
        if self._head.startswith(self._magic):
            return "damaged"
        return "trailing" if self._units else "not_compressed"
