"""Why a file is not imported, or not to its end; what is wrong with single rows is a `Defect`."""

from typing import Final

from ledger.workers.confined_reader import UnreadableError

SAYINGS: Final = {
    "FILE_EMPTY": "the file is empty",
    "FILE_CHANGED": "the file changed while it was read; what was sent stands in the report. Give "
    "the changed file another name and import that too",
    "FORMAT_UNKNOWN": "this is no NDJSON, CSV or Parquet; give --format if it is",
    "A_WORKBOOK": "this is an Excel workbook: import it as a register, with --mapping",
    "A_JSON_ARRAY": "this is one JSON array; write one item a line",
    "UTF_16": "the file is in UTF-16; save it as UTF-8",
    "ENCODING_UNKNOWN": "the encoding is utf-8 or cp932",
    "ENCODING_FIXED": "NDJSON and Parquet are always in UTF-8; --encoding is for CSV",
    "HEADER_BROKEN": "the first line must name the columns, in the encoding of the file",
    "COLUMN_UNKNOWN": "no member of a transfer is called like that",
    "COLUMN_TWICE": "two columns say the same",
    "COLUMN_MISSING": "the columns source and id are needed",
    "PERSON_COLUMNS": "the columns of persons are scheme, id and, if there are names, name",
    "NO_PERSONS": "no line of the file is a person",
    "TOO_MANY_BAD": "more than 100,000 lines are bad; is this a file of persons?",
    "TRANSFER_BROKEN": "the file of --as-one holds one JSON object with source, id and data, "
    "perhaps order_11, and no persons",
    "TRANSFER_REFUSED": "the transfer in the file of --as-one is none that can be recorded so",
    "TOO_MANY_ROWS": "a Parquet file has at most as many rows as it has bytes; is it damaged?",
    "READING_STOPPED": "a batch of rows took more than 160 MiB of memory or 10 s to read; write "
    "shorter rows, or NDJSON",
    "PARQUET_NOT_INSTALLED": "Parquet needs pyarrow: pip install 'provision-ledger[import]'",
    "PARQUET_DAMAGED": "the file ends, or is damaged, where Parquet cannot be read on",
    "ANOTHER_FILE": "the folder beside it belongs to another file of this name; move the folder "
    "away if that import is over",
    "ANOTHER_LEDGER": "the folder beside it belongs to an import into another ledger; move the "
    "folder away to begin anew",
    "ANOTHER_READING": "the import was begun with another --format or --encoding, or with or "
    "without --as-one; give the same, or move the folder away to begin anew",
    "ANOTHER_TRANSFER": "the import was begun with another transfer in the file of --as-one; give "
    "the same, or move the folder away to begin anew",
    "LEFT_OUT_BEFORE": "the import was begun with --leave-out-bad; give it again, or move the "
    "folder away to begin anew",
    "JOURNAL_DAMAGED": "the folder beside the file is damaged; move it away to begin anew: what "
    "stands in the ledger will be told as a duplicate",
    "FOLDER_EXPOSED": "the folder beside the file is not yours alone, and is to hold personal "
    "data: move it away, or make it 0700",
    "IS_RUNNING": "another process imports this file",
}
"""What to do, by code."""

WRONG_CALL: Final = frozenset(SAYINGS) - {"FILE_CHANGED", "IS_RUNNING"}
"""The same call can never succeed."""


class FileError(UnreadableError):
    """The file is not imported, or not to its end.

    Attributes:
        code: one of `SAYINGS`.
        place: a column or a line by its number; never what stands there.
    """

    def __init__(self, code: str, place: str = "") -> None:
        where = f" ({place})" if place else ""
        super().__init__(f"{code}{where}: {SAYINGS[code]}")
        self.code = code
        self.place = place


class UndeliveredError(Exception):
    """The ledger does not take what it is sent, and no waiting mends it.

    Attributes:
        code: of the ledger's problem, or why there was no answer.
        status: of HTTP; 0 without an answer.
        line: from which on; 0: it is about none.
    """

    def __init__(self, code: str, status: int, line: int = 0) -> None:
        cause = f"HTTP {status}" if status else "no answer"
        where = f", from line {line} on" if line else ""
        super().__init__(f"{code} ({cause}){where}")
        self.code = code
        self.status = status
        self.line = line
