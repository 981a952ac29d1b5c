"""A file of transfers through a real ledger: what each line becomes, however it is cut."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.imports.errors import FileError
from ledger.values import Json
from tests.canary import NAME, traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import head, recorded
from tests.importing import oracle
from tests.importing.items import SOURCE, item, line_of, ndjson
from tests.importing.running import left, report, run
from tests.rounds import rounds

_fresh = count()
Made = Callable[[str, int], bytes]


"""Source and a number among few → a line: equal numbers state equal keys."""


KINDS: dict[str, Made] = {
    "lawful": lambda source, n: line_of(item(f"a-{n}", source)),
    "with a finding": lambda source, n: line_of(
        item(f"f-{n}", source, consent={"obtained": False})
    ),
    "under a key of others": lambda source, n: line_of(item(f"a-{n}", source, items=["住所"])),
    "on a base": lambda source, n: line_of(
        item(f"b-{n}", source, base_record=f"a-{n}", omitted_items=["ITEMS"])
    ),
    "in a series": lambda source, n: line_of(
        item(f"s-{n}", source, method="collective", series_id="one")
    ),
    "malformed": lambda source, n: line_of(item(f"m-{n}", source, items=[])),
    "of another source": lambda _, n: line_of(item(f"o-{n}", "https://elsewhere.example.jp")),
    "no item": lambda _, n: line_of([n]),
    "no JSON": lambda _, n: b'{"source": %d' % n,
    "no UTF-8": lambda _, n: b'{"source": "\xff%d"}' % n,
    "with NUL": lambda _, n: b"\0%d" % n,
    "a member twice": lambda source, n: (
        b'{"source": "%s", "id": "t-%d", "id": "t", "data": {}}' % (source.encode(), n)
    ),
    "blank": lambda _source, _n: b"  ",
}


def _lines(source: str, drawn: Sequence[tuple[str, int]]) -> list[bytes]:
    return [KINDS[kind](source, n) for kind, n in drawn]


@settings(max_examples=rounds(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 3)), min_size=1),
    rows_max=st.integers(1, 20),
    parallel=st.integers(1, 4),
)
def test_any_split_into_requests_tells_of_each_line_what_single_requests_tell(
    ledger: Ledger, tmp_path: Path, drawn: list[tuple[str, int]], rows_max: int, parallel: int
) -> None:
    number, start = next(_fresh), head(ledger)
    alone, ours = f"{SOURCE}/alone-{number}", f"{SOURCE}/ours-{number}"
    expected = oracle.told(ledger, _lines(alone, drawn), ledger.key())
    lines = _lines(ours, drawn)
    path = ndjson(tmp_path / f"{number}.ndjson", lines)
    counts = run(ledger, path, rows_max=rows_max, parallel=parallel, format="ndjson")
    found = report(path)
    assert oracle.without_places(found) == oracle.without_places(expected)
    assert counts.total() == len(lines)
    assert recorded(ledger, ours, start) == recorded(ledger, alone, start)
    bad = [one["line"] for one in found if one["status"] == "quarantine"]
    quarantine = left(path, "quarantine")
    assert [one["line"] for one in quarantine] == bad
    assert all(one["code"] and one["errors"] for one in quarantine)
    assert not traces((path.with_name(f"{path.name}.import") / "report.ndjson").read_bytes())


def test_a_line_in_quarantine_stands_there_as_it_came_with_the_places_of_its_faults(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    bad = line_of(item("1", source, items=[], consent={}))
    broken = b'{"source": "\xff"}'
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("0", source)), bad, broken])
    assert run(ledger, path) == {"recorded": 1, "quarantine": 2}
    first, second = left(path, "quarantine")
    assert first["raw"] == bad.decode() + "\n"
    assert first["at"] == len(line_of(item("0", source))) + 1
    places = {(error["pointer"], error["code"]) for error in first["errors"]}
    assert ("/data/items", "SCHEMA") in places
    assert any(pointer.startswith("/data/consent") for pointer, _ in places)
    assert second["raw_base64"] == "eyJzb3VyY2UiOiAi/yJ9Cg=="
    assert second["code"] == "NOT_UTF8"
    folder = tmp_path / "f.ndjson.import"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {place.stat().st_mode & 0o777 for place in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"content": b"other"}, "ANOTHER_FILE"),
        ({"url": "http://localhost:1"}, "ANOTHER_LEDGER"),
        ({"format": "csv"}, "ANOTHER_READING"),
    ],
)
def test_a_folder_of_another_import_is_refused(
    ledger: Ledger, tmp_path: Path, source: str, change: dict[str, Any], code: str
) -> None:
    header = b"source,id\n"
    lines = [line_of(item(f"{code}-{n}", source)) for n in range(2)]
    path = ndjson(tmp_path / "f.ndjson", lines if code != "ANOTHER_READING" else [header])
    run(ledger, path, format="ndjson")
    content = change.pop("content", None)
    if content is not None:
        path.write_bytes(path.read_bytes().replace(b'"id": "', b'"id": "x', 1))
    before = report(path)
    with pytest.raises(FileError) as caught:
        run(ledger, path, **{"format": "ndjson", **change})  # pyright: ignore[reportArgumentType] -- as above
    assert caught.value.code == code
    assert report(path) == before


def test_a_damaged_journal_is_refused(ledger: Ledger, tmp_path: Path, source: str) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item("1", source))])
    run(ledger, path)
    journal = tmp_path / "f.ndjson.import" / "journal.ndjson"
    for broken in (b"{}\n", b"[1]\n", b"not json\n", journal.read_bytes()[5:]):
        journal.write_bytes(broken)
        with pytest.raises(FileError) as caught:
            run(ledger, path)
        assert caught.value.code == "JOURNAL_DAMAGED"


def test_a_file_that_changes_meanwhile_ends_the_import(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(str(n), source)) for n in range(20)])

    def append(_: object) -> None:
        with path.open("ab") as file:
            file.write(line_of(item("late", source)) + b"\n")

    with pytest.raises(FileError) as caught:
        run(ledger, path, rows_max=2, told=append)
    assert caught.value.code == "FILE_CHANGED"
    assert "late" not in recorded(ledger, source)


def test_two_processes_do_not_import_one_file(ledger: Ledger, tmp_path: Path, source: str) -> None:
    path = ndjson(tmp_path / "f.ndjson", [line_of(item(str(n), source)) for n in range(3)])
    refused: list[str] = []

    def again(_: object) -> None:
        with pytest.raises(FileError) as caught:
            run(ledger, path, rows_max=1)
        refused.append(caught.value.code)

    run(ledger, path, rows_max=1, told=again)
    assert refused
    assert set(refused) == {"IS_RUNNING"}
    assert recorded(ledger, source) == {"0": 1, "1": 1, "2": 1}


def test_what_a_report_says_of_a_marked_item_does_not_tell_the_mark(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    marked = {**item("1", source), "order_11": "i"}
    path = ndjson(tmp_path / "f.ndjson", [line_of(marked)])
    run(ledger, path)
    assert report(path) == [{"line": 1, "status": "quarantine", "code": "REJECTED"}]
    [kept] = left(path, "quarantine")
    assert json.loads(kept["raw"]) == marked
    assert kept["code"] == "SCOPE_MISSING"


# -- CSV and Parquet through a real ledger: the same transfers as NDJSON are the same records --


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
