"""CSV (RFC 4180): a header of columns, then a transfer, or a person, a record; UTF-8 or CP932."""

import codecs
import csv
import os
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final, cast

import orjson

from api.imports.columns import TRANSFERS, CellColumn, Of
from api.imports.errors import FileError
from api.imports.ndjson import FileLine, bad, lines, without_end
from api.imports.rows import DoubtfulCharacter, FilePosition, FileRow, touched
from ledger.values import Json
from ledger_emitter.items import ITEM_BYTES_MAX

_LOST: Final = "\u3013\ufffd"
"""Geta mark and replacement character: printed where a character was not to be had."""

_AMBIGUOUS: Final = "～－∥―￠￡￢￤\u301c\u2212\u2016\u2014"
"""Read by CP932 as full-width forms, by Shift_JIS as 〜 − ‖ — ¢ £ ¬."""

_JAPANESE: Final = r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_SUSPECT: Final = re.compile(rf"(?<={_JAPANESE})[?？]+|[?？]+(?={_JAPANESE})")
_EXTENSION: Final = re.compile(r"[\u7e8a\u9ad9\ufa0e-\ufa2d\u9592]")
_GAIJI: Final = re.compile(r"[\ue000-\uf8ff]")
_MAYBE: Final = re.compile(r"[^\x00-\x7f]")


def noticed(column: str, cell: str) -> Iterator[DoubtfulCharacter]:
    """What is to be said of one cell: each character once a code."""
    if _MAYBE.search(cell) is None:
        return
    found: dict[tuple[str, str], None] = {}
    for character in cell:
        if character in _LOST:
            found["LOST", character] = None
        elif character in _AMBIGUOUS:
            found["AMBIGUOUS", character] = None
        elif _EXTENSION.match(character):
            found["EXTENSION", character] = None
        elif _GAIJI.match(character):
            found["GAIJI", character] = None
    for match in _SUSPECT.finditer(cell):
        found["SUSPECT", match[0][0]] = None
    for code, character in found:
        yield DoubtfulCharacter(column, code, character)


_RECORD_LINES_MAX: Final = 100
"""Lines of one record: an open quote must not swallow the file."""

_CP932: Final = ("cp932", "ms932", "shift_jis", "shift-jis", "windows-31j")
_NAMES: Final = {"utf-8": "utf-8", "utf8": "utf-8", **dict.fromkeys(_CP932, "cp932")}


def encoding_of(name: str) -> str:
    """`utf-8` or `cp932`, whatever people call it.

    Raises:
        FileError: it is neither.
    """
    found = _NAMES.get(name.strip().lower())
    if found is None:
        raise FileError("ENCODING_UNKNOWN")
    return found


class CsvRows:
    """A CSV whose header names the members of what its rows are.

    Args:
        file: stays open as long as it is read.
        encoding: `utf-8` or `cp932`.
        of: what its rows are.

    Raises:
        FileError: the header is not one.
    """

    def __init__(self, file: BinaryIO, encoding: str, of: Of = TRANSFERS) -> None:
        self._file = file
        self._of = of
        self._encoding = encoding
        self.total = os.fstat(file.fileno()).st_size
        self._columns, self._begin = self._header()

    def begin(self) -> FilePosition:
        """After the header."""
        return self._begin

    def rows(self, place: FilePosition) -> Iterator[FileRow]:
        """A row a record, which may have several lines."""
        coming = lines(self._file, place)
        waiting: deque[FileLine] = deque()
        while True:
            if not waiting:
                first = next(coming, None)
                if first is None:
                    return
                waiting.append(first)
            yield self._row(waiting, coming)

    def _header(self) -> tuple[list[CellColumn], FilePosition]:
        self._file.seek(0)
        marked = self._file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        if marked and self._encoding != "utf-8":
            raise FileError("HEADER_BROKEN")
        first = next(
            lines(self._file, FilePosition(1, len(codecs.BOM_UTF8) if marked else 0)), None
        )
        if first is None:
            raise FileError("FILE_EMPTY")
        if first.is_cut or b"\0" in first.content:
            raise FileError("HEADER_BROKEN")
        try:
            [names] = csv.reader([without_end(first.content).decode(self._encoding)], strict=True)
        except (UnicodeDecodeError, csv.Error, ValueError):
            raise FileError("HEADER_BROKEN") from None
        return self._of.columns([name.strip() for name in names]), first.after

    def _row(self, waiting: deque[FileLine], coming: Iterator[FileLine]) -> FileRow:
        """The next record; if it is none, its first line alone, and the rest waits."""
        first = waiting[0]
        if first.is_cut:
            waiting.popleft()
            return bad(first, "LINE_TOO_LONG", f"has more than {ITEM_BYTES_MAX} bytes")
        if b"\0" in first.content:
            waiting.popleft()
            return bad(first, "NUL", f"holds a NUL at byte {first.content.index(0)}")
        taken: list[FileLine] = []
        try:
            texts = self._texts(waiting, coming, taken)
            cells = next(csv.reader(texts, strict=True), list[str]())
        except UnicodeDecodeError as error:
            waiting.popleft()
            if len(taken) == 1:
                detail = f"is no {self._encoding} at byte {error.start}; see --encoding"
                return bad(first, "NOT_DECODABLE", detail)
            return bad(first, "CSV_QUOTES", "a quote is not closed")
        except csv.Error:
            waiting.popleft()
            return bad(first, "CSV_QUOTES", "a quote is not closed, or stands inside a cell")
        if cells and len(cells) != len(self._columns):
            waiting.popleft()
            width = len(self._columns)
            return bad(first, "CELLS_DIFFER", f"has {len(cells)} cells; the header has {width}")
        for _ in taken:
            waiting.popleft()
        return self._build_row(taken, cells)

    def _texts(
        self, waiting: deque[FileLine], coming: Iterator[FileLine], taken: list[FileLine]
    ) -> Iterator[str]:
        """Lines of the record, as long as one is asked for and it can still be a record."""
        length = 0
        for number in range(_RECORD_LINES_MAX):
            if number == len(waiting):
                following = next(coming, None)
                if following is None:
                    return
                waiting.append(following)
            line = waiting[number]
            length += len(line.content)
            if line.is_cut or b"\0" in line.content or length > ITEM_BYTES_MAX:
                return
            taken.append(line)
            yield line.content.decode(self._encoding)

    def _build_row(self, taken: list[FileLine], cells: list[str]) -> FileRow:
        at, after = taken[0].at, taken[-1].after
        raw = b"".join(line.content for line in taken)
        if not any(cells):
            return FileRow(at, after, raw)
        item = self._of.item(self._columns, cast("list[Json]", cells))
        content = orjson.dumps(item)
        if len(content) > ITEM_BYTES_MAX:
            whole = FileLine(at, after, raw)
            return bad(whole, "LINE_TOO_LONG", f"has more than {ITEM_BYTES_MAX} bytes")
        characters: tuple[DoubtfulCharacter, ...] = ()
        if self._encoding == "cp932":
            pairs = zip(self._columns, cells, strict=True)
            characters = tuple(one for column, cell in pairs for one in noticed(column.name, cell))
        return FileRow(at, after, raw, content, touched(item), (), characters)
