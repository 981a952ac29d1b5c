"""Exports that are asked for at the doors, and made by what makes them in production."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

import httpx2

from api.auth import Scope
from api.resources.exports.export_run import Source
from api.resources.exports.maker import Maker
from api.web.services import Services
from tests.doors.corridor import Corridor

PATH = "/v1/exports"
WHY = "報告の求め"


def inside_of(corridor: Corridor) -> Services:
    return cast("Services", corridor.app.state.services)


def auditor(corridor: Corridor, *more: Scope) -> str:
    """A key of who asks for exports and fetches them."""
    return corridor.key("exports:create", "exports:read", *more)


def asked(corridor: Corridor, *more: Scope, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- handed on
    """An export that somebody with these scopes asked for."""
    answer = corridor.ask("POST", PATH, body, key=auditor(corridor, *more))
    assert answer.status == 202, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.body['export']}"
    return answer.body


def make_all(corridor: Corridor) -> int:
    """Make what waits; how many."""
    inside, made = inside_of(corridor), 0
    while inside.group.call(
        lambda ledger, _: Maker(
            inside.exports, Source(ledger.streams, ledger, inside.now), None
        ).make_next()
    ):
        made += 1
    return made


def state(corridor: Corridor, export: str, *more: Scope) -> dict[str, Any]:
    answer = corridor.ask("GET", f"{PATH}/{export}", key=auditor(corridor, *more))
    assert answer.status == 200, answer.text
    return answer.body


def fetched(
    corridor: Corridor, export: str, *more: Scope, headers: Mapping[str, str] = MappingProxyType({})
) -> httpx2.Response:
    """The bag, or why it is not handed out."""
    sent = {"authorization": f"Bearer {auditor(corridor, *more)}", **headers}
    return corridor.client.get(f"{PATH}/{export}/bag", headers=sent)
