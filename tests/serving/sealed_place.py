"""A ledger with its secrets in files, an escrow, and its commands as processes."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyrage

from api.server.key_ring_check import rotate
from api.server.secrets import make_secrets
from api.settings.settings import Settings
from ledger.clock import day_in_japan, now
from tests.database import LEDGER_NAME, Database
from tests.serving.processes import environment, run

FIRST = date(2026, 11, 25)
NEXT = FIRST + timedelta(days=7)
WARNED = (
    "warning: the copies in escrow lie on the same file system as the masters, and are lost with it"
)


@dataclass
class Place:
    """Where one ledger's secrets and copies are, and how its commands are run."""

    folder: Path
    database: Database

    def __post_init__(self) -> None:
        self.identity = pyrage.x25519.Identity.generate()
        (self.folder / "identity").write_text(f"# of nobody\n{self.identity}\n")
        (self.folder / "escrow").mkdir()
        make_secrets(self.folder / "sealed", self.first_day)
        self.given = {
            "LEDGER_NAME": LEDGER_NAME,
            "LEDGER_DATABASE_URL": self.database.login,
            "LEDGER_SECRET_FILE": str(self.folder / "sealed" / "secret"),
            "LEDGER_EPOCH_MASTER_DIR": str(self.epochs),
            "LEDGER_ESCROW_RECIPIENT": str(self.identity.to_public()),
            "LEDGER_ESCROW_DIR": str(self.folder / "escrow"),
            "LEDGER_JOURNAL_DIR": str(self.folder / "journal"),
        }

    first_day = FIRST

    @property
    def epochs(self) -> Path:
        return self.folder / "sealed" / "epochs"

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.given)

    def secrets(self) -> list[str]:
        files = [self.folder / "sealed" / "secret", *self.epochs.iterdir()]
        return [str(self.identity), *(file.read_text().strip() for file in files)]

    def run(self, *words: str, **given: str) -> tuple[int, list[str]]:
        """Exit code and lines of `ledger keys …`; no secret and no frame stands in them."""
        hidden = self.secrets()
        code, printed = run("keys", *words, given=environment(**{**self.given, **given}))
        for unwanted in (*hidden, "Traceback", "AGE-SECRET"):
            assert unwanted not in printed
        return code, printed.splitlines()

    def rotate(self, today: date) -> None:
        rotate(self.settings, self.database.urls, today, confirmed=True)


class EarlierPlace(Place):
    """Its first master is of last week: a rotation now has something to do."""

    first_day = day_in_japan(now()) - timedelta(days=7)
