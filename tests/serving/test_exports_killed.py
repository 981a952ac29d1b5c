"""The process that makes exports is killed in the midst of one: it is begun anew, and is whole."""

import io
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from api.container import Container
from api.resources.exports.maker import FOLDER
from api.resources.exports.stored_request import ASKED, kept_question, packed_of
from api.server.secrets import secrets_of
from benchmarks.rebuild import fill
from ledger.clock import now
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports import verify
from ledger.exports.filters import Filters
from ledger.store.staged_rows import part
from tests.database import Database
from tests.doors.corridor import SETTINGS
from tests.ledger.given import ACTOR
from tests.registers.conftest import environment
from tests.serving.processes import SECONDS_MAX
from tests.serving.processes import environment as alone

RECORDS = 3_000


def test_an_export_whose_process_was_killed_is_begun_anew_and_leaves_no_trace_in_clear(
    tmp_path: Path, database: Database
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    given = alone(**environment(database), TMPDIR=str(temporary))

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "output").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "api.server.child", "keep"],
                env=given,
                stdin=subprocess.PIPE,  # the line to a supervisor: closed, it would end
                stdout=output,
                stderr=output,
            )

    with closing(Container(database.urls, database.ledger_name, secrets_of(SETTINGS))) as house:
        fill(house, RECORDS)
        exports = house.exports()
        told: Any = {ASKED: kept_question(Filters())}
        export = exports.begin(random_uuid(), ACTOR, told, now()).export

        def until(process: subprocess.Popen[bytes], *states: str) -> None:
            deadline = time.monotonic() + SECONDS_MAX
            while exports.find(export, now()).state not in states:
                assert process.poll() is None, (tmp_path / "output").read_text()[-2_000:]
                assert time.monotonic() < deadline
                time.sleep(0.005)

        process = start()
        until(process, "making")
        while not (left := list(temporary.glob(f"{FOLDER}*/export-*/data/records.ndjson"))):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=SECONDS_MAX)
        assert exports.find(export, now()).state == "making", "it was killed in the midst"
        assert left[0].exists(), "the control: something was left"
        process = start()
        until(process, "ready", "failed")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_MAX)
        found = exports.find(export, now())
        packed = packed_of(found)
        assert (found.state, found.attempts) == ("ready", 2)
        assert packed is not None
        assert packed.records == RECORDS
        content = b"".join(part(partial(exports.piece, found), 0, packed.bytes))
    assert list(temporary.iterdir()) == []
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "bag")
    assert verify.main([str(tmp_path / "bag" / f"export-{export}")]) == 0
    with psycopg.connect(database.urls.reader) as connection:
        events = connection.execute(
            "SELECT count(*) FROM ledger.events WHERE topic = 'export-produced'"
        ).fetchone()
    assert events == (1,)
