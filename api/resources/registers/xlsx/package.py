"""A workbook as a zip: which parts it has, how large they may be, which sheet is read."""

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from os import SEEK_END
from pathlib import PurePosixPath
from typing import BinaryIO, Final, NamedTuple, cast
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 -- the library calls it in small letters

from api.resources.registers.errors import RegisterError
from api.resources.registers.spool import Spool
from api.resources.registers.xlsx.safe_xml import parse
from api.resources.registers.xlsx.sheet import XlsxSheet, parse_int
from api.resources.registers.xlsx.texts import Texts

_BUILT_IN: Final = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)))
"""Days; what is left out of the ranges (18 to 21, 32, 33, 45 to 47) shows a time alone."""
_ASIDE: Final = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|General|G/標準|AM/PM|A/P', re.IGNORECASE
)
_DAY: Final = re.compile(r"[ydeg]|aaa|(?<![hs])m", re.IGNORECASE)
_CLOCK: Final = re.compile(r"[hs]", re.IGNORECASE)
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
CODE_MAX: Final = 255
"""Characters of a format. Source: Excel's specifications and limits."""
_CALENDAR: Final = re.compile(r"[ydeg]|aaa", re.IGNORECASE)


def days_of(part: BinaryIO) -> tuple[bool, ...]:
    """For each style of the part, by its number: whether it shows a day."""
    formats: dict[int, bool] = {}
    days: list[bool] = []
    within_cells = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal within_cells
        format_id = parse_int(given.get("numFmtId")) or 0
        if name == "numFmt":
            formats[format_id] = shows_day(given.get("formatCode", ""))
        elif name == "cellXfs":
            within_cells = True
        elif name == "xf" and within_cells:
            days.append(formats.get(format_id, format_id in _BUILT_IN))

    def end(name: str) -> None:
        nonlocal within_cells
        within_cells = within_cells and name != "cellXfs"

    parse(part, start, end)
    return tuple(days)


def shows_day(code: str) -> bool:
    """Whether the format shows a day of the calendar; a time of day alone is none."""
    code = code[:CODE_MAX]
    first = _ASIDE.sub("", _ELAPSED.sub("h", code.partition(";")[0]))
    if _CALENDAR.search(first):
        return True
    return bool(_DAY.search(first)) and not _CLOCK.search(first)


