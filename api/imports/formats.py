"""Which kind of file it is, by its first bytes, and its rows."""

import codecs
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal

from api.imports.columns import TRANSFERS, Of
from api.imports.csv_rows import CsvRows
from api.imports.errors import FileError
from api.imports.ndjson import NdjsonRows
from api.imports.parquet import SubprocessParquet

Format = Literal["ndjson", "csv", "parquet"]
FileRows = NdjsonRows | CsvRows | SubprocessParquet
"""A file as rows; `total` is where `FilePosition.offset` ends."""

_BEGIN: Final = 4_096
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def format_of(path: Path) -> Format:
    """The format that the first bytes show.

    Raises:
        FileError: none that is taken.
    """
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
    if not begin:
        raise FileError("FILE_EMPTY")
    if begin.startswith(b"PAR1"):
        return "parquet"
    if begin.startswith(b"PK\3\4"):
        raise FileError("A_WORKBOOK")
    if begin.startswith(_UTF_16):
        raise FileError("UTF_16")
    text = begin.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"["):
        raise FileError("A_JSON_ARRAY")
    if text.startswith(b"{"):
        return "ndjson"
    if b"\0" in begin or b"," not in begin:
        raise FileError("FORMAT_UNKNOWN")
    return "csv"


@contextmanager
def opened(path: Path, chosen: Format, encoding: str, of: Of = TRANSFERS) -> Generator[FileRows]:
    """The rows of a file.

    Args:
        encoding: `utf-8`, or of a CSV `cp932`.
        of: what its rows are; NDJSON holds whatever its lines do.

    Raises:
        FileError: it cannot be read as `chosen`.
    """
    if chosen != "csv" and encoding != "utf-8":
        raise FileError("ENCODING_FIXED")
    with path.open("rb") as file:
        if chosen == "parquet":
            with closing(SubprocessParquet(file, of)) as rows:
                yield rows
        elif chosen == "ndjson":
            yield NdjsonRows(file)
        else:
            yield CsvRows(file, encoding, of)
