"""The examples run as they stand, against the real ledger, and again after kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from ledger.clock import day_in_japan, now
from ledger_emitter import Outbox
from ledger_emitter.send_queue import ItemAcknowledged, SendQueue
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import address, key
from tests.emitter.transfers import SOURCE, item

EXAMPLES = Path(__file__).parents[2] / "emitter" / "examples"


@pytest.fixture
def key_file(ledger: Ledger, tmp_path: Path) -> Path:
    file = tmp_path / "key.txt"
    file.write_text(key(ledger, SOURCE) + "\n", "utf-8")
    return file


def lines(prefix: str, count: int) -> str:
    given = [item(f"{prefix}-{n}") for n in range(count)]
    return "".join(
        json.dumps({"id": one.id, "data": one.data}, ensure_ascii=False) + "\n" for one in given
    )


def stands(ledger: Ledger, prefix: str) -> dict[str, int]:
    found = recorded(ledger).items()
    return {one: times for one, times in found if one.startswith(prefix)}


def test_the_batch_job_sends_a_file_and_again_sends_nothing_twice(
    ledger: Ledger, tmp_path: Path, path: Path, key_file: Path
) -> None:
    file = tmp_path / "transfers.ndjson"
    file.write_text(lines("batch", 1_200), "utf-8")
    job = [sys.executable, EXAMPLES / "batch_job.py", file, path, address(ledger), key_file]
    killed = subprocess.Popen(job)
    while not path.exists():
        time.sleep(0.01)
    time.sleep(0.2)
    killed.send_signal(signal.SIGKILL)
    killed.wait(30)
    for _ in range(2):
        done = subprocess.run(job, check=False, capture_output=True, text=True, timeout=300)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "sent; 0 items wait for a person\n"
    assert stands(ledger, "batch-") == {f"batch-{n}": 1 for n in range(1_200)}


def test_the_stream_takes_a_line_as_done_once_it_is_on_disk(
    ledger: Ledger, path: Path, key_file: Path
) -> None:
    stream = [sys.executable, EXAMPLES / "stream.py", path, address(ledger), key_file]
    given = lines("stream", 50).splitlines(keepends=True)
    with subprocess.Popen(
        stream,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
        text=True,
    ) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        for line in given[:30]:
            first.stdin.write(line)
            first.stdin.flush()
            assert first.stdout.readline() == "done\n"
        first.kill()
        first.stdin.close()
    # What the queue did not see acknowledged comes again, and the last one acknowledged, too.
    done = subprocess.run(
        stream, check=False, input="".join(given[29:]), capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "done\n" * 21
    assert stands(ledger, "stream-") == {f"stream-{n}": 1 for n in range(50)}


def test_the_daily_job_closes_yesterday_and_sends_what_was_lost(
    ledger: Ledger, tmp_path: Path, path: Path
) -> None:
    source, on = f"{SOURCE}/examples/daily", (day_in_japan(now()) - timedelta(days=1)).isoformat()
    operator = key(ledger, None, "admin:config")
    answer = httpx2.put(
        f"{address(ledger)}/v1/emitters/daily",
        json={"source": source, "name": "日次", "since": on},
        headers={"Authorization": f"Bearer {operator}"},
    )
    assert answer.status_code == 200, answer.text
    file = tmp_path / "both.txt"
    file.write_text(key(ledger, SOURCE, "events:write", "coverage:write"), "utf-8")
    with Outbox(path) as outbox:
        placed = outbox.put_many(item(f"d-{n}", source, transferred_on=on) for n in range(3))
        SendQueue(outbox).settle(
            [ItemAcknowledged(placed[1].number, "recorded", 1)]
        )  # and then lost
    job = [sys.executable, EXAMPLES / "close_day.py", path, address(ledger), file, "daily"]
    done = subprocess.run(job, check=False, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{on}: match, 3 items, 1 sent again\n"
