"""The tutorial's commands, run against a demo's ledger, answer what the page shows."""

import json
import re
import shlex
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from fastapi.testclient import TestClient
from psycopg.conninfo import make_conninfo

from api.app import ApiDependencies, create_app
from api.auth import ApiKeyTable, Scope, make
from api.container import Container, Secrets
from api.demo.plan import MEMBERS
from api.demo.run import NAME
from api.server.application import ROUTERS, SCHEMAS
from api.settings.settings import Settings
from ledger.clock import now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.postgres.prepare import prepare
from ledger.values import Json
from tests.database import Server, empty_database, rooms
from tests.docs.markdown import DOCS, fences_of
from tests.rows import key_table

PAGE = DOCS / "tutorial" / "first-transfer.md"
# When the page's answers were made, and how many events the demo had sent before.
AT = datetime(2026, 11, 25, 1, 57, 16, 660_000, tzinfo=UTC)
BEFORE = 6_939
_COUNTED = {"position", "positions", "as_of", "judged_at", "viewed_at_position", "after"}


def test_the_tutorial_answers_what_it_shows(server: Server) -> None:
    shown = [fence for fence in fences_of(PAGE) if fence.language == "json"]
    variables, files = dict[str, str](), dict[str, str]()
    answers: list[Json] = []

    with _demo(server) as (client, keys):
        for fence in fences_of(PAGE):
            if fence.language != "sh":
                continue
            for name, text in re.findall(r"^cat > (\S+) <<'END'\n(.*?)^END$", fence.text, _BLOCK):
                files[name] = text
            variables |= dict(re.findall(r"^([A-Z]+)=(\S+)$", fence.text, re.MULTILINE))
            for words in _sent(fence.text, {**variables, **keys}):
                _, path, key, data = words
                body = files[data[1:]] if data.startswith("@") else data
                answers.append(_posted(client, path, key, body))

    repeated = answers.pop(1)
    assert answers == [json.loads(fence.text) for fence in shown]
    assert cast("dict[str, Json]", repeated)["counts"] == {"duplicate": 1}


_BLOCK = re.DOTALL | re.MULTILINE


def _sent(text: str, variables: Mapping[str, str]) -> Iterator[list[str]]:
    """The words of every `send` of a block, as a shell would make them."""
    filled = re.sub(r"\$([A-Z]+)", lambda found: variables[found[1]], text)
    for command in re.findall(r"^(send /.*?)(?=^[A-Za-z]|\Z)", filled, _BLOCK):
        yield shlex.split(command)


def _posted(client: TestClient, path: str, key: str, body: str) -> Json:
    moved = _moved(cast("Json", json.loads(body)), -BEFORE)
    answer = client.post(path, json=moved, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return _moved(cast("Json", answer.json()), BEFORE)


def _moved(value: Json, by: int, *, counted: bool = False) -> Json:
    """The value with every position moved."""
    if isinstance(value, dict):
        return {
            name: _moved(member, by, counted=name in _COUNTED) for name, member in value.items()
        }
    if isinstance(value, list):
        return [_moved(one, by, counted=counted) for one in value]
    return value + by if counted and isinstance(value, int) else value


@contextmanager
def _demo(server: Server) -> Generator[tuple[TestClient, dict[str, str]]]:
    """A demo's ledger without its year, and the keys that the reader copies."""
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        urls = prepare(login, NAME, rooms(), admin=server.admin)
        house = Container(urls, NAME, Secrets(demo_secret(), demo_masters()), lambda: AT)
        stop = threading.Event()
        following = threading.Thread(target=house.follower().run, args=(stop,))
        following.start()
        try:
            table = key_table(urls.owner, demo_secret())
            keys = {
                "EMITTER": _key(table, frozenset[Scope](("events:write",)), MEMBERS),
                "OFFICER": _key(table, frozenset[Scope](("records:read", "records:write")), None),
            }
            with house.services(Settings()) as services:
                doors = ApiDependencies(
                    settings=Settings(),
                    connect=house.writer.connection,
                    row_mac=house.secret.row_mac,
                    actor_of=lambda identity: house.secret.actor("ledger", identity),
                    routers=ROUTERS,
                    schemas=SCHEMAS,
                    services=services,
                )
                with TestClient(create_app(doors)) as client:
                    yield client, keys
        finally:
            stop.set()
            following.join()
            house.close()


def _key(table: ApiKeyTable, scopes: frozenset[Scope], source: str | None) -> str:
    row, credential = make("tutorial", scopes, source, at=now(), days=1)
    table.add(row)
    return credential
