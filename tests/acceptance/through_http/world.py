"""A ledger of its own for one case: its doors over HTTP, the clock that the case states."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from api.auth import Scope
from api.case_replies import Replies
from ledger.clock import day_in_japan
from tests.acceptance.reading import CaseError
from tests.acceptance.through_http.pages import Pages
from tests.database import Database
from tests.doors.corridor import SETTINGS, Answer, Corridor, open_doors
from tests.doors.samples import SOURCE
from tests.journals import journal_in
from tests.rows import SECRET

OFFICER: tuple[Scope, ...] = (
    "cases:read",
    "cases:write",
    "notices:write",
    "records:read",
    "records:write",
)
APPROVER: tuple[Scope, ...] = ("cases:read", "cases:approve")
SENDER: tuple[Scope, ...] = ("reply:download",)
CHIEF: tuple[Scope, ...] = ("events:write", "records:exclude", "records:write")
OPERATOR: tuple[Scope, ...] = ("admin:config",)
_BEGUN = UUID(int=7, version=4)


@dataclass(slots=True)
class Clock:
    """The instant that the application believes in; it never goes back."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def says(self, instant: datetime) -> None:
        self.instant = max(self.instant, instant.astimezone(UTC))


@dataclass(slots=True)
class World:
    """The doors of one ledger, and who knocks at them.

    Attributes:
        letters: kinds of the letters beside a reply that the case reads.
    """

    corridor: Corridor
    clock: Clock
    pages: Pages | None = None
    letters: frozenset[str] = frozenset()

    @property
    def today(self) -> str:
        return day_in_japan(self.clock.now()).isoformat()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str = "officer",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Ask at a door as the officer, the approver, one of two chiefs or the emitter."""
        return self.corridor.ask(method, path, body, key=self._key(by), headers=headers)

    def told(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str = "officer",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """The same, of a question that is not refused."""
        answer = self.ask(method, path, body, by=by, headers=headers)
        if answer.status >= 400:
            raise CaseError(f"{method} {path}: {answer.status} {answer.text}")
        return answer

    def content(self, path: str, *, by: str) -> bytes:
        """The bytes of a document."""
        headers = {"Authorization": f"Bearer {self._key(by)}"}
        got = self.corridor.client.get(path, headers=headers)
        if got.status_code != 200:
            raise CaseError(f"GET {path}: {got.status_code} {got.text}")
        return got.content

    def page(self, path: str, *, by: str) -> str | None:
        """What somebody reads on a page of the desk; None of a case that asks for no page."""
        return None if self.pages is None else self.pages.words(self.corridor, by, path)

    def printed(self, path: str, *, by: str) -> bytes:
        """A letter that somebody prints on the pages, of a case that asks for pages."""
        assert self.pages is not None, "opened for what the case shows"
        return self.pages.document(self.corridor, by, path)

    @property
    def replies(self) -> Replies:
        """What makes replies in the application that runs."""
        return self.corridor.app.state.services.replies

    def _key(self, by: str) -> str:
        scopes = {"officer": OFFICER, "approver": APPROVER, "sender": SENDER}
        scopes |= {"chief": CHIEF, "second-chief": CHIEF, "operator": OPERATOR}
        if by == "emitter":
            return self.corridor.emitter
        source = SOURCE if scopes[by] == CHIEF else None
        return self.corridor.key(*scopes[by], source=source, label=by)


@contextmanager
def opened(
    database: Database, folder: Path, clock: Clock, pages: Pages | None = None
) -> Generator[World]:
    """The application on that ledger; opened once more it is a restart."""
    journal = journal_in(folder, secret=SECRET)
    if not folder.exists():
        journal.begin(_BEGUN, clock.now())
    settings = replace(SETTINGS, journal_dir=folder)
    if pages is not None:
        settings = pages.settings(settings)
    with open_doors(database.urls, settings, clock=clock.now) as corridor:
        yield World(corridor, clock, pages)
