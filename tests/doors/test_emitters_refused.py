"""What the doors of emitters refuse, and to whom; and what is carried out once."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.auth import Scope
from tests.database import Database
from tests.doors.emitting import Doors, opened
from tests.doors.samples import OTHER_SOURCE, SOURCE


@pytest.fixture
def doors(database: Database) -> Iterator[Doors]:
    with opened(database) as made:
        yield made


REGISTRATIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no source": ({"source": ""}, "/source", "SCHEMA"),
    "a bare scheme": ({"source": "https://"}, "/source", "SCHEMA"),
    "a source with a blank": ({"source": "urn:a b"}, "/source", "SCHEMA"),
    "an invisible name": ({"name": "\u3000"}, "/name", "SCHEMA"),
    "a control character": ({"name": "基盤\u0007"}, "/name", "CONTROL_CHARACTER"),
    "a long name": ({"name": "基" * 101}, "/name", "SCHEMA"),
    "before the Act": ({"since": "1989-12-31"}, "/since", "SCHEMA"),
    "no day": ({"since": "2026-02-29"}, "/since", "SCHEMA"),
    "ends before it begins": (
        {"since": "2026-02-02", "until": "2026-02-01"},
        "/until",
        "PERIOD_REVERSED",
    ),
    "another's source": ({"source": OTHER_SOURCE + "/x"}, "/source", "SOURCE_TAKEN"),
    "an unknown member": ({"id": "ads"}, "/id", "SCHEMA"),
}
DECLARATIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no end": ({"to": None}, "/to", "SCHEMA"),
    "a negative count": ({"expected_count": -1}, "/expected_count", "SCHEMA"),
    "no whole count": ({"expected_count": 1.5}, "/expected_count", "SCHEMA"),
    "a count as text": ({"expected_count": "7"}, "/expected_count", "SCHEMA"),
    "the future": ({"to": "2999-01-01"}, "/to", "COVERAGE_NOT_OVER"),
    "reversed": ({"to": "2000-01-01"}, "/to", "PERIOD_REVERSED"),
    "before it began": ({"from": "2000-01-01"}, "/from", "COVERAGE_BEFORE_SINCE"),
    "the python name": ({"first": "2026-01-01"}, "/first", "SCHEMA"),
}


def test_every_defect_of_a_body_is_named_and_nothing_is_recorded(doors: Doors) -> None:
    doors.register()
    doors.register("crm", OTHER_SOURCE)
    for name, (members, pointer, code) in REGISTRATIONS.items():
        [error] = doors.register(status=422, **{"source": SOURCE, **members})["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code), name
    for name, (members, pointer, code) in DECLARATIONS.items():
        refused = doors.declare(3, 2, **members)
        assert (refused.status, refused.errors) == (422, {pointer: code}), name
    for emitter in ("Ads", "-ads", "a" * 41, "%E5%9F%BA"):
        assert "emitter" in doors.register(emitter, status=422)["errors"][0]["pointer"]
    assert doors.corridor.head() == 2


PERIODS = {
    "today": ("to=2999-01-01", "/query/to", "COVERAGE_NOT_OVER"),
    "reversed": ("from=2026-02-02&to=2026-02-01", "/query/to", "PERIOD_REVERSED"),
    "no day": ("from=2026-02-30", "/query/from", "SCHEMA"),
    "no position": ("as_of=0", "/query/as_of", "SCHEMA"),
}


def test_a_period_that_cannot_be_covered_is_refused(doors: Doors) -> None:
    for name, (query, pointer, code) in PERIODS.items():
        [error] = doors.coverage(f"?{query}", status=422)["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code), name
    today = doors.coverage(f"?to={doors.day(0)}", status=422)
    assert today["errors"][0]["code"] == "COVERAGE_NOT_OVER"
    nothing = doors.coverage("?from=0001-01-01&to=0001-01-01")
    assert (nothing["total"], nothing["is_complete"], nothing["emitters"]) == (0, False, [])


def test_a_request_under_an_idempotency_key_is_carried_out_once(doors: Doors) -> None:
    doors.register()
    key = doors.corridor.key("coverage:write", source=SOURCE)
    body, headers = doors.period(3, 2), {"Idempotency-Key": '"close-1"'}
    path = "/v1/emitters/ads/coverage"
    first = doors.corridor.ask("PUT", path, body, key=key, headers=headers)
    again = doors.corridor.ask("PUT", path, body, key=key, headers=headers)
    assert (first.status, first.body) == (again.status, again.body)
    assert again.headers["idempotency-replayed"] == "true"
    beats = [
        doors.corridor.ask(
            "POST", "/v1/emitters/ads/heartbeat", key=key, headers={"Idempotency-Key": "beat"}
        ).status
        for _ in range(2)
    ]
    assert beats == [204, 204]


LOOKING: tuple[Scope, ...] = (
    "cases:read",
    "records:read",
    "audit:read",
    "quarantine:write",
    "admin:config",
)


def test_each_door_lets_in_whom_it_should(doors: Doors) -> None:
    corridor = doors.corridor
    asked: dict[tuple[str, str], tuple[Scope, ...]] = {
        ("PUT", "/v1/emitters/ads"): ("admin:config",),
        ("PUT", "/v1/emitters/ads/coverage"): ("coverage:write",),
        ("POST", "/v1/emitters/ads/heartbeat"): ("coverage:write",),
        ("GET", "/v1/coverage"): (*LOOKING,),
        ("GET", "/v1/emitters"): (*LOOKING, "coverage:write"),
    }
    scopes: tuple[Scope, ...] = (
        "admin:config",
        "coverage:write",
        "cases:read",
        "records:read",
        "audit:read",
        "quarantine:write",
        "reply:download",
        "notices:write",
    )
    for (method, path), allowed in asked.items():
        body: dict[str, str] | None = {} if method == "PUT" else None
        for scope in scopes:
            answer = corridor.ask(method, path, body, key=corridor.key(scope))
            assert (answer.status != 403) == (scope in allowed), (method, path, scope)
        assert corridor.ask(method, path, body, key=None).status == 401
