"""An individual number (個人番号) that is typed into a text is refused, and only that is logged."""

import logging
import re
from typing import Any, cast

import pytest
from fastapi.routing import APIRoute

from api.auth import Scope, guards
from ledger.policies.my_number import check_digit
from tests.canary import MEMBER, OTHER_MEMBER
from tests.docs.api_page import application
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import EVERYTHING, SOURCE
from tests.doors.texts import Text, texts, wanted
from tests.matrix import every

MY_NUMBER = f"12345678901{check_digit('12345678901')}"
WHO = {"scheme": "member", "id": MEMBER}
OTHER = {"scheme": "member", "id": OTHER_MEMBER}
HOLD = {"identifiers": [WHO], "reason": "訴訟の提起"}
PAIR = {"a": WHO, "b": OTHER, "evidence": "住民票"}


def test_an_identifier_of_twelve_digits_is_a_name_here_too(corridor: Corridor) -> None:
    named = {"scheme": "contract", "id": MY_NUMBER}
    corridor.officer("/v1/links", {**PAIR, "b": named})
    corridor.officer("/v1/holds", {**HOLD, "identifiers": [named]})


# -- No free text of any body takes an individual number (個人番号), and only the fact is logged --


TEXTS = texts(application())
_IN_A_PATH = {"emitter": "ads", "notice_id": "QONOQ-JU"}
_SOMETHING = "00000000-0000-4000-8000-000000000007"


def test_every_free_text_of_the_document_is_asked_below() -> None:
    assert set(TEXTS) == wanted(application())
    known = {"/v1/renames/name", "/v1/notices/version/responsible/address", "/v1/exclusions/reason"}
    assert known | {"/v1/cases/form/name", "/v1/emitters/{emitter}/name"} <= set(TEXTS)


def test_an_individual_number_is_refused_and_repeated_nowhere(
    corridor: Corridor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, text in TEXTS.items():
        caplog.clear()
        answer = corridor.ask(
            text.method,
            address(text),
            text.saying(MY_NUMBER),
            key=corridor.key(text.scope, label="officer"),
            headers={"If-Match": '"1"'},
        )
        assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION"), (name, answer.text)
        assert answer.errors[text.pointer] == "MY_NUMBER_SHOWN", name
        assert MY_NUMBER not in answer.text, name
        assert MY_NUMBER not in caplog.text, name
        assert MY_NUMBER not in "".join(repr(vars(record)) for record in caplog.records), name
        assert "an individual number was refused" in caplog.text, name


def address(text: Text) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _IN_A_PATH.get(found[1], _SOMETHING), text.path)


# -- Bodies with a model of their own are read as strictly as transfers are --


def refused(corridor: Corridor, path: str, body: object) -> Answer:
    key = corridor.key(*EVERYTHING, source=SOURCE)
    answer = corridor.ask("POST", path, body, key=key)
    assert answer.status == 422, answer.text
    return answer


A = {"scheme": "member", "id": MEMBER}
STOP = {"principal": A, "kind": "opt_out_stop", "day": "2026-01-01"}


SMALL: list[tuple[str, object, str, str]] = [
    ("/v1/links", {"a": A, "b": A, "evidence": "x"}, "/b", "SAME_IDENTIFIER"),
    (
        "/v1/links",
        {"a": A, "b": {"scheme": "Member", "id": "x"}, "evidence": "x"},
        "/b/scheme",
        "SCHEMA",
    ),
    ("/v1/links", {"a": A, "b": A}, "/evidence", "SCHEMA"),
    ("/v1/links", {"a": A, "b": A, "evidence": "a\0b"}, "/evidence", "CONTROL_CHARACTER"),
    ("/v1/links", {"a": A, "b": A, "evidence": "\u200b"}, "/evidence", "SCHEMA"),
    ("/v1/renames", {"principal": A, "name": "\u3000"}, "/name", "SCHEMA"),
    ("/v1/renames", {"principal": A, "name": "\u2066x"}, "/name", "CONTROL_CHARACTER"),
    ("/v1/directives", {**STOP, "day": 0}, "/day", "SCHEMA"),
    ("/v1/directives", {**STOP, "day": "2026-02-30"}, "/day", "SCHEMA"),
    ("/v1/directives", {**STOP, "day": "2026-01-01T00:00:00"}, "/day", "SCHEMA"),
    ("/v1/directives", {**STOP, "kind": "stop"}, "/kind", "SCHEMA"),
    ("/v1/histories", {"identifiers": [A], "case": "c", "after": "5"}, "/after", "SCHEMA"),
    ("/v1/histories", {"identifiers": [A], "case": "c", "as_of": True}, "/as_of", "SCHEMA"),
    ("/v1/histories", {"identifiers": [A], "case": 5}, "/case", "SCHEMA"),
    ("/v1/histories", {"identifiers": [A], "case": "c", "limit": 501}, "/limit", "SCHEMA"),
    ("/v1/notices", {"kind": "opt_out", "notice_id": "n"}, "/filed_on", "SCHEMA"),
    (
        "/v1/notices",
        {"kind": "joint_use", "notice_id": 1, "owner": "u"},
        "/notice_id",
        "SCHEMA",
    ),
    ("/v1/notices", {}, "", "SCHEMA"),
]


@every("path, body, pointer, code", SMALL)
def test_small_bodies_are_read_as_strictly(
    corridor: Corridor, path: str, body: object, pointer: str, code: str
) -> None:
    assert refused(corridor, path, body).errors[pointer] == code


# -- A parameter that a route does not know is refused, not passed over: every route that reads --


# Values of path parameters, as far as their form goes: the query is looked at before them.
_OF_A_PATH = {
    "kind": "receipt",
    "version": "2022-10-01",
    "suffix": "not-found",
    "emitter": "ads",
}


def _reading() -> dict[str, APIRoute]:
    """Path → every route that reads, of the application as it is served."""
    return {
        route.path: route
        for route in application().router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }


ROUTES = _reading()


def address_of_unknown_parameters(path: str) -> str:
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


@every("path", ROUTES)
def test_a_misspelt_parameter_is_told(corridor: Corridor, path: str) -> None:
    scope = scope_of(ROUTES[path])
    source = SOURCE if scope is not None and is_bound(scope) else None
    key = None if scope is None else corridor.key(scope, source=source)
    answer = corridor.ask("GET", f"{address_of_unknown_parameters(path)}?lmit=2&Yamada=1", key=key)
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


@every("path", GUARDED)
def test_a_stranger_is_told_nothing_of_parameters(corridor: Corridor, path: str) -> None:
    assert (
        corridor.ask("GET", f"{address_of_unknown_parameters(path)}?lmit=2", key=None).status == 401
    )


def test_the_document_says_so_of_each() -> None:
    paths = cast("dict[str, Any]", application().openapi()["paths"])
    told = {path: set(one["get"]["responses"]) for path, one in paths.items() if "get" in one}
    assert [path for path, statuses in told.items() if "422" not in statuses] == []


@every("path", ["/v1/holds", "/v1/quarantine"])
def test_a_parameter_that_is_known_goes_through(corridor: Corridor, path: str) -> None:
    scope = scope_of(ROUTES[path])
    assert scope is not None
    assert corridor.ask("GET", f"{path}?limit=1", key=corridor.key(scope)).status == 200
