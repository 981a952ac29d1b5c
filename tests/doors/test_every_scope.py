"""Every door of the API for a key of every scope: what `docs/reference/api.md` says, nothing else.

A key that may not is told nothing by it: what there is answers as what there is not.

Attack: a key asks for what its scope does not give.
Held off by: every endpoint has one scope; a refusal is the same for what there is and for what
there is not.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi.routing import APIRoute

from api.auth import SCOPES, Scope
from api.auth.guard import PUBLIC, guards
from tests.doors.cases.desk import begun
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import SOURCE, provision
from tests.matrix import every

REFERENCE: Final = Path(__file__).parents[2] / "docs/reference/api.md"
NOTHING: Final = "0b0e2c5e-7a57-8000-8000-000000000001"
ON_LOOPBACK: Final = "/metrics"
"""Open to whoever asks from this machine, where the settings of these tests say so."""
BOUND: Final = frozenset[Scope](("events:write", "events:read.own", "coverage:write"))
_ROW: Final = re.compile(r"\| `([A-Z]+) (/[^`]+)` \| ([^|]*) \|")
_OWN: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|req_\w+")


def _rows() -> Iterator[tuple[str, str, frozenset[str]]]:
    for method, path, scopes in _ROW.findall(REFERENCE.read_text("utf-8")):
        yield method, path, frozenset(re.findall(r"`([a-z:.]+)`", scopes))


TABLE: Final = {(method, path): scopes for method, path, scopes in _rows() if scopes}


@pytest.fixture(scope="module")
def there(corridor: Corridor) -> dict[str, str]:
    """Ids of what there is, by the name that an address has for it."""
    case = begun(corridor)
    recorded = corridor.record(provision())
    return {"case": case.id, "transfer": recorded["transfer"]}


def filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda one: ids.get(one[1], NOTHING), path)


def body_of(method: str) -> dict[str, str] | None:
    return {} if method in ("POST", "PUT") else None


def bare(answer: Answer) -> tuple[int, str]:
    return answer.status, _OWN.sub("…", answer.text)


def test_the_table_names_every_door(corridor: Corridor) -> None:
    told = {
        (method, route.path_format)
        for route in corridor.app.routes
        if isinstance(route, APIRoute) and route.path not in PUBLIC and guards(route)
        for method in route.methods or ()
    }
    assert told == set(TABLE)
    assert {scope for scopes in TABLE.values() for scope in scopes} <= set(SCOPES)


@every("method, path", TABLE, called=str)
def test_a_scope_opens_what_the_table_says_and_learns_nothing_else(
    corridor: Corridor, there: dict[str, str], method: str, path: str
) -> None:
    for scope in SCOPES:
        key = corridor.key(scope, source=SOURCE if scope in BOUND else None, label="scoped")
        body = body_of(method)
        answer = corridor.ask(method, filled(path, there), body, key=key)
        if scope in TABLE[method, path]:
            assert answer.status not in (401, 403), (scope, answer.text)
            continue
        assert (answer.status, answer.code) == (403, "SCOPE_MISSING"), scope
        if filled(path, {}) != filled(path, there):
            unknown = corridor.ask(method, filled(path, {}), body, key=key)
            assert bare(unknown) == bare(answer), scope


@every("method, path", [one for one in TABLE if one[1] != ON_LOOPBACK], called=str)
def test_nobody_opens_a_door_without_a_key_or_with_another(
    corridor: Corridor, there: dict[str, str], method: str, path: str
) -> None:
    body = body_of(method)
    for key in (None, "", "nonsense", corridor.key("cases:read") + "x"):
        answer = corridor.ask(method, filled(path, there), body, key=key)
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED"), key
        assert answer.headers["cache-control"] == "no-store"
