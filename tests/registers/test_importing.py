"""The import on a real PostgreSQL: checked, recorded as backfill, and run again without harm."""

import csv
import io
import json
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from api.container import Container
from api.resources.registers import reports
from api.server.secrets import secrets_of
from ledger.emitters.heartbeats import Heartbeats
from ledger.quarantine.service import Quarantine
from tests.canary import MEMBER, NAME, OTHER_MEMBER, OTHER_NAME, traces
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import SETTINGS, open_doors
from tests.registers.conftest import Run, environment
from tests.registers.writing import (
    HEADINGS,
    MAPPING,
    SOURCE,
    csv_file,
    looked_at,
    mapping,
    usual_row,
    workbook,
)
from tests.serving.processes import LEDGER
from tests.serving.processes import environment as alone

FIRST = usual_row(1, 1, 会員番号=MEMBER, 氏名=NAME)
SECOND = usual_row(1, 2, 会員番号=OTHER_MEMBER, 氏名=OTHER_NAME)
THIRD = usual_row(2, 1, 会員番号=MEMBER, 氏名=NAME, 同意="無")
BROKEN = usual_row(3, 1, 会員番号=MEMBER, 氏名=NAME, 住所=None)


@pytest.fixture
def mapping_file(tmp_path: Path) -> Path:
    return written(tmp_path, MAPPING)


def written(folder: Path, given: dict[str, Any]) -> Path:
    (folder / "mapping.json").write_text(json.dumps(given), "utf-8")
    return folder / "mapping.json"


def register(folder: Path, *rows: Sequence[object]) -> Path:
    return workbook(folder / "register.xlsx", [HEADINGS, *rows])


def test_a_register_is_recorded_as_the_doors_would_have(
    tmp_path: Path, mapping_file: Path, run: Run, database: Database
) -> None:
    place = register(tmp_path, FIRST, SECOND, THIRD)

    done = run(place, "--mapping", mapping_file)

    assert done.exit_code == 0, done.output
    assert "2 transfers: 2 recorded" in done.output
    assert "recorded with findings: 1 CONSENT_NOT_OBTAINED" in done.output
    items = [cast("dict[str, Any]", one.item.given) for one in looked_at(place)]
    with open_doors(database.urls) as corridor:
        key = corridor.key("events:write", source=SOURCE)
        answer = corridor.ask("POST", "/v1/transfers", {"items": items}, key=key)
        assert answer.body["counts"] == {"duplicate": 2}
        assert answer.body["results"][1]["findings"] == ["CONSENT_NOT_OBTAINED"]
        history = corridor.history(("member", MEMBER))
        other = corridor.history(("member", OTHER_MEMBER))
    assert [entry["positions"] for entry in history["provisions"]] == [[1], [2]]
    assert [entry["positions"] for entry in other["provisions"]] == [[1]]
    # Its source is not unseen: coverage tells of a system that sends.
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(SETTINGS))) as house:
        assert [one.source for one in Heartbeats(house.writer, house.reader).sources()] == [SOURCE]


def test_a_row_that_changed_since_is_a_conflict_and_overwrites_nothing(
    tmp_path: Path, mapping_file: Path, run: Run, house: Container
) -> None:
    run(register(tmp_path, FIRST, SECOND, THIRD), "--mapping", mapping_file)
    changed = usual_row(2, 1, 会員番号=MEMBER, 氏名=NAME)
    place = register(tmp_path, FIRST, SECOND, changed, usual_row(4, 4))
    report = tmp_path / "report.csv"

    done = run(place, "--mapping", mapping_file, "--report", report)

    assert done.exit_code == 1
    for told in ("1 duplicate", "1 conflict", "1 recorded", "1 DUPLICATE_MISMATCH"):
        assert told in done.output
    assert [line[:4] for line in lines(report)] == [["4", "管理番号", "/id", "DUPLICATE_MISMATCH"]]
    assert house.reads.head() == 3


def lines(report: Path) -> list[list[str]]:
    content = report.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert not traces(content)
    [head, *rest] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(head) == reports.HEADINGS
    return rest


def test_nothing_is_recorded_while_a_row_is_broken(
    tmp_path: Path, mapping_file: Path, run: Run, house: Container
) -> None:
    report = tmp_path / "report.csv"
    place = register(tmp_path, FIRST, BROKEN)
    done = run(place, "--mapping", mapping_file, "--report", report)
    assert done.exit_code == 1
    assert "nothing was recorded" in done.output
    assert "1 MISSING" in done.output
    [line] = lines(report)
    assert line[:5] == [
        *("3", "住所", "/counterparty/address", "MISSING", "施行規則第20条第1項第1号ロ")
    ]
    assert house.reads.head() == 0


