"""Kills emitting processes, the ledger and its PostgreSQL at random, and counts afterwards.

    ./dev python -m tests.emitter.chaos --kills 200

Every item that was put is in the ledger exactly once, or kept as refused; nothing else is there.
"""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

from ledger_emitter import Destination, Emitter, Outbox
from tests.canary import traces
from tests.chaos.killing import Draw, Outcome, command, kill_part
from tests.chaos.ledger import PATIENCE_S, Ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import address
from tests.emitter.load import BAD_EVERY
from tests.emitter.transfers import HASTY, SOURCE

CLIENTS: Final = ("one", "two", "three")
BETWEEN_S_MAX: Final = 1.5
_ARRIVES_S_MAX: Final = 30.0
_VICTIMS: Final = ("client", "client", "client", "web", "backend", "postgres")


@dataclass(slots=True)
class Report(Outcome):
    """As `Outcome`, and what was found.

    Attributes:
        put: items of which a process said that they are on disk.
        recorded: transfers of these sources in the ledger.
        refused: items that the outbox keeps for a person.
    """

    put: int = 0
    recorded: int = 0
    refused: int = 0

    @override
    def told(self) -> str:
        counts = f"{self.put} told as put, {self.recorded} recorded, {self.refused} refused"
        return f"{counts}; {Outcome.told(self)}"


class Chaos:
    """Emitting processes on one outbox before one ledger."""

    def __init__(self, ledger: Ledger, folder: Path, source: str, dice: random.Random) -> None:
        self._ledger = ledger
        self._folder = folder
        self._source = source
        self._dice = dice
        self._draw = Draw(_VICTIMS, dice)
        self._clients: dict[str, subprocess.Popen[bytes]] = {}
        self._key = folder / "key.txt"
        self._key.write_text(ledger.key(), "utf-8")
        self.outbox = folder / "outbox.db"
        self.report = Report()

    def run(self, kills: int) -> Report:
        """Kill so often; then let everything arrive, and count."""
        try:
            for name in CLIENTS:
                self._start(name)
            for _ in range(kills):
                before = self._acknowledged()
                self._kill_something()
                # The next death comes when something has arrived since this one.
                patience = time.monotonic() + _ARRIVES_S_MAX
                while self._acknowledged() <= before and time.monotonic() < patience:
                    time.sleep(0.05)
                time.sleep(self._dice.uniform(0, BETWEEN_S_MAX))
        finally:
            for name in list(self._clients):
                self._end(name)
        self._let_all_arrive()
        self._count()
        return self.report

    def _start(self, name: str) -> None:
        files = [
            self.outbox,
            address(self._ledger),
            self._key,
            self._source,
            name,
            self._told(name),
        ]
        with (self._folder / "stderr.log").open("ab") as output:
            self._clients[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.emitter.load", *map(str, files)],
                stderr=output,
                cwd=Path(__file__).parents[2],
            )

    def _acknowledged(self) -> int:
        if not self.outbox.exists():
            return 0
        with Outbox(self.outbox) as outbox:
            return outbox.status().kept

    def _told(self, name: str) -> Path:
        return self._folder / f"{name}.told"

    def _end(self, name: str) -> None:
        process = self._clients.pop(name)
        if process.poll() is not None:
            self.report.wrong.append(f"a client ended by itself with {process.returncode}")
        process.kill()
        process.wait(30)

    def _kill_something(self) -> None:
        victim = self._draw.next()
        self.report.killed[victim] += 1
        if victim == "client":
            name = self._dice.choice(CLIENTS)
            self._end(name)
            self._start(name)
        else:
            kill_part(self._ledger, victim, self._dice)

    def _let_all_arrive(self) -> None:
        self._ledger.await_answers()
        destination = Destination(address(self._ledger), self._key.read_text("utf-8"))
        with Emitter(Outbox(self.outbox), destination, HASTY) as emitter:
            if not emitter.flush(PATIENCE_S):
                self.report.wrong.append("items still wait")

    def _count(self) -> None:
        """Compare what was told, what the outbox holds and what the ledger holds."""
        report = self.report
        told = {
            one
            for file in map(self._told, CLIENTS)
            if file.exists()
            for one in file.read_text("utf-8").splitlines()
        }
        with closing(sqlite3.connect(self.outbox)) as connection:
            kept = {one for (one,) in connection.execute("SELECT id FROM items")}
            refused = Counter(one for (one,) in connection.execute("SELECT id FROM refused"))
        stands = recorded(self._ledger, self._source)
        bad = {one for one in kept | set(refused) if _is_bad(one)}
        report.put, report.recorded, report.refused = len(told), len(stands), len(refused)
        checks = {
            "put and in no table": told - kept - set(refused),
            "acknowledged and not in the ledger": kept - set(stands),
            "in the ledger and never put": set(stands) - kept,
            "in the ledger more than once": {one for one, times in stands.items() if times > 1},
            "refused more than once": {one for one, times in refused.items() if times > 1},
            "refused without being malformed, or malformed and not refused": bad ^ set(refused),
        }
        report.note({f"{what}: {len(found)}": bool(found) for what, found in checks.items()})
        written = (self._folder / "stderr.log").read_bytes()
        report.note({"a client wrote about a person": bool(traces(written))})


def _is_bad(id_: str) -> bool:
    return int(id_.rpartition("-")[2]) % BAD_EVERY == BAD_EVERY - 1


def main() -> int:
    """Run it from the command line; 1 if something is wrong."""
    return command(
        __doc__,
        200,
        lambda ledger, folder, dice, kills: Chaos(ledger, folder, f"{SOURCE}/chaos", dice).run(
            kills
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
