"""A ledger whose log is signed, as an operator keeps it."""

import time
from dataclasses import dataclass
from pathlib import Path

from ledger.crypto.notes import SignedNote, Verifier
from ledger.merkle.checkpoint import Checkpoint
from tests.database import Database
from tests.serving.houses import SETTINGS, house_of, record
from tests.serving.processes import SECONDS_MAX, environment, run

ORIGIN = "ledger.example.jp/serving"


@dataclass(frozen=True)
class Signed:
    """A ledger whose log is signed.

    Attributes:
        given: the environment of its commands.
        key: the verifier key that was printed with the new key.
    """

    database: Database
    folder: Path
    given: dict[str, str]
    key: str

    @property
    def tiles(self) -> Path:
        return self.folder / "tiles"

    @property
    def anchor(self) -> Path:
        return self.folder / "anchor"

    def record(self, *ids: str) -> None:
        with house_of(self.database.urls) as house:
            record(house, *ids)

    def head(self) -> int:
        with house_of(self.database.urls) as house:
            return house.reads.head()

    def run(self, *arguments: str) -> tuple[int, str]:
        return run("log", *arguments, given=self.given)

    def published(self) -> Checkpoint | None:
        file = self.tiles / "checkpoint"
        if not file.exists():
            return None
        note = SignedNote.read(file.read_text("utf-8"))
        note.verified([Verifier.read(self.key)])
        return Checkpoint.read(note.text)

    def signed_at(self, size: int) -> None:
        """Wait until the checkpoint has that size."""
        deadline = time.monotonic() + SECONDS_MAX
        while (found := self.published()) is None or found.size < size:
            assert time.monotonic() < deadline, f"signed is {found}"
            time.sleep(0.05)


def signed_ledger(database: Database, tmp_path: Path) -> Signed:
    """One with a key of its own; its log is not begun yet."""
    [(epoch, master)] = SETTINGS.epoch_masters.items()
    assert SETTINGS.secret is not None
    file = tmp_path / "log.key"
    code, printed = run("log", "key", ORIGIN, str(file), given=environment())
    assert code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    [key] = [line for line in printed.splitlines() if line.startswith(f"{ORIGIN}+")]
    given = environment(
        LEDGER_NAME=database.ledger_name,
        LEDGER_DATABASE_URL=database.login,
        LEDGER_SECRET=SETTINGS.secret.hex(),
        LEDGER_EPOCH_MASTER=f"{epoch}:{master.hex()}",
        LEDGER_LOG_ORIGIN=ORIGIN,
        LEDGER_LOG_KEY_FILE=str(file),
        LEDGER_LOG_DIR=str(tmp_path / "tiles"),
        LEDGER_LOG_ANCHOR=str(tmp_path / "anchor"),
        LEDGER_LOG_S="0.1",
        LEDGER_HTTP_PORT="0",
    )
    return Signed(database, tmp_path, given, key)
