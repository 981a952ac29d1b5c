"""The first look at a register that was uploaded: its sheets, its headings, what they may mean."""

import tomllib
from dataclasses import dataclass
from typing import BinaryIO

from api.resources.registers import xlsx
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened_file
from api.resources.registers.suggestion import suggested
from api.workers.confined_reader import Stop
from ledger.values import Json

HEADING_ROW_MAX = 1_000


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How a register is read; None: found out.

    Attributes:
        sheet: of a workbook.
        encoding: of a CSV.
        row: in which the headings are.
    """

    sheet: str | None = None
    encoding: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """What was seen.

    Attributes:
        sheets: names, in the order of the tabs; none of a CSV.
        mapping: what a mapping file would state; a `?` is open.
    """

    sheets: list[Json]
    mapping: dict[str, Json]


def first_look(
    file: BinaryIO, name: str, reading: SheetOptions, stop: Stop | None = None
) -> SheetPreview:
    """Look at the first rows of a register.

    Args:
        stop: ends it from another thread.

    Raises:
        RegisterError: it cannot be read, or not so.
        NotWantedError: it was stopped.
    """
    with opened_file(file, name, reading.sheet, reading.encoding, stop) as sheet:
        text = suggested(sheet, reading.sheet, reading.row)
        names = sheet.sheet_names
    mapping: dict[str, Json] = tomllib.loads(text)
    if reading.encoding is not None:
        mapping["encoding"] = reading.encoding
    return SheetPreview([*names], mapping)


def sheet_names(file: BinaryIO, name: str, stop: Stop | None = None) -> tuple[str, ...]:
    """Names of the sheets of a workbook; none where it is no workbook that can be read.

    Raises:
        NotWantedError: it was stopped.
    """
    if not name.lower().endswith((".xlsx", ".xlsm")):
        return ()
    try:
        return xlsx.sheet_names(file, stop)
    except RegisterError:
        return ()
