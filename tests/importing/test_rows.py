"""What is read of a file: good rows, and everything that can be wrong with one, by name."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.imports.csv_rows import encoding_of
from api.imports.errors import FileError
from api.imports.formats import Format, format_of, opened
from api.imports.rows import FilePosition, FileRow
from ledger_emitter.items import ITEM_BYTES_MAX
from tests.importing.items import item, line_of

GOOD = line_of(item("1"))
HEADER = b"source,id,counterparty.name\n"
MIB = 1 << 20


def rows_of(
    path: Path, content: bytes, kind: Format | None = None, encoding: str = "utf-8"
) -> list[FileRow]:
    path.write_bytes(content)
    chosen = kind or format_of(path)
    with opened(path, chosen, encoding_of(encoding)) as rows:
        return list(rows.rows(rows.begin()))


def told(row: FileRow) -> str:
    if row.defects:
        return row.defects[0].code
    return "item" if row.item else "blank"


NDJSON: dict[str, tuple[bytes, list[str]]] = {
    "a line": (GOOD + b"\n", ["item"]),
    "no line end at the end": (GOOD + b"\n" + GOOD, ["item", "item"]),
    "CRLF": (GOOD + b"\r\n" + GOOD + b"\r\n", ["item", "item"]),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD + b"\n", ["item"]),
    "a byte order mark later": (GOOD + b"\n\xef\xbb\xbf" + GOOD, ["item", "NOT_JSON"]),
    "blank lines": (
        GOOD + b"\n\n \t\r\n" + GOOD + b"\n\n",
        ["item", "blank", "blank", "item", "blank"],
    ),
    "NUL": (GOOD + b"\n\0\n" + GOOD, ["item", "NUL", "item"]),
    "invalid UTF-8": (b'{"source": "\xff"}\n' + GOOD, ["NOT_UTF8", "item"]),
    "a lone surrogate": (b'{"source": "\\ud800"}\n', ["NOT_JSON"]),
    "NaN": (b'{"source": NaN}\n', ["NOT_JSON"]),
    "broken JSON": (b'{"source": \n' + GOOD, ["NOT_JSON", "item"]),
    "two on a line": (GOOD + GOOD + b"\n", ["NOT_JSON"]),
    "a member twice": (b'{"id": "1", "id": "2"}\n', ["DUPLICATE_MEMBER"]),
    "a thousand brackets": (b"[" * 1_000 + b"]" * 1_000 + b"\n", ["NOT_JSON"]),
    "a text": (b'"item"\n' + GOOD, ["NOT_AN_ITEM", "item"]),
    "a line as long as a request": (b"{" + b" " * (ITEM_BYTES_MAX - 2) + b"}\n", ["item"]),
    "a line one byte longer": (
        b"{" + b" " * (ITEM_BYTES_MAX - 1) + b"}\n" + GOOD,
        ["LINE_TOO_LONG", "item"],
    ),
    "a long line without an end": (GOOD + b"\n{" + b"x" * (11 * MIB), ["item", "LINE_TOO_LONG"]),
}


@pytest.mark.parametrize("name", NDJSON)
def test_ndjson_is_read_line_by_line(tmp_path: Path, name: str) -> None:
    content, expected = NDJSON[name]
    rows = rows_of(tmp_path / "f", content, "ndjson")
    assert [told(row) for row in rows] == expected
    assert [row.at.line for row in rows] == list(range(1, len(rows) + 1))
    _covers(rows, content)
    for row in rows:
        assert (row.item == GOOD) == (row.raw.strip(b"\r\n") == GOOD)


def _covers(rows: list[FileRow], content: bytes) -> None:
    """Every byte is in exactly one row."""
    assert rows[-1].after.offset == len(content)
    for before, row in pairwise(rows):
        assert before.after == row.at
    for row in rows:
        assert content[row.at.offset : row.after.offset].startswith(row.raw)


CSV: dict[str, tuple[bytes, list[str]]] = {
    "a row": (b"s,1,a\n", ["item"]),
    "no line end at the end": (b"s,1,a", ["item"]),
    "CRLF": (b"s,1,a\r\ns,2,b\r\n", ["item", "item"]),
    "blank rows": (b"\n,,\ns,1,a\n", ["blank", "blank", "item"]),
    "a cell in two lines": (b's,1,"a\nb"\ns,2,c\n', ["item", "item"]),
    "too few cells": (b"s,1\ns,2,b\n", ["CELLS_DIFFER", "item"]),
    "too many cells": (b"s,1,a,b\ns,2,b\n", ["CELLS_DIFFER", "item"]),
    "an open quote": (b's,1,"a\ns,2,b\ns,3,c\n', ["CSV_QUOTES", "item", "item"]),
    "two open quotes": (
        b's,1,"a\ns,2,b\ns,3,"c\ns,4,d\n',
        ["CSV_QUOTES", "item", "CSV_QUOTES", "item"],
    ),
    "text after a quote": (b's,1,"a"b\ns,2,b\n', ["CSV_QUOTES", "item"]),
    "a quote inside a cell": (b's,1,5" disk\ns,2,b\n', ["item", "item"]),
    "NUL": (b"s,1,\0\ns,2,b\n", ["NUL", "item"]),
    "NUL within quotes": (b's,1,"a\n\0"\ns,2,b\n', ["CSV_QUOTES", "NUL", "item"]),
    "invalid UTF-8": (b"s,1,\xff\ns,2,b\n", ["NOT_DECODABLE", "item"]),
    "a long row": (b"s,1," + b"x" * (6 * MIB) + b"\ns,2,b\n", ["LINE_TOO_LONG", "item"]),
}


@pytest.mark.parametrize("name", CSV)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "with a byte order mark"])
def test_a_csv_is_read_record_by_record(tmp_path: Path, name: str, mark: bytes) -> None:
    content, expected = CSV[name]
    begin = mark + HEADER
    rows = rows_of(tmp_path / "f", begin + content, "csv")
    assert [told(row) for row in rows] == expected
    assert rows[0].at == FilePosition(2, len(begin))
    _covers(rows, begin + content)


_CELL = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(_CELL, _CELL, _CELL).filter(any), min_size=1, max_size=8),
    skipped=st.integers(0, 7),
)
def test_a_csv_is_what_its_writer_wrote_from_any_row_on(
    tmp_path: Path, cells: list[tuple[str, ...]], skipped: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["source", "id", "purpose"], *cells])
    path = tmp_path / "f.csv"
    rows = rows_of(path, text.getvalue().encode(), "csv")
    expected = [
        {"data": {"purpose": purpose} if purpose else {}}
        | ({"source": source} if source else {})
        | ({"id": id_} if id_ else {})
        for source, id_, purpose in cells
    ]
    assert [json.loads(row.item) for row in rows] == expected
    first = rows[min(skipped, len(rows) - 1)]
    with opened(path, "csv", "utf-8") as again:
        assert list(again.rows(first.at)) == rows[rows.index(first) :]


NO_FILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "FILE_EMPTY"),
    "an array": (b"[" + GOOD + b"]", "A_JSON_ARRAY"),
    "a workbook": (b"PK\x03\x04......", "A_WORKBOOK"),
    "UTF-16": ("source,id".encode("utf-16"), "UTF_16"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0,", "FORMAT_UNKNOWN"),
    "prose": (b"Dear all", "FORMAT_UNKNOWN"),
    "an unknown column": (b"source,id,counterparty.nam\n", "COLUMN_UNKNOWN"),
    "a column twice": (b"source,id,items,items\n", "COLUMN_TWICE"),
    "no id": (b"source,items\n", "COLUMN_MISSING"),
    "no header": ("https://a,1,神楽坂 金糸雀\n".encode(), "COLUMN_UNKNOWN"),
    "a header in no UTF-8": (b"source,id,\xff\n", "HEADER_BROKEN"),
    "an open quote in the header": (b'source,"id\n', "HEADER_BROKEN"),
    "half a Parquet": (b"PAR1 and no end,", "PARQUET_DAMAGED"),
}


@pytest.mark.parametrize("name", NO_FILE)
def test_what_is_no_file_of_transfers_is_refused_by_name(tmp_path: Path, name: str) -> None:
    content, code = NO_FILE[name]
    with pytest.raises(FileError) as caught:
        rows_of(tmp_path / "f", content)
    assert caught.value.code == code
    assert "金糸雀" not in str(caught.value)


def one(path: Path, header: str, row: str) -> dict[str, Any]:
    [found] = rows_of(path, f"{header}\n{row}\n".encode(), "csv")
    return json.loads(found.item)["data"]


def test_cells_state_what_the_members_of_a_transfer_can(tmp_path: Path) -> None:
    header = (
        "source,id,order_11,items,special_care,acquisition,counterparty.name,purpose,"
        "principals.0.id,principals.1.id,principals.1.name,date_not_recorded"
    )
    row = "s,1,i,氏名;住所 ; 電話番号,TRUE,null,null,yes,M-1,M-2,見本 花子,false"
    assert one(tmp_path / "f", header, row) == {
        "items": ["氏名", "住所", "電話番号"],
        "special_care": True,
        "acquisition": None,
        "counterparty": {"name": "null"},
        "purpose": "yes",
        "principals": [{"id": "M-1"}, {"id": "M-2", "name": "見本 花子"}],
        "date_not_recorded": False,
    }


def test_cp932_is_read_and_tells_what_it_may_have_lost(tmp_path: Path) -> None:
    header = "source,id,principals.0.name,counterparty.address,items\n"
    lines = [
        "s,1,髙橋 﨑子,1-2～3－4,氏名",
        "s,2,〓橋 花子,千代田区?町,氏名",
        "s,3,見本 太郎,Who? Me?,氏名?",
        "s,4,\ue000本 太郎,千代田区,氏名",
        "s,5,見本 太郎,千代田区,氏名",
    ]
    content = (header + "\n".join(lines)).encode("cp932")
    rows = rows_of(tmp_path / "f", content, "csv", "Shift_JIS")
    assert json.loads(rows[0].item)["data"]["principals"] == [{"name": "髙橋 﨑子"}]
    found = [[(one.column, one.code, one.character) for one in row.noticed] for row in rows]
    name, address = "principals.0.name", "counterparty.address"
    assert found == [
        [(name, "EXTENSION", "髙"), (name, "EXTENSION", "﨑"),
         (address, "AMBIGUOUS", "～"), (address, "AMBIGUOUS", "－")],
        [(name, "LOST", "〓"), (address, "SUSPECT", "?")],
        [("items", "SUSPECT", "?")],
        [(name, "GAIJI", "\ue000")],
        [],
    ]  # fmt: skip
    assert told(rows_of(tmp_path / "f", content + b"\ns,6,\x81,,x", "csv", "cp932")[5]) == (
        "NOT_DECODABLE"
    )


# -- Parquet as the reference writer writes it: items as they are, --


pa: Any = import_module("pyarrow")  # it has no types
pq: Any = import_module("pyarrow.parquet")


def written(path: Path, table: object, **options: object) -> Path:
    pq.write_table(table, path, **options)
    return path


def read(path: Path) -> list[FileRow]:
    with opened(path, format_of(path), "utf-8") as rows:
        return list(rows.rows(rows.begin()))


def test_parquet_holds_items_as_they_are_sent(tmp_path: Path) -> None:
    given_items = [item(str(n)) for n in range(700)]
    path = written(tmp_path / "f", pa.Table.from_pylist(given_items), row_group_size=90)
    rows = read(path)
    assert [json.loads(row.item) for row in rows] == given_items
    for first in (0, 1, 89, 90, 91, 699):
        with opened(path, "parquet", "utf-8") as again:
            assert list(again.rows(FilePosition(first + 1, first))) == rows[first:]


def test_parquet_may_be_flat_with_days_lists_and_truth(tmp_path: Path) -> None:
    table = pa.table(
        {
            "source": ["s", "s"],
            "id": ["1", "2"],
            "transferred_on": [date(2026, 1, 15), None],
            "items": [["氏名", "住所"], ["氏名"]],
            "consent.obtained": [True, False],
            "consent.at": [datetime(2026, 1, 14, 3, tzinfo=UTC), None],
            "principals.0.id": ["M-1", None],
            "acquisition": ["null", None],
        }
    )
    first, second = (json.loads(row.item)["data"] for row in read(written(tmp_path / "f", table)))
    assert first == {
        "transferred_on": "2026-01-15",
        "items": ["氏名", "住所"],
        "consent": {"obtained": True, "at": "2026-01-14T03:00:00+00:00"},
        "principals": [{"id": "M-1"}],
        "acquisition": None,
    }
    assert second == {"items": ["氏名"], "consent": {"obtained": False}}


def test_a_time_is_told_in_the_zone_of_its_column(tmp_path: Path) -> None:
    told_times: list[str] = []
    for zone in ("Asia/Tokyo", "+09:00", "America/New_York", "UTC"):
        for unit in ("s", "ms", "us", "ns"):
            times = pa.array([datetime(2026, 1, 14, 3, tzinfo=UTC)], pa.timestamp(unit, zone))
            table = pa.table({"source": ["s"], "id": ["1"], "consent.at": times})
            [row] = read(written(tmp_path / "f", table))
            told_times.append(json.loads(row.item)["data"]["consent"]["at"])
    assert told_times == [
        *["2026-01-14T12:00:00+09:00"] * 8,
        *["2026-01-13T22:00:00-05:00"] * 4,
        *["2026-01-14T03:00:00+00:00"] * 4,
    ]


Values = Callable[[], Any]
UNSTATABLE: dict[str, tuple[Values, str]] = {
    "a time without a zone": (lambda: pa.array([datetime(2026, 1, 1)]), "TIME_WITHOUT_ZONE"),  # noqa: DTZ001 -- what is tested
    "bytes": (lambda: pa.array([b"\xff"]), "NOT_STATABLE"),
}


@pytest.mark.parametrize("name", UNSTATABLE)
def test_a_value_that_no_transfer_has_is_named(tmp_path: Path, name: str) -> None:
    values, code = UNSTATABLE[name]
    table = pa.table({"source": ["s"], "id": ["1"], "purpose": values()})
    [row] = read(written(tmp_path / "f", table))
    assert told(row) == code


@pytest.mark.parametrize("cut", [4, 100, 2_000])
def test_a_damaged_parquet_ends_by_name(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "f", pa.Table.from_pylist([item(str(n)) for n in range(300)]))
    content = bytearray(path.read_bytes())
    content[cut : cut + 30] = bytes(30)
    path.write_bytes(bytes(content))
    with pytest.raises(FileError) as caught:
        read(path)
    assert caught.value.code == "PARQUET_DAMAGED"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["source", "id", "data", "more"], "COLUMN_UNKNOWN"),
        (["id", "data"], "COLUMN_MISSING"),
        (["source", "id", "more"], "COLUMN_UNKNOWN"),
    ],
)
def test_columns_of_a_parquet_are_those_of_a_transfer(
    tmp_path: Path, names: list[str], code: str
) -> None:
    path = written(tmp_path / "f", pa.table({name: ["x"] for name in names}))
    with pytest.raises(FileError) as caught:
        read(path)
    assert caught.value.code == code
