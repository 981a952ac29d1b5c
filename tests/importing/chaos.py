"""Kills an import, the ledger and its PostgreSQL at random moments, and compares what is left.

    ./dev python -m tests.importing.chaos --kills 50

The report is that of an import which nobody disturbed, and the ledger holds each item once.
"""

import random
import sys
import time
from pathlib import Path
from typing import Final

from api.imports.journal import folder_of
from tests.chaos.killing import Draw, command
from tests.chaos.ledger import PATIENCE_S, Ledger
from tests.chaos.standing import recorded
from tests.importing import oracle
from tests.importing.items import SOURCE, item, line_of, ndjson
from tests.importing.killing import Command, Imported, Killing
from tests.importing.running import left, report

ROWS: Final = 1_400
_INTERRUPTED: Final = frozenset({1, 3})
"""By a signal: 3; 1 where it had just come to its end by itself, which `_compare` looks at."""
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


class Chaos(Killing):
    """An import of one file that is killed and begun again until it ends by itself."""

    def __init__(self, ledger: Ledger, folder: Path, name: str, dice: random.Random) -> None:
        super().__init__(ledger, folder, name, dice)
        self._alone, self._ours = f"{SOURCE}/alone-{name}", f"{SOURCE}/killed-{name}"
        self.path = folder / f"{name}.ndjson"
        self._settled_at_end: list[int] = []
        self._draw = Draw(_VICTIMS, dice)

    def run(self, kills: int, rows: int = ROWS) -> Imported:
        """Kill so often; then let it end, and compare."""
        ndjson(self.path, (mixed(self._ours, n) for n in range(rows)))
        process = self._begin()
        for _ in range(kills):
            process = self._kill_something(process)
        self._compare(rows, self.end(process, self._begin))
        return self.outcome

    def _begin(self) -> Command:
        return self.start(self.path, "--batch", "20", "--parallel", "3")

    def _settled(self) -> int:
        place = folder_of(self.path) / "report.ndjson"
        return place.read_bytes().count(b"\n") if place.exists() else 0

    def _kill_something(self, process: Command) -> Command:
        """One death, some moment after something has been settled; what imports now."""
        before, deadline = self._settled(), time.monotonic() + PATIENCE_S
        while self._settled() <= before and process.poll() is None:
            assert time.monotonic() < deadline, self.output.read_text()[-2_000:]
            time.sleep(0.005)
        time.sleep(self.dice.uniform(0, 0.1))
        if process.poll() is not None:
            return process
        going = self.kill(self._draw.next(), process, self._begin, _INTERRUPTED)
        if process.returncode == 1:
            self._settled_at_end.append(self._settled())
        return going

    def _compare(self, rows: int, exit_code: int) -> None:
        ledger = self.ledger
        lines = [mixed(self._alone, n) for n in range(rows)]
        expected = oracle.without_places(oracle.told(ledger, lines, ledger.key()))
        found = oracle.without_places(report(self.path))
        bad = [one["line"] for one in expected if one["status"] == "quarantine"]
        kept = [one["line"] for one in left(self.path, "quarantine")]
        ours = recorded(ledger, self._ours, self.begun)
        alone = recorded(ledger, self._alone, self.begun)
        pairs = zip(found, expected, strict=False)
        differing = [pair for pair in pairs if pair[0] != pair[1]][:3]
        self.note(
            {
                "the report has another length": len(found) != len(expected),
                f"lines differ: {differing}": found != expected,
                "the quarantine differs": kept != bad,
                "the ledger differs": ours != alone,
                "something is recorded twice": set(ours.values()) != {1},
                "it did not end as it should": exit_code != 1,
                "a signal ended it as if it were done": any(
                    one != len(found) for one in self._settled_at_end
                ),
            }
        )


def main() -> int:
    """Run it from the command line; 1 if something is wrong."""
    return command(
        __doc__,
        50,
        lambda ledger, folder, dice, kills: Chaos(ledger, folder, "chaos", dice).run(
            kills, 150 * kills
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
