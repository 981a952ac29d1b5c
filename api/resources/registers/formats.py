"""Opens a register by what it is, not by what it is called."""

import codecs
import csv
import io
import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from api.resources.registers.cells import (
    CHARACTERS_MAX,
    COLUMNS_MAX,
    Cell,
    CellFault,
    Sheet,
    SheetRow,
    trimmed,
)
from api.resources.registers.errors import RegisterError
from api.resources.registers.xlsx import SubprocessSheet
from ledger.workers.confined_reader import Stop

_PIECE: Final = 1 << 16
_LINE_MAX: Final = 1 << 20
"""Characters of a line, and of a row: an open quote must not swallow the whole file."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAMES: Final = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "cp932": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "ms932": "cp932",
    "windows-31j": "cp932",
}
"""What people call the two; Shift_JIS from Windows is CP932 (it has ①, 髙 and ～)."""


class CsvSheet:
    """A CSV file as a sheet.

    Args:
        file: stays open as long as the sheet is read.
        encoding: declared; None: found out, with certainty or not at all.

    Raises:
        RegisterError: the encoding is unclear, or not one of the two.
    """

    sheet_names: tuple[str, ...] = ()
    # A row may have line ends in it: nobody knows before all is read.
    rows_about: int | None = None
    hidden_rows: int = 0

    def __init__(self, file: BinaryIO, encoding: str | None = None) -> None:
        self._file = file
        self.encoding = _declared(encoding) if encoding else _detect_encoding(file)

    def rows(self) -> Iterator[SheetRow]:
        """All rows, numbered as Excel shows them when it opens the file."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self.encoding, newline="")
        number = 0
        try:
            for number, fields in enumerate(csv.reader(_lines(text), strict=True), 1):
                if len(fields) > COLUMNS_MAX:
                    raise RegisterError("ROW_TOO_LONG", str(number))
                yield SheetRow(number, {n: _cell(field) for n, field in enumerate(fields) if field})
        except csv.Error:
            raise RegisterError("CSV_QUOTES", str(number + 1)) from None
        except UnicodeDecodeError:
            raise RegisterError("ENCODING_WRONG", str(number + 1)) from None
        finally:
            text.detach()


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(_LINE_MAX):
        if len(line) == _LINE_MAX:
            raise RegisterError("ROW_TOO_LONG")
        yield line


def _cell(field: str) -> Cell:
    return CellFault("CELL_TOO_LONG", field) if len(field) > CHARACTERS_MAX else trimmed(field)


def _declared(encoding: str) -> str:
    found = _NAMES.get(encoding.strip().lower())
    if found is None:
        raise RegisterError("ENCODING_UNKNOWN")
    return found


def _detect_encoding(file: BinaryIO) -> str:
    """The one encoding that the whole file can be in.

    Japanese in CP932 is hardly ever UTF-8: its usual lead bytes cannot begin a character there. But
    half-width kana alone can be, as letters of two bytes; and EUC-JP reads as CP932, as nonsense.
    """
    file.seek(0)
    begin = file.read(3)
    if begin == codecs.BOM_UTF8:
        return "utf-8-sig"
    if begin.startswith(_UTF_16):
        raise RegisterError("ENCODING_UNCLEAR")
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp932", "euc_jp")}
    widest = 0
    file.seek(0)
    while decoders:
        piece = file.read(_PIECE)
        for name in list(decoders):
            try:
                text = decoders[name].decode(piece, final=not piece)
            except UnicodeDecodeError:
                del decoders[name]
                continue
            if name == "utf-8" and text:
                widest = max(widest, ord(max(text)))
        if not piece:
            break
    return _decided(set(decoders), widest)


def _decided(possible: set[str], widest: int) -> str:
    """Which of the encodings that fit it is.

    Args:
        widest: the highest code point, if it is UTF-8.
    """
    is_ascii, has_three_bytes = widest < 0x80, widest >= 0x800  # noqa: PLR2004 -- UTF-8's own steps
    if "utf-8" in possible and (is_ascii or has_three_bytes or "cp932" not in possible):
        return "utf-8"
    if possible == {"cp932"}:
        return "cp932"
    raise RegisterError("ENCODING_UNCLEAR")


_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins an .xls, and an .xlsx that is locked with a password."""
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_TEXTS: Final = (".csv", ".txt")


@contextmanager
def opened(
    place: Path, *, sheet: str | None = None, encoding: str | None = None
) -> Generator[Sheet]:
    """The register in that file, as long as the context is open.

    Args:
        sheet: of a workbook; None: its only one.
        encoding: of a CSV; None: found out.

    Raises:
        RegisterError: it cannot be read.
        OSError: there is no such file.
    """
    with place.open("rb") as file, opened_file(file, place.name, sheet, encoding) as found:
        yield found


@contextmanager
def opened_file(
    file: BinaryIO,
    name: str,
    sheet: str | None = None,
    encoding: str | None = None,
    stop: Stop | None = None,
) -> Generator[Sheet]:
    """The same of a file that is open already, an upload for example; `name` is what it claims.

    Args:
        stop: ends the reading of a workbook.
    """
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 -- it may be no path
    file.seek(0)
    begin = file.read(len(_OLE))
    file.seek(0)
    if begin == _OLE:
        raise RegisterError("OLD_OR_LOCKED")
    is_workbook = begin.startswith(_ZIP)
    if ending not in _WORKBOOKS + _TEXTS:
        raise RegisterError("NOT_A_REGISTER")
    if is_workbook != (ending in _WORKBOOKS):
        raise RegisterError("NOT_WHAT_ITS_NAME_SAYS")
    if not is_workbook:
        if sheet is not None:
            raise RegisterError("SHEET_MISSING")
        yield CsvSheet(file, encoding)
        return
    with closing(SubprocessSheet(file, sheet, stop)) as found:
        yield found
