"""Commands that import, killed at random moments and given again until each ends by itself."""

import random
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from tests.canary import traces
from tests.chaos.killing import Outcome, kill_part
from tests.chaos.ledger import PATIENCE_S, Ledger
from tests.chaos.standing import head
from tests.serving.processes import LEDGER, environment

Command = subprocess.Popen[bytes]


@dataclass(slots=True)
class Imported(Outcome):
    """As `Outcome`; `runs`: how often a command was given."""

    runs: int = 0

    @override
    def told(self) -> str:
        return f"{Outcome.told(self)}, {self.runs} runs"


class Killing:
    """Imports into one ledger.

    Args:
        name: of what it writes in the folder.

    Attributes:
        begun: the ledger's position before them.
    """

    def __init__(self, ledger: Ledger, folder: Path, name: str, dice: random.Random) -> None:
        self.ledger, self.folder, self.name, self.dice = ledger, folder, name, dice
        self.begun = head(ledger)
        self.output = folder / f"{name}.output"
        self._key = folder / "key.txt"
        self._key.write_text(ledger.key(), "utf-8")
        self.outcome = Imported()

    def start(self, path: Path, *options: str | Path) -> Command:
        """Give the command."""
        self.outcome.runs += 1
        url = f"http://127.0.0.1:{self.ledger.port}"
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [LEDGER, "import", path, "--url", url, "--key-file", self._key, *options],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(
        self,
        victim: str,
        process: Command,
        again: Callable[[], Command],
        interrupted: frozenset[int],
    ) -> Command:
        """One death; what imports now.

        Args:
            victim: `client`, `interrupted` (the client, by a signal), or a part of the ledger.
            again: gives the command again.
            interrupted: exit codes of a command that a signal ends.
        """
        self.outcome.killed[victim] += 1
        match victim:
            case "client":
                process.kill()
                process.wait(30)
                return again()
            case "interrupted":
                process.send_signal(signal.SIGINT)
                if process.wait(PATIENCE_S) not in interrupted:
                    self.outcome.wrong.append(f"a signal ended it with {process.returncode}")
                return again()
            case _:
                kill_part(self.ledger, victim, self.dice)
        return process

    def end(self, process: Command, again: Callable[[], Command]) -> int:
        """Let it end, in a ledger that is there; its exit code."""
        self.ledger.await_answers()
        while process.wait(PATIENCE_S) == -signal.SIGKILL:  # killed as the last thing
            process = again()
        return process.returncode

    def note(self, checks: dict[str, bool]) -> None:
        """What is so is wrong; and what the commands wrote is searched for persons."""
        about = bool(traces(self.output.read_bytes()))
        self.outcome.note({**checks, "something wrote about a person": about})
