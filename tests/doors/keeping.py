"""Doors with a clock of our own and an erasure journal, to see records die by HTTP."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from api.auth import Scope
from ledger.clock import JAPAN
from ledger.retention.journal_file import Journal
from tests.canary import MEMBER
from tests.database import Database
from tests.doors.corridor import SETTINGS, Answer, Corridor, open_doors
from tests.doors.samples import provision
from tests.journals import journal_in
from tests.rows import SECRET

RECORDED = date(2026, 11, 24)
LAST_DAY = date(2029, 11, 24)
DIES = LAST_DAY + timedelta(days=1)
UNKNOWN = UUID(int=7, version=4)


@dataclass(slots=True)
class Clock:
    """It is 10:00 in Japan."""

    day: date = RECORDED

    def now(self) -> datetime:
        return datetime.combine(self.day, time(10), JAPAN).astimezone(UTC)


@dataclass(slots=True)
class Kept:
    """The doors, and the day that they believe in."""

    corridor: Corridor
    journal: Journal
    clock: Clock

    def on(self, day: date) -> None:
        self.clock.day = day

    def ask(self, method: str, path: str, body: object = None, *scopes: Scope) -> Answer:
        key = self.corridor.key(*(scopes or ("records:exclude",)), label="chief")
        return self.corridor.ask(method, f"/v1/retention{path}", body, key=key)

    def told(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self.ask(method, path, body)
        assert answer.status == 200, answer.text
        return answer.body

    def followed(self) -> None:
        """Wait until the read side has reached the head: a look at a history does."""
        assert self.corridor.look(("member", MEMBER), after=self.corridor.head()).status == 200

    def record(self, **changes: object) -> dict[str, Any]:
        data = provision(**{"transferred_on": self.clock.day.isoformat(), **changes})
        recorded = self.corridor.record(data)
        self.followed()
        return recorded

    def plan(self) -> dict[str, Any]:
        self.followed()
        return self.told("POST", "/plans", {"confirm_clock": True})


@contextmanager
def opened(
    database: Database,
    folder: Path,
    *,
    begun: bool = False,
    **changes: Any,  # noqa: ANN401 -- members of the settings
) -> Generator[Kept]:
    journal, clock = journal_in(folder, secret=SECRET), Clock()
    if not begun:
        journal.begin(UNKNOWN, clock.now())
    settings = replace(SETTINGS, journal_dir=folder, **changes)
    with open_doors(database.urls, settings, clock=clock.now) as corridor:
        yield Kept(corridor, journal, clock)
