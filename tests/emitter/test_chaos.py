"""kill -9 of emitting processes, of the ledger and of its database, at random moments."""

import random
import subprocess
import sys
import time
from pathlib import Path

from ledger_emitter import Outbox
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.emitter.chaos import Chaos
from tests.emitter.ledgers import destination
from tests.emitter.transfers import item
from tests.rounds import rounds

KILLS = rounds(24, at_least=6)


def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    dice = random.Random(7)  # noqa: S311 -- which process dies, nothing secret
    report = Chaos(ledger, tmp_path, source, dice).run(KILLS)
    assert report.wrong == []
    assert set(report.killed) == {"client", "web", "postgres", "backend"}
    assert report.recorded > 25
    assert report.refused > 0


def test_a_sender_that_is_killed_is_followed_by_another_process(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    key = tmp_path / "key.txt"
    key.write_text(ledger.key(), "utf-8")
    outbox, url = tmp_path / "outbox.db", destination(ledger).url
    command = [sys.executable, "-m", "ledger_emitter.command", "--outbox", outbox]
    sending = [*command, "send", "--url", url, "--credential-file", key]
    with Outbox(outbox) as opened:
        opened.put(item("1", source))
        senders = [subprocess.Popen(sending, stdout=subprocess.DEVNULL) for _ in range(2)]
        try:
            for number, sender in enumerate(senders):
                last = opened.put(item(f"n{number}", source)).number
                while opened.waits(last):
                    time.sleep(0.02)
                sender.kill()
                sender.wait(30)
        finally:
            for sender in senders:
                sender.kill()
                sender.wait(30)
    assert recorded(ledger, source) == {"1": 1, "n0": 1, "n1": 1}
