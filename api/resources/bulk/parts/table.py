"""CSV with a heading: columns `scheme`, `id` and, if there are names, `name`, in any order.

In UTF-8, with or without a byte order mark. Exactly as RFC 4180 has it: a quote stands at both ends
of a field or nowhere, for readers differ about anything else. A name that is empty is left out.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final, cast

from typing_extensions import override

from api.contract.pointers import is_field_name
from api.resources.bulk.parts.lines import LINE_BYTES_MAX, LineOrDefect, Lines, defect, too_long
from ledger.errors import Defect, MalformedError
from ledger.values import Json

_MARK: Final = b"\xef\xbb\xbf"
_REQUIRED: Final = ("scheme", "id")
_KNOWN: Final = (*_REQUIRED, "name")
_FIELD: Final = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
_ROW: Final = re.compile(f"{_FIELD}(?:,{_FIELD})*")


class CsvPart(Lines):
    """Reads a part as CSV; rows are numbered as spreadsheets number them, the heading is row 1."""

    def __init__(self) -> None:
        self._begun = b""
        self._row: list[bytes] = []
        self._size = 0
        self._is_quoted = False
        self._number = 0
        self._columns: Sequence[str] = ()

    @override
    def lines(self, content: bytes) -> Iterator[LineOrDefect]:
        *ended, self._begun = (self._begun + content).split(b"\n")
        for text in ended:
            # A line that ends within quotes goes on: so many quotes as not yet have a second one.
            self._row.append(text)
            self._size += len(text) + 1
            self._is_quoted ^= text.count(b'"') % 2 == 1
            if self._size - 1 > LINE_BYTES_MAX:
                raise too_long(self._number + 1)
            if not self._is_quoted:
                yield from self._ended()
        if self._size + len(self._begun) > LINE_BYTES_MAX:
            raise too_long(self._number + 1)

    @override
    def flush(self) -> Iterator[LineOrDefect]:
        if self._begun or self._row:
            self._row.append(self._begun)
            yield from self._ended()
        if not self._columns:
            raise MalformedError((_no_heading(),))

    def _ended(self) -> Iterator[LineOrDefect]:
        text = b"\n".join(self._row).removesuffix(b"\r")
        self._row, self._size = [], 0
        self._number += 1
        fields = _fields(text.removeprefix(_MARK) if self._number == 1 else text, self._number)
        if self._number > 1:
            yield fields if isinstance(fields, Defect) else self._line(fields)
            return
        if isinstance(fields, Defect):
            raise MalformedError((fields,))
        self._columns = _heading(fields)

    def _line(self, fields: list[str]) -> LineOrDefect:
        if len(fields) != len(self._columns):
            detail = f"a row has {len(self._columns)} fields, as the heading"
            return defect(self._number, "CSV_FIELDS", detail)
        person = dict(zip(self._columns, fields, strict=True))
        if not person.get("name", "-"):
            del person["name"]
        return self._number, cast("dict[str, Json]", person)


def _heading(fields: list[str]) -> list[str]:
    """The columns.

    Raises:
        MalformedError: names every one that is missing, unknown or there twice.
    """
    found: list[Defect] = []
    # What is no heading may be a person: only what looks like a name of a column is repeated.
    for name in dict.fromkeys(fields):
        label = f"`{name}`" if is_field_name(name) else "a column"
        if name not in _KNOWN:
            found.append(defect(1, "CSV_HEADING", f"{label} is unknown"))
        elif fields.count(name) > 1:
            found.append(defect(1, "CSV_HEADING", f"{label} stands twice"))
    if not set(_REQUIRED) <= set(fields):
        found.append(_no_heading())
    if found:
        raise MalformedError(tuple(found[: len(_KNOWN) + 1]))
    return fields


def _no_heading() -> Defect:
    return defect(1, "CSV_HEADING", "begin with a row that names the columns `scheme` and `id`")


def _fields(text: bytes, number: int) -> list[str] | Defect:
    try:
        row = text.decode()
    except UnicodeDecodeError:
        return defect(number, "NOT_UTF8", "is not UTF-8")
    if '"' not in row and "\r" not in row:
        return row.split(",")
    if _ROW.fullmatch(row) is None:
        detail = "quotes stand at both ends of a field, and doubled within (RFC 4180)"
        return defect(number, "CSV_QUOTES", detail)
    [fields] = csv.reader([row], strict=True)
    return fields
