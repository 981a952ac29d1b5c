"""Opens a register by what it is, not by what it is called."""

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from api.resources.registers.cells import Sheet
from api.resources.registers.csv_sheet import CsvSheet
from api.resources.registers.errors import RegisterError
from api.resources.registers.xlsx import SheetBeside
from ledger.workers.confined_reader import Stop

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
    with closing(SheetBeside(file, sheet, stop)) as found:
        yield found
