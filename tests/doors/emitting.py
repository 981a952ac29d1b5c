"""Emitters at the doors of an empty ledger, with a clock that can be moved on."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from api.auth import Scope
from api.server.watches import EmitterWatch
from ledger.clock import day_in_japan, now
from tests.database import Database
from tests.doors.corridor import SETTINGS, Answer, Corridor, open_doors
from tests.doors.samples import SOURCE

NAME = "広告配信基盤"
HOURS = 3
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Doors:
    """The doors of an empty ledger, and a clock that can be moved on."""

    corridor: Corridor
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def wait(self, hours: float) -> None:
        self.ahead[0] += timedelta(hours=hours)

    def day(self, back: int) -> str:
        return (day_in_japan(now() + self.ahead[0]) - back * _DAY).isoformat()

    def register(
        self, emitter: str = "ads", source: str = SOURCE, status: int = 200, **members: object
    ) -> Any:  # noqa: ANN401 -- a body
        body = {"source": source, "name": NAME, "since": self.day(30), **members}
        key = self.corridor.key("admin:config", label="operator")
        answer = self.corridor.ask("PUT", f"/v1/emitters/{emitter}", body, key=key)
        assert answer.status == status, answer.text
        return answer.body

    def declare(self, back: int, upto: int, emitter: str = "ads", **members: object) -> Answer:
        body = {"from": self.day(back), "to": self.day(upto), **members}
        key = self.corridor.key("coverage:write", source=SOURCE)
        return self.corridor.ask("PUT", f"/v1/emitters/{emitter}/coverage", body, key=key)

    def beat(self, emitter: str = "ads", source: str | None = SOURCE) -> Answer:
        key = self.corridor.key("coverage:write", source=source)
        return self.corridor.ask("POST", f"/v1/emitters/{emitter}/heartbeat", key=key)

    def coverage(self, query: str = "", scope: Scope = "admin:config", status: int = 200) -> Any:  # noqa: ANN401 -- a body
        key = self.corridor.key(scope)
        answer = self.corridor.ask("GET", f"/v1/coverage{query}", key=key)
        assert answer.status == status, answer.text
        return answer.body

    def metrics(self) -> dict[str, float]:
        """What Prometheus would learn."""
        registry = CollectorRegistry()
        EmitterWatch(self.corridor.app.state.services, registry).sample()
        return {one.name: one.value for family in registry.collect() for one in family.samples}

    def period(self, back: int, to: int) -> dict[str, str]:
        return {"from": self.day(back), "to": self.day(to)}


@contextmanager
def opened(database: Database, *, followed: bool = False) -> Generator[Doors]:
    ahead = [timedelta()]
    settings = replace(SETTINGS, emitter_late_hours=HOURS)
    with open_doors(
        database.urls, settings, followed=followed, clock=lambda: now() + ahead[0]
    ) as corridor:
        yield Doors(corridor, ahead)
