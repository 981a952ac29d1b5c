"""An import is killed and stopped again and again: run once more, nothing is doubled."""

import json
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from tests.canary import MEMBER, NAME, traces
from tests.database import Database
from tests.registers.conftest import environment
from tests.registers.writing import HEADINGS, MAPPING, csv_file, usual_row
from tests.serving.processes import LEDGER
from tests.serving.processes import environment as alone

ROWS = 8_000
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
