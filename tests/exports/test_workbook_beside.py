"""The workbook that is written beside its table: the same bytes, and why there is none."""

import os
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from api.resources.exports.workbook_beside import WorkbookBeside, WorkbookError, workbook_beside
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest
from ledger.exports.filters import Filters
from ledger.exports.table import TABLE
from ledger.exports.tables import COLUMNS, head, line_of
from ledger.exports.workbook import NAME, Cover, write_workbook

AT = datetime(2026, 11, 25, 3, 4, 5, 678_000, tzinfo=UTC)
ASKED = ExportRequest(random_uuid(), Filters(), AT, bytes(32), {})
PARTY = '髙橋商店、"本店"\n2階'


def row(number: int) -> list[str]:
    cells = {"番号": str(number), "第三者の氏名又は名称": PARTY}
    return [cells.get(one, "") for one in COLUMNS]


ROWS = [row(n) for n in range(1, 400)]


@pytest.fixture
def bag(tmp_path: Path) -> BagWriter:
    made = BagWriter(tmp_path / "bag")
    made.path.mkdir()
    return made


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[WorkbookBeside]:
    with workbook_beside(ASKED, tmp_path) as one:
        yield one
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def table(rows: list[list[str]]) -> bytes:
    return head() + b"".join(map(line_of, rows))


def in_one_go(rows: list[list[str]], folder: Path) -> bytes:
    place = folder / "whole.xlsx"
    write_workbook(place, rows, Cover(ASKED.export, ASKED.at))
    return place.read_bytes()


def process_of(beside: WorkbookBeside) -> int:
    child = beside._child  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 -- to be killed
    assert child is not None
    return child.pid


@pytest.mark.parametrize("size", [1, 7, 4_096, 1 << 20])
def test_whatever_the_parts_the_workbook_is_the_one_of_the_whole_table(
    size: int, beside: WorkbookBeside, bag: BagWriter, tmp_path: Path
) -> None:
    rows = ROWS if size > 1 else ROWS[:20]
    write, whole = beside.follow(), table(rows)
    for n in range(0, len(whole), size):
        write(whole[n : n + size])
    beside.put(bag)
    made = (bag.path / "data" / NAME).read_bytes()
    assert made == in_one_go(rows, tmp_path)
    assert bag.digests[f"data/{NAME}"] == sha256(made).hexdigest()


def test_a_table_that_is_begun_anew_is_the_one_that_counts(
    beside: WorkbookBeside, bag: BagWriter, tmp_path: Path
) -> None:
    bag.followers = {TABLE: beside.follow}
    for rows in (ROWS, ROWS[:5]):
        with bag.file(TABLE) as file:
            file.write(table(rows))
    beside.put(bag)
    assert (bag.path / "data" / NAME).read_bytes() == in_one_go(ROWS[:5], tmp_path)


def test_an_error_of_the_system_over_there_is_one_here(
    beside: WorkbookBeside, bag: BagWriter, tmp_path: Path
) -> None:
    [folder] = (one for one in tmp_path.iterdir() if one.name.startswith("."))
    shutil.rmtree(folder)
    write = beside.follow()
    for _ in range(200):
        write(table(ROWS))
    with pytest.raises(OSError, match=r"\[Errno 2\]"):
        beside.put(bag)
    assert list(bag.digests) == []


def test_a_table_that_is_none_is_told_without_its_words(
    beside: WorkbookBeside, bag: BagWriter
) -> None:
    beside.follow()(head() + "番号でない,見本 太郎\n".encode())
    with pytest.raises(WorkbookError) as told:
        beside.put(bag)
    assert str(told.value) == ""


def test_a_process_that_was_killed_leaves_no_workbook(
    beside: WorkbookBeside, bag: BagWriter
) -> None:
    write = beside.follow()
    write(table(ROWS))
    os.kill(process_of(beside), signal.SIGKILL)
    for _ in range(200):
        write(table(ROWS))
    with pytest.raises(WorkbookError):
        beside.put(bag)


def test_what_nobody_wants_any_more_ends(tmp_path: Path) -> None:
    with workbook_beside(ASKED, tmp_path) as beside:
        beside.follow()(table(ROWS))
        pid = process_of(beside)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list(tmp_path.iterdir()) == []
