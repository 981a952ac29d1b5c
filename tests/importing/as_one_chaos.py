"""Kills the import of a file as one transfer, and whatever carries it out, at random moments.

    ./dev python -m tests.importing.as_one_chaos --kills 50

The transfer stands once, with each person, as if nobody had disturbed it.
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

from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger
from tests.importing.items import SOURCE, ndjson
from tests.importing.persons import lines_of, person, send, transfer
from tests.importing.running import head, recorded, report
from tests.serving.processes import LEDGER, environment

PERSONS: Final = 6_000
_REPEATED: Final = 50
_PART: Final = 200
_PATIENCE_S: Final = 180.0
_LIFE_S_MAX: Final = 2.5
"""A command needs a second before it does anything."""
_INTERRUPTED: Final = frozenset({0, 1, 3, 130, -signal.SIGINT})
"""By a signal: 3; before it listens to one, as Python or its command line ends."""
PROCESSES: Final = ("client", "client", "interrupted", "web", "commit")
ALL: Final = (*PROCESSES, "backend", "postgres")


@dataclass(slots=True)
class Outcome:
    """What was done, and what is wrong with the result."""

    killed: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


class Chaos:
    """Imports that are killed and begun again until each ends by itself."""

    def __init__(self, ledger: Ledger, folder: Path, name: str, dice: random.Random) -> None:
        self._ledger, self._folder, self._name, self._dice = ledger, folder, name, dice
        self._begun = head(ledger)
        self._output = folder / f"{name}.output"
        self._key = folder / "key.txt"
        self._key.write_text(ledger.key(), "utf-8")
        self.outcome = Outcome()

    def run(self, kills: int, victims: tuple[str, ...] = PROCESSES) -> Outcome:
        """Import one file after the other, until so many deaths have been died."""
        number = 0
        while self.outcome.killed.total() < kills:
            number += 1
            self._import(f"{self._name}-{number}", kills, victims)
        return self.outcome

    def _import(self, name: str, kills: int, victims: tuple[str, ...]) -> None:
        persons = [person(n) for n in range(PERSONS)]
        path = self._folder / f"{name}.ndjson"
        ndjson(path, lines_of([*persons, *persons[:_REPEATED]]))
        source = f"{SOURCE}/{name}"
        header = transfer(self._folder / f"{name}.json", source)
        process = self._start(path, header)
        while process.poll() is None and self.outcome.killed.total() < kills:
            time.sleep(self._dice.uniform(0, _LIFE_S_MAX))
            if process.poll() is None:
                process = self._kill(self._dice.choice(victims), process, path, header)
        self._ledger.await_answers()
        while process.wait(_PATIENCE_S) == -signal.SIGKILL:
            process = self._start(path, header)
        self._compare(path, header, source, process.returncode)

    def _start(self, path: Path, header: Path) -> subprocess.Popen[bytes]:
        url = f"http://127.0.0.1:{self._ledger.port}"
        options = ["--url", url, "--key-file", self._key, "--as-one", header]
        with self._output.open("ab") as output:
            return subprocess.Popen(
                [LEDGER, "import", path, *options, "--part-lines", str(_PART)],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _kill(
        self, victim: str, process: subprocess.Popen[bytes], path: Path, header: Path
    ) -> subprocess.Popen[bytes]:
        """One death; what imports now."""
        self.outcome.killed[victim] += 1
        match victim:
            case "client":
                process.kill()
                process.wait(30)
                return self._start(path, header)
            case "interrupted":
                process.send_signal(signal.SIGINT)
                if process.wait(_PATIENCE_S) not in _INTERRUPTED:
                    self.outcome.wrong.append(f"a signal ended it with {process.returncode}")
                return self._start(path, header)
            case "backend":
                with suppress(psycopg.OperationalError):
                    self._ledger.kill_backend()
            case "postgres":
                self._ledger.kill_postmaster()
                time.sleep(self._dice.uniform(0, 0.5))
                self._ledger.server.start()
            case _:
                self._ledger.kill(victim)
                time.sleep(self._dice.uniform(0, 0.5))
                self._ledger.start(victim)
        return process

    def _compare(self, path: Path, header: Path, source: str, exit_code: int) -> None:
        [done] = report(path)
        again = self._folder / "again"
        again.mkdir(exist_ok=True)
        copy = again / path.name
        copy.write_bytes(path.read_bytes())
        repeat = send(self._ledger, copy, header, lines_max=1_000)
        checks = {
            "it did not end as it should": exit_code != 0,
            f"it is told otherwise: {done}": (done["status"], done["persons"], done["repeated"])
            != ("recorded", PERSONS, _REPEATED),
            "it holds something else": (repeat["status"], repeat["transfer"])
            != ("duplicate", done["transfer"]),
            "it is recorded twice": recorded(self._ledger, source, self._begun) != {"bulk": 1},
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
        ledger.start("commit")
        dice = random.Random(given.seed)  # noqa: S311 -- which process dies, nothing secret
        done = Chaos(ledger, Path(name), "chaos", dice).run(given.kills, ALL)
        if traces(ledger.output.read_bytes()) or traces(ledger.server.home.log.read_bytes()):
            done.wrong.append("the ledger wrote about a person")
    sys.stdout.write(
        f"seed {given.seed}: killed {dict(done.killed)}\n"
        f"{'; '.join(done.wrong) or 'as if nothing had happened'}\n"
    )
    return 1 if done.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
