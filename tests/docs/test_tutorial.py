"""The tutorial's commands, run against a demo's ledger, answer what the page shows."""

import json
import re
import shlex
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from fastapi.testclient import TestClient
from psycopg.conninfo import make_conninfo

from api.demo.plan import MEMBERS
from api.demo.run import NAME
from ledger.crypto.epoch import demo_secret
from ledger.postgres.prepare import prepare
from ledger.values import Json
from tests.database import Server, empty_database, rooms
from tests.docs.markdown import DOCS, fences_of
from tests.doors.corridor import SETTINGS, Corridor, open_doors

PAGE = DOCS / "tutorial" / "first-transfer.md"
# When the page's answers were made, and how many events the demo had sent before.
AT = datetime(2026, 11, 25, 1, 57, 16, 660_000, tzinfo=UTC)
BEFORE = 6_939
_COUNTED = {"position", "positions", "as_of", "judged_at", "viewed_at_position", "after"}


def test_the_tutorial_answers_what_it_shows(server: Server) -> None:
    shown = [fence for fence in fences_of(PAGE) if fence.language == "json"]
    variables, files = dict[str, str](), dict[str, str]()
    answers: list[Json] = []

    with _demo(server) as corridor:
        keys = {
            "EMITTER": corridor.key("events:write", source=MEMBERS),
            "OFFICER": corridor.key("records:read", "records:write"),
        }
        for fence in fences_of(PAGE):
            if fence.language != "sh":
                continue
            for name, text in re.findall(r"^cat > (\S+) <<'END'\n(.*?)^END$", fence.text, _BLOCK):
                files[name] = text
            variables |= dict(re.findall(r"^([A-Z]+)=(\S+)$", fence.text, re.MULTILINE))
            for words in _sent(fence.text, {**variables, **keys}):
                _, path, key, data = words
                body = files[data[1:]] if data.startswith("@") else data
                answers.append(_posted(corridor.client, path, key, body))

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
def _demo(server: Server) -> Generator[Corridor]:
    """A demo's ledger without its year."""
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        urls = prepare(login, NAME, rooms(), admin=server.admin)
        settings = replace(SETTINGS, name=NAME, secret=demo_secret())
        with open_doors(urls, settings, clock=lambda: AT) as corridor:
            yield corridor
