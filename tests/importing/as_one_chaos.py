"""Kills the import of a file as one transfer, and whatever carries it out, at random moments.

    ./dev python -m tests.importing.as_one_chaos --kills 50

The transfer stands once, with each person, as if nobody had disturbed it.
"""

import random
import signal
import sys
import time
from pathlib import Path
from typing import Final

from tests.chaos.killing import Draw, command
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.importing.items import SOURCE, ndjson
from tests.importing.killing import Command, Imported, Killing
from tests.importing.persons import lines_of, person, send, transfer
from tests.importing.running import report

PERSONS: Final = 6_000
_REPEATED: Final = 50
_PART: Final = 200
_LIFE_S_MAX: Final = 2.5
"""A command needs a second before it does anything."""
_INTERRUPTED: Final = frozenset({0, 1, 3, 130, -signal.SIGINT})
"""By a signal: 3; before it listens to one, as Python or its command line ends."""
PROCESSES: Final = ("client", "client", "interrupted", "web", "commit")
ALL: Final = (*PROCESSES, "backend", "postgres")


class Chaos(Killing):
    """Imports that are killed and begun again until each ends by itself."""

    def run(self, kills: int, victims: tuple[str, ...] = PROCESSES) -> Imported:
        """Import one file after the other, until so many deaths have been died."""
        number, draw = 0, Draw(victims, self.dice)
        while self.outcome.killed.total() < kills:
            number += 1
            self._import(f"{self.name}-{number}", kills, draw)
        return self.outcome

    def _import(self, name: str, kills: int, draw: Draw) -> None:
        persons = [person(n) for n in range(PERSONS)]
        path = self.folder / f"{name}.ndjson"
        ndjson(path, lines_of([*persons, *persons[:_REPEATED]]))
        source = f"{SOURCE}/{name}"
        header = transfer(self.folder / f"{name}.json", source)

        def begin() -> Command:
            return self.start(path, "--as-one", header, "--part-lines", str(_PART))

        process = begin()
        while process.poll() is None and self.outcome.killed.total() < kills:
            time.sleep(self.dice.uniform(0, _LIFE_S_MAX))
            if process.poll() is None:
                process = self.kill(draw.next(), process, begin, _INTERRUPTED)
        self._compare(path, header, source, self.end(process, begin))

    def _compare(self, path: Path, header: Path, source: str, exit_code: int) -> None:
        [done] = report(path)
        again = self.folder / "again"
        again.mkdir(exist_ok=True)
        copy = again / path.name
        copy.write_bytes(path.read_bytes())
        repeat = send(self.ledger, copy, header, rows_max=1_000)
        told = (done["status"], done["persons"], done["repeated"])
        self.note(
            {
                "it did not end as it should": exit_code != 0,
                f"it is told otherwise: {done}": told != ("recorded", PERSONS, _REPEATED),
                "it holds something else": (repeat["status"], repeat["transfer"])
                != ("duplicate", done["transfer"]),
                "it is recorded twice": recorded(self.ledger, source, self.begun) != {"bulk": 1},
            }
        )


def _run(ledger: Ledger, folder: Path, dice: random.Random, kills: int) -> Imported:
    ledger.start("commit")
    return Chaos(ledger, folder, "chaos", dice).run(kills, ALL)


def main() -> int:
    """Run it from the command line; 1 if something is wrong."""
    return command(__doc__, 50, _run)


if __name__ == "__main__":
    sys.exit(main())
