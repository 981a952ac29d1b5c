"""A file of persons becomes one transfer, the same as if it had been sent in one request."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from api.imports.errors import FileError, UndeliveredError
from tests.canary import traces
from tests.chaos.ledger import Ledger
from tests.importing.items import ndjson
from tests.importing.persons import lines_of, ordinary, person, send, transfer
from tests.importing.running import report, run

pa: Any = import_module("pyarrow")  # it has no types
pq: Any = import_module("pyarrow.parquet")
PERSONS = [person(n) for n in range(45)]


def as_ndjson(folder: Path) -> Path:
    return ndjson(folder / "f.ndjson", lines_of(PERSONS))


def as_csv(folder: Path, encoding: str = "utf-8") -> Path:
    rows = [f"{one.get('name', '')},{one['id']},{one['scheme']}\r\n" for one in PERSONS]
    path = folder / "f.csv"
    path.write_bytes("".join(["name,id,scheme\r\n", *rows]).encode(encoding))
    return path


def as_parquet(folder: Path) -> Path:
    columns = {name: [one.get(name) for one in PERSONS] for name in ("scheme", "id", "name")}
    path = folder / "f.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=17)
    return path


FORMS: dict[str, Callable[[Path], Path]] = {
    "NDJSON": as_ndjson,
    "CSV": as_csv,
    "CP932": lambda folder: as_csv(folder, "cp932"),
    "Parquet": as_parquet,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_record_is_that_of_an_ordinary_transfer(
    ledger: Ledger, tmp_path: Path, source: str, form: str
) -> None:
    """Whichever came first, the other is its repeat: all lines count, byte for byte."""
    path, source = FORMS[form](tmp_path), f"{source}/{form.lower()}"
    header = transfer(tmp_path / "transfer.json", source)
    encoding = "cp932" if form == "CP932" else "utf-8"
    done = send(ledger, path, header, encoding=encoding)
    again = ordinary(ledger, source, PERSONS)
    assert (done["status"], done["persons"], done["repeated"]) == ("recorded", 45, 0)
    assert again["status"] == "duplicate"
    assert (done["transfer"], done["position"]) == (again["transfer"], again["position"])
    assert (done["lawful"], done["findings"]) == (True, [])
    assert (done["lines"], done["blank"], done["left_out"]) == (45, 0, [])
    assert report(path) == [done]
    assert not traces(json.dumps(done))

    other = transfer(tmp_path / "transfer.json", source, "ordinary first")
    before = ordinary(ledger, source, PERSONS, "ordinary first")
    folder = tmp_path / "other"
    folder.mkdir()
    repeat = send(ledger, FORMS[form](folder), other, encoding=encoding)
    assert before["status"] == "recorded"
    assert (repeat["status"], repeat["transfer"]) == ("duplicate", before["transfer"])


def test_a_person_who_stands_there_twice_is_one_and_blank_lines_are_counted(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    twice = lines_of([person(0), person(1), person(0), person(2), person(1)])
    path = ndjson(tmp_path / "f.ndjson", [*twice[:2], b"", *twice[2:], b"  "])
    done = send(ledger, path, transfer(tmp_path / "t.json", source), rows_max=2)
    assert (done["persons"], done["repeated"]) == (3, 2)
    assert (done["lines"], done["blank"]) == (5, 2)


def test_the_same_command_says_the_same_and_a_copy_of_the_file_is_a_duplicate(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, header = as_ndjson(tmp_path), transfer(tmp_path / "t.json", source)
    done = send(ledger, path, header)
    with pytest.raises(FileError, match="ANOTHER_LEDGER"):
        send(ledger, path, header, url="http://127.0.0.1:9")
    path.with_name("f.ndjson.import").joinpath("report.ndjson").unlink()
    assert send(ledger, path, header) == done == report(path)[0]
    copy = tmp_path / "copy"
    copy.mkdir()
    repeat = send(ledger, as_ndjson(copy), header, rows_max=7)
    assert repeat["status"] == "duplicate"
    assert (repeat["transfer"], repeat["position"]) == (done["transfer"], done["position"])


def test_other_persons_under_the_same_id_are_a_conflict(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    header = transfer(tmp_path / "t.json", source)
    send(ledger, as_ndjson(tmp_path), header)
    other = ndjson(tmp_path / "other.ndjson", lines_of(PERSONS[1:]))
    done = send(ledger, other, header)
    assert done["status"] == "conflict"
    assert done["code"]


def test_one_person_again_and_again_shrinks_no_more_than_the_ledger_allows(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path = ndjson(tmp_path / "f.ndjson", [b'{"id":"1","scheme":"a"}'] * 60_000)
    done = send(ledger, path, transfer(tmp_path / "t.json", source), rows_max=60_000)
    assert (done["persons"], done["repeated"]) == (1, 59_999)


TRANSFERS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no object": (lambda _: [], "TRANSFER_BROKEN"),
    "no data": (lambda one: {"source": one["source"], "id": "1"}, "TRANSFER_BROKEN"),
    "persons": (
        lambda one: {**one, "data": {**one["data"], "principals": [person(1)]}},
        "TRANSFER_BROKEN",
    ),
    "more": (lambda one: {**one, "lines": 3}, "TRANSFER_BROKEN"),
    "no items": (
        lambda one: {**one, "data": {**one["data"], "items": []}},
        r"TRANSFER_REFUSED \(.* at /data/items",
    ),
    "a series": (
        lambda one: {**one, "data": {**one["data"], "series_id": "s"}},
        "TRANSFER_REFUSED",
    ),
    "an empty id": (lambda one: {**one, "id": ""}, r"TRANSFER_REFUSED \(SCHEMA at /id"),
    "an unknown ground": (lambda one: {**one, "order_11": "v"}, "TRANSFER_REFUSED"),
}


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_transfer_that_is_none_is_refused_by_name(
    ledger: Ledger, tmp_path: Path, source: str, name: str
) -> None:
    change, said = TRANSFERS[name]
    header = transfer(tmp_path / "t.json", source)
    header.write_text(json.dumps(change(json.loads(header.read_text("utf-8")))), "utf-8")
    with pytest.raises(FileError, match=said) as caught:
        send(ledger, as_ndjson(tmp_path), header)
    assert not traces(str(caught.value))


@pytest.mark.parametrize("content", [b"{", b'{"id": "\xff"}', b'{"id": "1", "id": "2"}', b""])
def test_a_transfer_that_cannot_be_read_is_refused(
    ledger: Ledger, tmp_path: Path, content: bytes
) -> None:
    header = tmp_path / "t.json"
    header.write_bytes(content)
    with pytest.raises(FileError, match="TRANSFER_BROKEN"):
        send(ledger, as_ndjson(tmp_path), header)


def test_the_folder_belongs_to_one_transfer_and_one_kind_of_import(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, header = as_ndjson(tmp_path), transfer(tmp_path / "t.json", source)
    send(ledger, path, header)
    with pytest.raises(FileError, match="ANOTHER_TRANSFER"):
        send(ledger, path, transfer(tmp_path / "u.json", source, "other"))
    with pytest.raises(FileError, match="ANOTHER_READING"):
        run(ledger, path)
    path.write_bytes(path.read_bytes() + lines_of([person(99)])[0])
    with pytest.raises(FileError, match="ANOTHER_FILE"):
        send(ledger, path, header)
    items = ndjson(tmp_path / "items.ndjson", [b"{}"])
    run(ledger, items)
    with pytest.raises(FileError, match="ANOTHER_READING"):
        send(ledger, items, header)


def test_a_key_that_may_not_send_for_the_source_records_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    header = transfer(tmp_path / "t.json", "https://elsewhere.example.jp")
    with pytest.raises(UndeliveredError) as caught:
        send(ledger, as_ndjson(tmp_path), header)
    assert (caught.value.code, caught.value.status) == ("SOURCE_NOT_ALLOWED", 403)
