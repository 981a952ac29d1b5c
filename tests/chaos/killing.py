"""Killing at random: parts of a ledger, and a command that does so and tells what came of it."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.canary import traces
from tests.chaos.ledger import Ledger, running_ledger


@dataclass(slots=True)
class Outcome:
    """What was done, and what is wrong with the result.

    Attributes:
        killed: how often each was killed.
        wrong: what must not be; empty.
    """

    killed: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def note(self, checks: Mapping[str, bool]) -> None:
        """What is so is wrong."""
        self.wrong += [what for what, is_so in checks.items() if is_so]

    def told(self) -> str:
        """What was done, in one line."""
        return f"killed {dict(self.killed)}"


class Draw:
    """Who dies next: each of them once, in random order, before one dies again."""

    def __init__(self, victims: Sequence[str], dice: random.Random) -> None:
        self._victims, self._dice = victims, dice
        self._left: list[str] = []

    def next(self) -> str:
        if not self._left:
            self._left = self._dice.sample(self._victims, len(self._victims))
        return self._left.pop()


def kill_part(ledger: Ledger, victim: str, dice: random.Random) -> None:
    """kill -9 of a part of the ledger, which is started again within half a second.

    Args:
        victim: `backend`, a session of PostgreSQL; `postgres`; or one of the ledger's processes.
    """
    match victim:
        case "backend":
            # While it recovers from the last time there is no session to kill.
            with suppress(psycopg.OperationalError):
                ledger.kill_backend()
        case "postgres":
            ledger.kill_postmaster()
            time.sleep(dice.uniform(0, 0.5))
            ledger.server.start()
        case _:
            ledger.kill(victim)
            time.sleep(dice.uniform(0, 0.5))
            ledger.start(victim)


def command(
    about: str | None,
    usual: int,
    run: Callable[[Ledger, Path, random.Random, int], Outcome],
) -> int:
    """Run it from the command line; 1 if something is wrong.

    Args:
        about: what it does, for `--help`.
        usual: how many are killed unless `--kills` says so.
        run: in a ledger and a folder of its own.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=usual)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_ledger(Path(name)) as ledger:
        dice = random.Random(given.seed)  # noqa: S311 -- which process dies, nothing secret
        done = run(ledger, Path(name), dice, given.kills)
        written = ledger.output.read_bytes() + ledger.server.home.log.read_bytes()
        done.note({"the ledger wrote about a person": bool(traces(written))})
    sys.stdout.write(
        f"seed {given.seed}: {done.told()}\n"
        f"{'; '.join(done.wrong) or 'nothing lost, nothing doubled'}\n"
    )
    return 1 if done.wrong else 0
