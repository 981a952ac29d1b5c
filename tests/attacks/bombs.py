"""Small inputs that cost much to read, made by functions: nothing large lies in the repository."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from api.bulk.unpacking import zstd

Reader = Literal["gzip", "zstd", "body", "transfer", "register", "file"]
MIB: Final = 1 << 20
BODY_BYTES: Final = 5 * MIB
"""What a request may have."""


@dataclass(frozen=True, slots=True)
class Bomb:
    """One input.

    Attributes:
        ending: of the file's name.
        reader: by what it is read.
        code: of the problem with which it ends.
        make: writes it.
    """

    ending: str
    reader: Reader
    code: str
    make: Callable[[Path], object]


def _bytes(made: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(made())


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


_SKIPPED: Final = b"\x50\x2a\x4d\x18" + bytes(4)


def _repeated(unit: bytes, size: int = 16 * MIB) -> bytes:
    return unit * (size // len(unit))


def _frame_of_window(log: int) -> bytes:
    """A frame that states a window of 2**log bytes, and no size, and an empty last block."""
    return b"\x28\xb5\x2f\xfd" + bytes([0, (log - 10) << 3]) + b"\x01\x00\x00"


PARTS: Final[Mapping[str, Bomb]] = {
    "ten gigabytes of zeros in members": Bomb(
        ".gz", "gzip", "expands_too_much", _bytes(lambda: _gzip(bytes(16 * MIB)) * 640)
    ),
    "a gzip within a gzip of zeros": Bomb(
        ".gz", "gzip", "expands_too_much", _bytes(lambda: _gzip(_gzip(bytes(16 * MIB)) * 200))
    ),
    "800,000 empty members": Bomb(
        ".gz", "gzip", "too_many_frames", _bytes(lambda: _repeated(_gzip(b"")))
    ),
    "1.8 million empty frames": Bomb(
        ".zst", "zstd", "too_many_frames", _bytes(lambda: _repeated(zstd.compress(b"")))
    ),
    "two million frames to be skipped": Bomb(
        ".zst", "zstd", "too_many_frames", _bytes(lambda: _repeated(_SKIPPED))
    ),
    "a window of a gigabyte": Bomb(".zst", "zstd", "damaged", _bytes(lambda: _frame_of_window(30))),
    "ten gigabytes of zeros in frames": Bomb(
        ".zst", "zstd", "expands_too_much", _bytes(lambda: zstd.compress(bytes(16 * MIB)) * 640)
    ),
}


def _list(name: bytes, element: bytes) -> bytes:
    count = (BODY_BYTES - 100) // (len(element) + 1)
    return b'{"%s":[%s]}' % (name, b",".join([element] * count))


BODIES: Final[Mapping[str, Bomb]] = {
    "arrays 100,000 deep": Bomb(".json", "body", "NOT_JSON", _bytes(lambda: b"[" * 100_000)),
    "objects a million deep": Bomb(
        ".json", "body", "NOT_JSON", _bytes(lambda: b'{"a":' * 1_000_000)
    ),
    "a number of 16 MB": Bomb(".json", "body", "NOT_JSON", _bytes(lambda: b"1" * (16 * MIB))),
    "an escape and a number of 16 MB": Bomb(
        ".json", "body", "NOT_JSON", _bytes(lambda: b'["\\u003a",' + b"1" * (16 * MIB) + b"]")
    ),
    "a text of 16 MB without an end": Bomb(
        ".json", "body", "NOT_JSON", _bytes(lambda: b'"' + b"a" * (16 * MIB))
    ),
    "a million persons who are none": Bomb(
        ".json", "transfer", "SCHEMA", _bytes(lambda: _list(b"principals", b"{}"))
    ),
    "two million items that are no texts": Bomb(
        ".json", "transfer", "SCHEMA", _bytes(lambda: _list(b"items", b"1"))
    ),
    "half a million members that nobody knows": Bomb(
        ".json",
        "transfer",
        "SCHEMA",
        _bytes(lambda: b"{%s}" % b",".join(b'"%x":1' % n for n in range(BODY_BYTES // 10))),
    ),
    "half a million lists for one of texts": Bomb(
        ".json",
        "transfer",
        "SCHEMA",
        _bytes(lambda: b'{"items":[%s]}' % b",".join(b"[%d]" % n for n in range(BODY_BYTES // 9))),
    ),
}
