"""Parquet as the reference writer writes it: items as they are, flat columns, and what is wrong."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from api.imports.errors import FileError
from api.imports.formats import format_of, opened
from api.imports.rows import FilePosition, FileRow
from tests.importing.items import item
from tests.importing.test_rows import told

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
