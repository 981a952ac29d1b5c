"""CSV and Parquet through a real ledger: the same transfers as NDJSON are the same records."""

import csv
import io
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ledger.values import Json
from tests.canary import NAME
from tests.chaos.ledger import Ledger
from tests.importing.items import item, line_of, ndjson
from tests.importing.running import left, report, run

pa: Any = import_module("pyarrow")  # it has no types
pq: Any = import_module("pyarrow.parquet")
_TOLD_AGAIN = {"recorded": "duplicate"}


def flat(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """The columns of an item, as the page says."""
    match value:
        case dict():
            for name, one in value.items():
                inside = name if path in ("", "data") else f"{path}.{name}"
                yield from flat(one, inside)
        case [dict(), *_]:
            for number, one in enumerate(value):
                yield from flat(one, f"{path}.{number}")
        case list():
            yield path, ";".join(map(str, value))
        case bool():
            yield path, str(value).lower()
        case None:
            yield path, "null"
        case _:
            yield path, str(value)


def several(source: str) -> list[dict[str, Any]]:
    """Transfers with everything that a flat file can state."""
    received = {"direction": "received", "acquisition": None, "special_care": True}
    two = [{"scheme": "member", "id": f"M-{n}", "name": NAME} for n in range(2)]
    return [
        item("1", source),
        item("2", source, **received),
        item("3", source, principals=two, consent={"obtained": False}),
        item("4", source, items=[]),
        item("1", source),
    ]


def as_csv(items: list[dict[str, Any]]) -> str:
    rows = [dict(flat(one)) for one in items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_parquet(path: Path, items: list[dict[str, Any]]) -> None:
    """Flat: a struct cannot tell a stated null from a member that is left out."""
    rows = [dict(flat(one)) for one in items]
    columns = dict.fromkeys(name for row in rows for name in row)
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in columns}), path)


def said(lines: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    kept = ("status", "lawful", "findings", "code")
    return [{name: one[name] for name in kept if name in one} for one in lines]


@pytest.mark.parametrize("kind", ["utf-8", "utf-8-sig", "cp932", "parquet", "nested"])
def test_a_file_in_another_format_is_known_to_the_ledger_item_by_item(
    ledger: Ledger, tmp_path: Path, source: str, kind: str
) -> None:
    # Every format has transfers of its own: those of NDJSON first, then the same again.
    own = f"{source}/{kind}"
    items = several(own)
    first = ndjson(tmp_path / "f.ndjson", map(line_of, items))
    assert run(ledger, first) == {"recorded": 3, "quarantine": 1, "duplicate": 1}
    path = tmp_path / "f"
    match kind:
        case "parquet":
            as_parquet(path, items)
        case "nested":
            nested = [one for one in items if "acquisition" not in one["data"]]
            pq.write_table(pa.Table.from_pylist(nested), path)
        case _:
            path.write_bytes(as_csv(items).encode(kind))
    encoding = "cp932" if kind == "cp932" else "utf-8"
    counts = run(ledger, path, encoding=encoding, rows_max=2, parallel=2)
    known = 3 if kind == "nested" else 4
    assert counts == {"duplicate": known, "quarantine": 1}
    assert len({one["position"] for one in report(path) if "position" in one}) == known - 1
    if kind != "nested":
        before = said(report(first))
        again = [{**one, "status": _TOLD_AGAIN.get(one["status"], one["status"])} for one in before]
        assert said(report(path)) == again
    [kept] = left(path, "quarantine")
    assert ("/data/items", "SCHEMA") in [(one["pointer"], one["code"]) for one in kept["errors"]]
