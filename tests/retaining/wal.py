"""What stands in the files of a PostgreSQL server: its pages, and its write-ahead log in one piece.

Source: PostgreSQL, `access/xlog_internal.h` (`XLogPageHeaderData`), `access/heaptoast.h`.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PAGE: Final = 8192
_HEADER: Final = 24
_FIRST_HEADER: Final = 40
_SEGMENT: Final = re.compile(r"[0-9A-F]{24}")
WAL: Final = "pg_wal"

TOAST_CHUNK: Final = 1996
"""Bytes of a large value that stand together, in pages as in WAL."""

FRAGMENT: Final = 48
CHANCE: Final = 16
"""So many bytes of ciphertext stand nowhere by chance."""


def wal(data: Path) -> bytes:
    """All records of the segments in `data`, without the headers of the pages between them."""
    return b"".join(_records(path.read_bytes()) for path in segments(data))


def segments(data: Path) -> list[Path]:
    """The segments in `data`, in order."""
    return sorted(p for p in (data / WAL).iterdir() if _SEGMENT.fullmatch(p.name))


def _records(segment: bytes) -> bytes:
    pages = range(0, len(segment), _PAGE)
    return b"".join(
        segment[begin + (_HEADER if begin else _FIRST_HEADER) : begin + _PAGE] for begin in pages
    )


def contains(records: bytes, value: bytes) -> bool:
    """Whether `value` stands in WAL, whole or in the chunks of a large one."""
    return value in records or all(
        value[begin : begin + TOAST_CHUNK] in records for begin in range(0, len(value), TOAST_CHUNK)
    )


def fragments(values: Iterable[bytes]) -> list[bytes]:
    """Begin, middle and end of each chunk of each value: some is left where a page was reused."""
    found: set[bytes] = set()
    for value in values:
        for begin in range(0, len(value), TOAST_CHUNK):
            chunk = value[begin : begin + TOAST_CHUNK]
            middle = len(chunk) // 2
            found |= {chunk[:FRAGMENT], chunk[middle : middle + FRAGMENT], chunk[-FRAGMENT:]}
    return sorted(one for one in found if len(one) >= CHANCE)


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below and what is in it, in order; a running server may take some away."""
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file():
                yield path, path.read_bytes()


def holding(data: Path, values: Iterable[bytes]) -> dict[str, int]:
    """File of pages → how many fragments of the values stand in it; the WAL is left out."""
    wanted = fragments(values)
    found: dict[str, int] = {}
    for path, content in files(data):
        if WAL in path.parts:
            continue
        if count := sum(one in content for one in wanted):
            found[str(path.relative_to(data))] = count
    return found
