"""Kills an import, the ledger and its PostgreSQL at random moments, and compares what is left.

    ./dev python -m tests.importing.chaos --kills 50

The report is that of an import which nobody disturbed, and the ledger holds each item once.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from api.files.journal import folder_of
from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger
from tests.importing import oracle
from tests.importing.items import SOURCE, item, line_of, ndjson
from tests.importing.running import head, left, recorded, report
from tests.serving.processes import LEDGER, environment

ROWS: Final = 1_400
_PATIENCE_S: Final = 180.0
_INTERRUPTED: Final = 3
_VICTIMS: Final = ("client", "client", "interrupted", "web", "backend", "postgres")


def mixed(source: str, number: int) -> bytes:
    """The line of that number: always the same; each seventh is no ordinary one."""
    match number % 70:
        case 6:
            return line_of(item(f"n-{number}", source, items=[]))
        case 13:
            return line_of(item(f"n-{number - 5}", source))  # a repeat
        case 20:
            return line_of(item(f"n-{number - 5}", source, items=["住所"]))  # a conflict
        case 27:
            base = {"base_record": f"n-{number - 20}", "omitted_items": ["ITEMS"]}
            return line_of(item(f"n-{number}", source, **base))
        case 34:
            return b'{"source": "\xff'
        case 41:
            return b""
        case 48:
            return line_of(item(f"n-{number}", source, consent={"obtained": False}))
        case _:
            return line_of(item(f"n-{number}", source))


@dataclass(slots=True)
class Outcome:
    """What was done, and what is wrong with the result."""

    killed: Counter[str] = field(default_factory=Counter[str])
    runs: int = 0
    exit_code: int | None = None
    wrong: list[str] = field(default_factory=list[str])


class Chaos:
    """An import of one file that is killed and begun again until it ends by itself."""

    def __init__(self, ledger: Ledger, folder: Path, name: str, dice: random.Random) -> None:
        self._ledger = ledger
        self._folder = folder
        self._dice = dice
        self._begun = head(ledger)
        self._alone, self._ours = f"{SOURCE}/alone-{name}", f"{SOURCE}/killed-{name}"
        self.path = folder / f"{name}.ndjson"
        self._output = folder / f"{name}.output"
        self._key = folder / "key.txt"
        self._key.write_text(ledger.key(), "utf-8")
        self.outcome = Outcome()

    def run(self, kills: int, rows: int = ROWS) -> Outcome:
        """Kill so often; then let it end, and compare."""
        ndjson(self.path, (mixed(self._ours, n) for n in range(rows)))
        process = self._start()
        for _ in range(kills):
            process = self._kill_something(process)
        self._await_ledger()
        self.outcome.exit_code = process.wait(_PATIENCE_S)
        while self.outcome.exit_code == -9:  # killed as the last thing
            self.outcome.exit_code = self._start().wait(_PATIENCE_S)
        self._compare(rows)
        return self.outcome

    def _start(self) -> subprocess.Popen[bytes]:
        self.outcome.runs += 1
        url = f"http://127.0.0.1:{self._ledger.port}"
        options = ["--url", url, "--key-file", self._key, "--batch", "20", "--parallel", "3"]
        with self._output.open("ab") as output:
            return subprocess.Popen(
                [LEDGER, "import", self.path, *options],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _settled(self) -> int:
        place = folder_of(self.path) / "report.ndjson"
        return place.read_bytes().count(b"\n") if place.exists() else 0

    def _kill_something(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """One death, some moment after something has been settled; what imports now."""
        before, deadline = self._settled(), time.monotonic() + _PATIENCE_S
        while self._settled() <= before and process.poll() is None:
            assert time.monotonic() < deadline, self._output.read_text()[-2_000:]
            time.sleep(0.005)
        time.sleep(self._dice.uniform(0, 0.1))
        victim = self._dice.choice(_VICTIMS)
        if process.poll() is not None:
            return process
        self.outcome.killed[victim] += 1
        match victim:
            case "client":
                process.kill()
                process.wait(30)
                return self._start()
            case "interrupted":
                process.send_signal(signal.SIGINT)
                if process.wait(_PATIENCE_S) != _INTERRUPTED:
                    self.outcome.wrong.append(f"a signal ended it with {process.returncode}")
                return self._start()
            case "web":
                self._ledger.kill("web")
                time.sleep(self._dice.uniform(0, 0.5))
                self._ledger.start("web")
            case "backend":
                # While it recovers from the last time there is no session to kill.
                with suppress(psycopg.OperationalError):
                    self._ledger.kill_backend()
            case _:
                self._ledger.kill_postmaster()
                time.sleep(self._dice.uniform(0, 0.5))
                self._ledger.server.start()
        return process

    def _await_ledger(self) -> None:
        self._ledger.await_answers()
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._ledger.urls.projector).close()
                return
            assert time.monotonic() < deadline, "the database does not recover"
            time.sleep(0.1)

    def _compare(self, rows: int) -> None:
        lines = [mixed(self._alone, n) for n in range(rows)]
        expected = oracle.without_places(oracle.told(self._ledger, lines, self._ledger.key()))
        found = oracle.without_places(report(self.path))
        bad = [one["line"] for one in expected if one["status"] == "quarantine"]
        kept = [one["line"] for one in left(self.path, "quarantine")]
        ours, alone = (
            recorded(self._ledger, self._ours, self._begun),
            recorded(self._ledger, self._alone, self._begun),
        )
        pairs = zip(found, expected, strict=False)
        checks = {
            "the report has another length": len(found) != len(expected),
            f"lines differ: {[pair for pair in pairs if pair[0] != pair[1]][:3]}": found
            != expected,
            "the quarantine differs": kept != bad,
            "the ledger differs": ours != alone,
            "something is recorded twice": set(ours.values()) != {1},
            "it did not end as it should": self.outcome.exit_code != 1,
            "something wrote about a person": bool(traces(self._output.read_bytes())),
        }
        self.outcome.wrong += [what for what, is_so in checks.items() if is_so]


def main() -> int:
    """Run it from the command line; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_ledger(Path(name)) as ledger:
        dice = random.Random(given.seed)  # noqa: S311 -- which process dies, nothing secret
        done = Chaos(ledger, Path(name), "chaos", dice).run(given.kills, 150 * given.kills)
        if traces(ledger.output.read_bytes()) or traces(ledger.server.home.log.read_bytes()):
            done.wrong.append("the ledger wrote about a person")
    sys.stdout.write(
        f"seed {given.seed}: killed {dict(done.killed)}, {done.runs} runs\n"
        f"{'; '.join(done.wrong) or 'as if nothing had happened'}\n"
    )
    return 1 if done.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
