"""The whole application on a real PostgreSQL with a real follower, and who knocks at its doors."""

import itertools
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import orjson
import psycopg
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.auth import ApiKeyTable, Scope, make, person_owner
from api.container import Container
from api.server.application import served
from api.server.secrets import ledger_secret_of, secrets_of
from api.settings.settings import Settings
from ledger.clock import now
from ledger.postgres.roles import RoleUrls
from tests.canary import traces
from tests.database import LEDGER_NAME
from tests.doors.samples import SOURCE
from tests.leaving import LEAVING
from tests.rows import key_table

SETTINGS = Settings(
    name=LEDGER_NAME,
    secret=bytes(range(32)),
    epoch_masters={"2026-W48": bytes(range(32, 64))},
    metrics_on_loopback=True,
    # Longer than a busy machine takes; who waits for nothing says so.
    projection_wait_s=60.0,
    health_check_s_max=30.0,
    even_answers_ms=1,
)
_ids = itertools.count(1)


def fresh_id() -> str:
    """An id that no other transfer of this run has."""
    return f"t-{next(_ids):06}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: Any
    text: str

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return self.body["code"]

    @property
    def errors(self) -> dict[str, str]:
        """JSON Pointer → code of each defect."""
        return {error["pointer"]: error["code"] for error in self.body["errors"]}


@dataclass(slots=True)
class Corridor:
    """The doors of one ledger."""

    app: FastAPI
    client: TestClient
    urls: RoleUrls
    secret: bytes
    _keys: dict[object, str] = field(default_factory=dict[object, str])
    _table: ApiKeyTable | None = None

    def key(self, *scopes: Scope, source: str | None = None, label: str = "test") -> str:
        """The credential of a key with these scopes; another label is another caller."""
        wanted = (scopes, source, label)
        if wanted not in self._keys:
            # Everybody is another person, as long as the test does not say otherwise.
            owner = person_owner(f"{label}-{len(self._keys)}")
            key, credential = make(label, frozenset(scopes), source, at=now(), days=1, owner=owner)
            if self._table is None:
                self._table = key_table(self.urls.owner, self.secret)
            self._table.add(key)
            self._keys[wanted] = credential
        return self._keys[wanted]

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request. No refusal and no address may name a canary."""
        sent = {} if key is None else {"Authorization": f"Bearer {key}"}
        if content is None and body is not None:
            content = orjson.dumps(body)
        if content is not None:
            sent["content-type"] = "application/json"
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        got = self.client.request(method, path, content=content, headers=sent)
        is_json = "json" in got.headers.get("content-type", "")
        answer = Answer(
            got.status_code, dict(got.headers), got.json() if is_json else None, got.text
        )
        assert not traces(path)
        assert not traces(repr(answer.headers))
        if got.status_code >= 400:
            assert got.headers["content-type"] == "application/problem+json", got.text
            assert not traces(got.text)
        elif isinstance(answer.body, dict):
            results = cast("dict[str, list[dict[str, object]]]", answer.body).get("results", [])
            problems = [result.get("problem") for result in results]
            assert not traces(orjson.dumps(problems))
        return answer

    # -- what the tests do most ------------------------------------------------------------------

    def send(self, *items: dict[str, Any], key: str | None = None, **headers: str) -> Answer:
        """Post transfers as the emitter of `SOURCE`."""
        sender = key or self.emitter
        return self.ask("POST", "/v1/transfers", {"items": items}, key=sender, headers=headers)

    def record(self, data: dict[str, Any], **member: object) -> dict[str, Any]:
        """Record one transfer; its result."""
        item = {"source": SOURCE, "id": fresh_id(), "data": data, **member}
        answer = self.send(item)
        assert answer.status == 200, answer.text
        [result] = answer.body["results"]
        assert result["status"] == "recorded", result
        return {**result, "source": item["source"], "id": item["id"]}

    def officer(self, path: str, body: object, status: int = 200) -> dict[str, Any]:
        """What an officer's command answers."""
        answer = self.ask("POST", path, body, key=self.key("records:write", label="officer"))
        assert answer.status == status, answer.text
        return answer.body

    def history(self, *identifiers: tuple[str, str], **members: object) -> dict[str, Any]:
        """A person's history as of now, read after everything that was written."""
        answer = self.look(*identifiers, **{"after": self.head(), **members})
        assert answer.status == 200, answer.text
        return answer.body

    def look(self, *identifiers: tuple[str, str], **members: object) -> Answer:
        """Ask for a history."""
        named = [{"scheme": scheme, "id": id_} for scheme, id_ in identifiers]
        body = {"identifiers": named, "case": "C-2026-0031", "reason": "調査", **members}
        return self.ask("POST", "/v1/histories", body, key=self.key("records:read"))

    @property
    def emitter(self) -> str:
        """The key of the emitter of `SOURCE`."""
        return self.key("events:write", "events:read.own", source=SOURCE)

    def head(self) -> int:
        """The newest position."""
        return self.fetch("SELECT position FROM ledger.head")[0][0]

    def fetch(self, statement: str) -> list[Any]:
        """Rows as the reader sees them."""
        with psycopg.connect(self.urls.reader) as connection:
            return connection.execute(statement.encode()).fetchall()


@contextmanager
def open_doors(
    urls: RoleUrls,
    settings: Settings = SETTINGS,
    *,
    followed: bool = True,
    clock: Callable[[], datetime] = now,
) -> Generator[Corridor]:
    """A running application, with its follower."""
    with (
        following(urls, settings) if followed else nullcontext(),
        served(settings, urls, clock=clock) as app,
        TestClient(app, client=("127.0.0.1", 1)) as client,
    ):
        yield Corridor(app, client, urls, ledger_secret_of(settings))
        LEAVING.tell("metrics", client.get("/metrics").text)


@contextmanager
def following(urls: RoleUrls, settings: Settings) -> Generator[None]:
    """A follower, as its process runs it."""
    house = Container(urls, settings.name, secrets_of(settings))
    stop = threading.Event()
    thread = threading.Thread(target=house.follower().run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        house.close()
    assert not thread.is_alive()