SMALL_BYTES_MAX: Final = 16 * 1024 * 1024
"""Of a part that is read whole: the list of sheets, the styles, the relations."""
LARGE_BYTES_MAX: Final = 2 * 1024 * 1024 * 1024
"""Of the sheet, and of its texts, unpacked: a million rows of forty columns have as much."""
RATIO_MAX: Final = 200
"""Bytes of a part for each byte that it takes in the file; a sheet of equal rows has 13."""
_UNCOUNTED_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a part that may come of any number of bytes."""
SHEETS_MAX: Final = 1_000
LIST_BYTES_MAX: Final = 1024 * 1024
"""Of the list of parts at the end of the file: some ten thousand."""
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_END_64: Final = b"PK\x06\x07"
_END_64_BYTES: Final = 20
_COMMENT_MAX: Final = 65_535
_ENCRYPTED: Final = 1
_MAIN: Final = "xl/workbook.xml"


class _Relation(NamedTuple):
    """What a part points to: a part of that kind, called so, at that path."""

    kind: str
    id: str
    path: str


class Workbook:
    """An open workbook.

    Args:
        spool: takes the texts that its cells share.

    Raises:
        RegisterError: it is no workbook, or damaged, or too large.
    """

    def __init__(self, file: BinaryIO, spool: Spool) -> None:
        _check_list(file)
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, ValueError, OSError):
            raise RegisterError("DAMAGED") from None
        self._bytes = file.seek(0, SEEK_END)
        relations = self._relations("")
        mains = [one.path for one in relations if one.kind == "officeDocument"]
        main = self._find_part([*mains, _MAIN])
        if main is None:
            raise RegisterError("NOT_A_REGISTER")
        self._main = main
        self._sheets: list[tuple[str, str]] = []
        """Each with its name and the id of its relation."""
        self._is_1904 = False
        self._list_sheets()
        self._spool = spool

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """In the order of the tabs, hidden ones too."""
        return tuple(name for name, _ in self._sheets)

    def sheet(self, name: str | None = None) -> XlsxSheet:
        """The sheet of that name, or the only one; once, for its texts fill the spool.

        Raises:
            RegisterError: there is none, or none was named among several.
        """
        if name is None and len(self._sheets) > 1:
            raise RegisterError("SHEET_NOT_CHOSEN")
        chosen = [relation for other, relation in self._sheets if name in (None, other)]
        if not chosen:
            raise RegisterError("SHEET_MISSING")
        relations = self._relations(self._main.filename)

        def part_of(kind: str) -> ZipInfo | None:
            return self._find_part(one.path for one in relations if one.kind == kind)

        part = self._find_part(
            one.path for one in relations if (one.kind, one.id) == ("worksheet", chosen[0])
        )
        if part is None:
            raise RegisterError("DAMAGED")
        texts = Texts(self._spool)
        if shared := part_of("sharedStrings"):
            with self._opened(shared, LARGE_BYTES_MAX) as stream:
                texts.read(stream)
        days: tuple[bool, ...] = ()
        if styles := part_of("styles"):
            with self._opened(styles, SMALL_BYTES_MAX) as stream:
                days = days_of(stream)
        opened = partial(self._opened, part, LARGE_BYTES_MAX)
        return XlsxSheet(opened, texts, days, is_1904=self._is_1904)

    def _list_sheets(self) -> None:
        def start(name: str, given: dict[str, str]) -> None:
            if name == "sheet":
                relation = next((v for k, v in given.items() if k.endswith(" id")), "")
                if len(self._sheets) == SHEETS_MAX:
                    raise RegisterError("TOO_COMPLEX")
                self._sheets.append((given.get("name", ""), relation))
            elif name == "workbookPr":
                self._is_1904 = given.get("date1904", "0") in ("1", "true")

        with self._opened(self._main, SMALL_BYTES_MAX) as stream:
            parse(stream, start)

    def _relations(self, of: str) -> list[_Relation]:
        """What the part `of` points to; what lies outside is left out."""
        place = PurePosixPath(of)
        part = self._find_part([str(place.parent / "_rels" / f"{place.name}.rels")])
        found: list[_Relation] = []
        if part is None:
            return found

        def start(name: str, given: dict[str, str]) -> None:
            if name != "Relationship" or given.get("TargetMode") == "External":
                return
            target = given.get("Target", "")
            path = target[1:] if target.startswith("/") else str(place.parent / target)
            kind = given.get("Type", "").rpartition("/")[2]
            found.append(_Relation(kind, given.get("Id", ""), path))

        with self._opened(part, SMALL_BYTES_MAX) as stream:
            parse(stream, start)
        return found

    def _find_part(self, paths: Iterable[str]) -> ZipInfo | None:
        """The first of these parts that there is."""
        known = self._zip.NameToInfo
        names = (str(PurePosixPath(path)) for path in paths)
        return next((known[name] for name in names if name in known), None)

    @contextmanager
    def _opened(self, part: ZipInfo, bytes_max: int) -> Generator[BinaryIO]:
        """The part as a stream.

        The zip's own list bounds it: no more than the size that it states is ever unpacked.
        """
        if part.file_size > bytes_max:
            raise RegisterError("TOO_LARGE")
        packed = min(part.compress_size, self._bytes)
        if part.file_size > max(_UNCOUNTED_BYTES, RATIO_MAX * packed):
            raise RegisterError("EXPANDS_TOO_MUCH")
        if part.flag_bits & _ENCRYPTED:
            raise RegisterError("OLD_OR_LOCKED")
        try:
            with self._zip.open(part) as stream:
                yield cast("BinaryIO", stream)
        except (BadZipFile, NotImplementedError, ZlibError, EOFError, OSError, ExpatError):
            raise RegisterError("DAMAGED") from None


def _check_list(file: BinaryIO) -> None:
    """Refuse a long list of parts before the library makes an object of each.

    Source: APPNOTE.TXT 6.3.10, sections 4.3.15 and 4.3.16.
    """
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - _COMMENT_MAX - _END_BYTES - _END_64_BYTES))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        raise RegisterError("DAMAGED")
    # More than 65,535 parts, or four gigabytes, are told in another place.
    is_64 = tail[max(0, at - _END_64_BYTES) :].startswith(_END_64)
    if is_64 or int.from_bytes(tail[at + 12 : at + 16], "little") > LIST_BYTES_MAX:
        raise RegisterError("TOO_LARGE")
