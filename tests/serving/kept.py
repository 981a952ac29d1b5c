"""A ledger with the daily job of retention, on a clock that the test moves."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from uuid import UUID

from api.retention import Retention
from api.server.daily_job import Daily
from api.settings.settings import Settings
from ledger.clock import JAPAN
from ledger.retention.journal_file import Journal
from tests.database import Database
from tests.journals import DEMO, journal_in
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside, inside

RECORDED = date(2026, 6, 1)
# A consented provision of 2026-04-01 that was recorded on 2026-06-01.
DIES = date(2029, 6, 2)
WINDOW = 14
JOB = "b" * 32


@dataclass(slots=True)
class Kept:
    inside: Inside
    settings: Settings
    journal: Journal
    retention: Retention = field(init=False)
    daily: Daily = field(init=False)

    def __post_init__(self) -> None:
        self.started_anew()

    def started_anew(self, *, expires: bool = True) -> Daily:
        """The job in a process that has just started."""
        house = self.inside.house
        self.retention = house.retention(self.settings)
        self.daily = Daily(self.retention, house.now, JOB, expires=expires)
        return self.daily

    def at(self, day: date, hour: int = 0, minute: int = 6) -> None:
        self.inside.now = datetime.combine(day, time(hour, minute), JAPAN).astimezone(UTC)

    def vouched_for(self, day: date) -> None:
        """Years pass, and a person vouches for the clock."""
        self.at(day, 12)
        self.retention.plan(ACTOR, confirmed=True)

    def topics(self, topic: str) -> int:
        row = self.inside.connection.execute(
            "SELECT count(*) FROM ledger.events WHERE topic = %s", (topic,)
        ).fetchone()
        assert row is not None
        return row[0]

    @property
    def plans(self) -> int:
        return self.topics("expiry-planned")

    @property
    def lives(self) -> bool:
        """Whether the first event can still be read."""
        return self.inside.events()[0].content is not None


@contextmanager
def following(made: Inside) -> Generator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=made.house.follower().run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@contextmanager
def opened(database: Database, folder: Path) -> Generator[Kept]:
    """A followed ledger with an erasure journal in `folder`."""
    settings = Settings(name=database.ledger_name, journal_dir=folder, secret=DEMO)
    with inside(database) as made, following(made):
        journal = journal_in(folder)
        journal.begin(UUID(int=7), made.now)
        yield Kept(made, settings, journal)
