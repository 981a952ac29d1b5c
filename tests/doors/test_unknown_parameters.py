"""A parameter that a route does not know is refused, not passed over: every route that reads."""

import re
from typing import Any, cast

import pytest
from fastapi.routing import APIRoute

from api.auth import Scope, guards
from tests.docs.api_page import application
from tests.doors.corridor import Corridor
from tests.doors.samples import SOURCE

# Values of path parameters, as far as their form goes: the query is looked at before them.
_OF_A_PATH = {
    "kind": "receipt",
    "version": "2022-10-01",
    "suffix": "not-found",
    "emitter": "ads",
}
_SOMETHING = "00000000-0000-4000-8000-000000000007"


def _reading() -> dict[str, APIRoute]:
    """Path → every route that reads, of the application as it is served."""
    return {
        route.path: route
        for route in application().router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }


ROUTES = _reading()


def address(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _OF_A_PATH.get(found[1], _SOMETHING), path)


def scope_of(route: APIRoute) -> Scope | None:
    """A scope that is enough, bound to no source if there is one; None for a public route."""
    found: list[Scope] = [one for guard in guards(route) for one in guard.scopes]
    unbound: list[Scope] = [one for one in found if not is_bound(one)]
    return (unbound or found or [None])[0]


def is_bound(scope: Scope) -> bool:
    return scope.startswith(("events:", "coverage:"))


def test_the_routes_are_the_ones_that_are_served() -> None:
    assert {"/v1/quarantine", "/v1/transfers/{transfer}", "/v1/cases", "/openapi.json"} <= set(
        ROUTES
    )
    assert len(ROUTES) > 25


@pytest.mark.parametrize("path", ROUTES)
def test_a_misspelt_parameter_is_told(corridor: Corridor, path: str) -> None:
    scope = scope_of(ROUTES[path])
    source = SOURCE if scope is not None and is_bound(scope) else None
    key = None if scope is None else corridor.key(scope, source=source)
    answer = corridor.ask("GET", f"{address(path)}?lmit=2&Yamada=1", key=key)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION"), answer.text
    assert answer.errors == {"/query/lmit": "SCHEMA", "/query": "SCHEMA"}
    assert "Yamada" not in answer.text


def test_a_parameter_that_stands_twice_is_refused_and_a_list_may(corridor: Corridor) -> None:
    reader = corridor.key("cases:read")
    for path, key in (
        ("/v1/holds?limit=1&limit=2", corridor.key("audit:read")),
        ("/v1/holds?limit=1&limit=1", corridor.key("audit:read")),
        ("/v1/cases?status=received&limit=1&limit=2", reader),
    ):
        answer = corridor.ask("GET", path, key=key)
        assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION"), answer.text
        assert answer.errors == {"/query/limit": "SCHEMA"}
    several = corridor.ask("GET", "/v1/cases?status=received&status=closed", key=reader)
    assert several.status == 200, several.text


# Whoever calls from the machine itself may read the metrics, as tests do.
GUARDED = [path for path, one in ROUTES.items() if guards(one) and path != "/metrics"]


@pytest.mark.parametrize("path", GUARDED)
def test_a_stranger_is_told_nothing_of_parameters(corridor: Corridor, path: str) -> None:
    assert corridor.ask("GET", f"{address(path)}?lmit=2", key=None).status == 401


def test_the_document_says_so_of_each() -> None:
    paths = cast("dict[str, Any]", application().openapi()["paths"])
    told = {path: set(one["get"]["responses"]) for path, one in paths.items() if "get" in one}
    assert [path for path, statuses in told.items() if "422" not in statuses] == []


@pytest.mark.parametrize("path", ["/v1/holds", "/v1/quarantine"])
def test_a_parameter_that_is_known_goes_through(corridor: Corridor, path: str) -> None:
    scope = scope_of(ROUTES[path])
    assert scope is not None
    assert corridor.ask("GET", f"{path}?limit=1", key=corridor.key(scope)).status == 200
