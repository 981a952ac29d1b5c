"""Kills emitting processes, the ledger and its PostgreSQL at random, and counts afterwards.

    ./dev python -m tests.emitter.chaos --minutes 10

Every item that was put is in the ledger exactly once, or kept as refused; nothing else is there.
"""

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from ledger_emitter import Destination, Emitter, Outbox
from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger
from tests.emitter.ledgers import address, recorded
from tests.emitter.load import BAD_EVERY
from tests.emitter.transfers import HASTY, SOURCE

CLIENTS: Final = ("one", "two", "three")
BETWEEN_S_MAX: Final = 1.5
_ARRIVES_S_MAX: Final = 30.0
_SETTLED_S_MAX: Final = 180.0


@dataclass(slots=True)
class Report:
    """What was done, and what is wrong with the result.

    Attributes:
        told: items of which a process said that they are on disk.
        recorded: transfers of these sources in the ledger.
        refused: items that the outbox keeps for a person.
        killed: how often each was killed.
        wrong: what must not be; empty.
    """

    told: int = 0
    recorded: int = 0
    refused: int = 0
    killed: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


class Chaos:
    """Emitting processes on one outbox before one ledger."""

    def __init__(self, ledger: Ledger, folder: Path, source: str, dice: random.Random) -> None:
        self._ledger = ledger
        self._folder = folder
        self._source = source
        self._dice = dice
        self._clients: dict[str, subprocess.Popen[bytes]] = {}
        self._key = folder / "key.txt"
        self._key.write_text(ledger.key(), "utf-8")
        self.outbox = folder / "outbox.db"
        self.report = Report()

    def run(self, seconds: float) -> Report:
        """Kill for so long; then let everything arrive, and count."""
        try:
            for name in CLIENTS:
                self._start(name)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
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
        victim = self._dice.choice(("client", "client", "client", "web", "backend", "postgres"))
        self.report.killed[victim] += 1
        match victim:
            case "client":
                name = self._dice.choice(CLIENTS)
                self._end(name)
                self._start(name)
            case "web":
                self._ledger.kill("web")
                time.sleep(self._dice.uniform(0, 1))
                self._ledger.start("web")
            case "backend":
                # While it recovers from the last time there is no session to kill.
                with suppress(psycopg.OperationalError):
                    self._ledger.kill_backend()
            case _:
                self._ledger.kill_postmaster()
                time.sleep(self._dice.uniform(0, 1))
                self._ledger.server.start()

    def _let_all_arrive(self) -> None:
        self._ledger.await_answers()
        self._await_database()
        destination = Destination(address(self._ledger), self._key.read_text("utf-8"))
        with Emitter(Outbox(self.outbox), destination, HASTY) as emitter:
            if not emitter.flush(_SETTLED_S_MAX):
                self.report.wrong.append("items still wait")

    def _await_database(self) -> None:
        deadline = time.monotonic() + _SETTLED_S_MAX
        while True:
            try:
                psycopg.connect(self._ledger.urls.projector).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the database does not recover"
                time.sleep(0.1)
            else:
                return

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
        report.told, report.recorded, report.refused = len(told), len(stands), len(refused)
        checks = {
            "put and in no table": told - kept - set(refused),
            "acknowledged and not in the ledger": kept - set(stands),
            "in the ledger and never put": set(stands) - kept,
            "in the ledger more than once": {one for one, times in stands.items() if times > 1},
            "refused more than once": {one for one, times in refused.items() if times > 1},
            "refused without being malformed, or malformed and not refused": bad ^ set(refused),
        }
        report.wrong += [f"{what}: {len(found)}" for what, found in checks.items() if found]
        if traces((self._folder / "stderr.log").read_bytes()):
            report.wrong.append("a client wrote about a person")


def _is_bad(id_: str) -> bool:
    return int(id_.rpartition("-")[2]) % BAD_EVERY == BAD_EVERY - 1


def main() -> int:
    """Run it from the command line; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_ledger(Path(name)) as ledger:
        dice = random.Random(given.seed)  # noqa: S311 -- which process dies, nothing secret
        report = Chaos(ledger, Path(name), f"{SOURCE}/chaos", dice).run(given.minutes * 60)
        if traces(ledger.output.read_bytes()) or traces(ledger.server.home.log.read_bytes()):
            report.wrong.append("the ledger wrote about a person")
    sys.stdout.write(
        f"seed {given.seed}: {report.told} told as put, {report.recorded} recorded, "
        f"{report.refused} refused; killed: {dict(report.killed)}\n"
        f"{'; '.join(report.wrong) or 'nothing lost, nothing doubled'}\n"
    )
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