def test_what_is_broken_waits_in_quarantine_where_somebody_asks_for_it(
    tmp_path: Path, mapping_file: Path, run: Run, house: Container
) -> None:
    lost = usual_row(4, 4, 会員番号=9012345678)
    place = register(tmp_path, FIRST, BROKEN, lost)

    for attempt in (1, 2):
        done = run(place, "--mapping", mapping_file, "--quarantine")
        assert done.exit_code == 1
        assert "2 quarantined" in done.output
        kept = Quarantine(house.writer, house.keys, house.secret).page(None, 10).items
        assert len(kept) == 2
        assert {one.attempts for one in kept} == {attempt}

    assert house.reads.head() == 1
    items = [cast("dict[str, Any]", one.item) for one in kept]
    codes = {one["id"]: [d.code for d in k.defects] for one, k in zip(items, kept, strict=True)}
    assert codes == {"R-000003": ["SCHEMA"], "R-000004": ["NUMBER_NOT_TEXT"]}
    # As it stood in the register, so that somebody can mend it.
    [mended] = [one for one in items if one["id"] == "R-000004"]
    assert mended["data"]["principals"][0]["id"] == "9012345678"


def test_a_check_needs_no_ledger_and_ends_as_it_found(
    tmp_path: Path, mapping_file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_SECRET")
    monkeypatch.setenv("LEDGER_DATABASE_URL", "postgresql://nowhere.invalid/none")
    well = run(register(tmp_path, FIRST), "--mapping", mapping_file, "--check")
    assert (well.exit_code, "1 transfers checked" in well.output) == (0, True)
    broken = run(register(tmp_path, BROKEN), "--mapping", mapping_file, "--check")
    assert broken.exit_code == 1
    assert "2行「住所」/counterparty/address MISSING" in broken.output


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("r.pdf", (), "NOT_A_REGISTER"),
        ("r.csv", ("--encoding", "latin-1"), "ENCODING_UNKNOWN"),
        ("r.csv", (), "COLUMN_MISSING (提供年月日、提供先、住所"),
    ],
)
def test_a_register_that_cannot_be_read_is_told_in_words(
    tmp_path: Path, mapping_file: Path, run: Run, name: str, options: tuple[str, ...], told: str
) -> None:
    (tmp_path / name).write_bytes("あ\r\n".encode())
    done = run(tmp_path / name, "--mapping", mapping_file, *options)
    assert (done.exit_code, told in done.output) == (1, True), done.output


def test_a_mapping_with_faults_is_told_before_anything_is_read(tmp_path: Path, run: Run) -> None:
    place = written(tmp_path, mapping(version=7, merged="no"))
    done = run(register(tmp_path, FIRST), "--mapping", place)
    assert done.exit_code == 2
    assert "version: must be 1" in done.output
    assert "merged: refuse or repeat" in done.output
    assert run(register(tmp_path, FIRST)).exit_code == 2


# -- An import is killed and stopped again and again: run once more, nothing is doubled --


ROWS = 5_000
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGKILL)
_PATIENCE_S = 180.0


def test_an_import_that_was_killed_goes_on_and_doubles_nothing(
    tmp_path: Path, database: Database
) -> None:
    rows = (usual_row(n, n, 会員番号=f"{MEMBER}-{n}", 氏名=NAME) for n in range(ROWS))
    place = csv_file(tmp_path / "register.csv", [HEADINGS, *rows])
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING), "utf-8")
    output = tmp_path / "output"

    def start() -> subprocess.Popen[bytes]:
        with output.open("ab") as file:
            return subprocess.Popen(
                [LEDGER, "import", place, "--mapping", tmp_path / "mapping.json"],
                env=alone(**environment(database)),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    with psycopg.connect(database.urls.reader, autocommit=True) as looking:

        def head() -> int:
            row = looking.execute("SELECT position FROM ledger.head").fetchone()
            assert row is not None
            return row[0]

        reached = 0
        for number in SIGNALS:
            process = start()
            deadline = time.monotonic() + _PATIENCE_S
            while head() == reached:
                assert process.poll() is None, output.read_text()[-2_000:]
                assert time.monotonic() < deadline
                time.sleep(0.002)
            process.send_signal(number)
            ended = process.wait(_PATIENCE_S)
            assert ended == (1 if number == signal.SIGINT else -number)
            reached = head()
        assert 0 < reached < ROWS, "nothing was interrupted"

        assert start().wait(_PATIENCE_S) == 0, output.read_text()[-2_000:]

        assert head() == ROWS
        [(streams, positions)] = looking.execute(
            "SELECT count(DISTINCT originator_id), count(*) FROM ledger.events"
        ).fetchall()
        assert (streams, positions) == (ROWS, ROWS)
    text = output.read_text("utf-8")
    assert text.count("the same command again goes on") == SIGNALS.count(signal.SIGINT)
    assert f"{ROWS:,} transfers: " in text
    assert f"{reached:,} duplicate" in text
    assert f"{ROWS - reached:,} recorded" in text
    assert not traces(text)
