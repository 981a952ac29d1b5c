"""Registers as CSV: UTF-8 with or without a byte order mark, or CP932 as Windows writes it."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final, TextIO

from api.resources.registers.cells import (
    CHARACTERS_MAX,
    COLUMNS_MAX,
    Cell,
    CellFault,
    SheetRow,
    trimmed,
)
from api.resources.registers.errors import RegisterError

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
        self.encoding = _declared(encoding) if encoding else _found(file)

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
    return CellFault("CELL_TOO_LONG") if len(field) > CHARACTERS_MAX else trimmed(field)


def _declared(encoding: str) -> str:
    found = _NAMES.get(encoding.strip().lower())
    if found is None:
        raise RegisterError("ENCODING_UNKNOWN")
    return found


def _found(file: BinaryIO) -> str:
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
