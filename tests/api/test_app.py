import threading
import time
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.auth import PUBLIC, SCOPES, Scope, UnguardedRouteError, guards, make
from api.settings.settings import Settings
from ledger.clock import now
from tests.api.door import no_database, whole_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database
from tests.matrix import every


def document() -> dict[str, Any]:
    return TestClient(whole_app(no_database)).get("/openapi.json").json()


def test_every_route_declares_a_scope_or_is_on_the_public_list() -> None:
    routes = whole_app(no_database).router.routes
    assert routes
    for route in routes:
        path = cast("str", getattr(route, "path"))  # noqa: B009 -- any kind of route
        assert path in PUBLIC or (isinstance(route, APIRoute) and guards(route)), path


def test_an_application_with_an_unguarded_door_is_not_built() -> None:
    router = APIRouter()
    router.get("/forgotten")(lambda: None)
    with pytest.raises(UnguardedRouteError, match="/forgotten"):
        whole_app(no_database, routers=(router,))


ANYWHERE = ("/health/live", "/openapi.json", "/v1/nowhere", "/metrics", "/sign-in/nowhere")


def test_over_https_every_answer_tells_browsers_to_come_over_https_alone() -> None:
    settings = Settings(pages_url="https://ledger.example.jp")
    client = TestClient(whole_app(no_database, settings=settings))
    for path in ANYWHERE:
        told = client.get(path).headers.get_list("strict-transport-security")
        assert told == ["max-age=31536000; includeSubDomains"], path


def test_over_plain_http_no_answer_does() -> None:
    settings = Settings(pages_url="http://127.0.0.1:8000")
    for app in (whole_app(no_database), whole_app(no_database, settings=settings)):
        client = TestClient(app)
        for path in ANYWHERE:
            assert "strict-transport-security" not in client.get(path).headers, path


@every("path", ["/health/live", "/openapi.json", "/metrics", "/v1/nowhere", "/"])
def test_a_request_is_never_sent_back_by_trace(path: str) -> None:
    sent = {"Cookie": "ledger-sid=secret", "Authorization": "Bearer secret"}
    answer = TestClient(whole_app(no_database)).request("TRACE", path, headers=sent)
    assert answer.status_code in (404, 405), answer.text
    assert "secret" not in answer.text


def test_metrics_are_for_auditors_and_operators(shared_database: Database) -> None:
    client = TestClient(whole_app(writer(shared_database)))
    expected: dict[Scope, int] = {"audit:read": 200, "admin:config": 200, "records:read": 403}
    for scope, status in expected.items():
        key, credential = make("a", frozenset({scope}), None, at=now(), days=1)
        owner(shared_database).add(key)
        answer = client.get("/metrics", headers=bearer(credential))
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["scopes"] == "audit:read admin:config"
    assert client.get("/metrics").status_code == 401


CALLERS: list[tuple[str, dict[str, str], int]] = [
    ("127.0.0.1", {}, 200),
    ("::1", {}, 200),
    ("192.0.2.7", {}, 401),
    ("somewhere", {}, 401),
    ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
    ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
    ("127.0.0.1", {"Authorization": "Bearer unknown"}, 401),
]


@every("client, header, status", CALLERS)
def test_metrics_can_be_opened_to_this_machine_alone(
    client: str, header: dict[str, str], status: int
) -> None:
    app = whole_app(no_database, settings=Settings(metrics_on_loopback=True))
    answer = TestClient(app, client=(client, 1)).get("/metrics", headers=header)
    assert answer.status_code == status


def test_metrics_count_by_template_and_never_by_value() -> None:
    app = whole_app(no_database, settings=Settings(metrics_on_loopback=True))
    client = TestClient(app, client=("127.0.0.1", 1))
    client.get("/problems/not-found")
    client.get("/problems/hanako")
    client.request("TOOTHACHE", "/health/live")
    client.get("/openapi.json")
    text = client.get("/metrics").text
    counted = 'ledger_http_request_seconds_count{method="GET",route="/problems/{suffix}",status='
    assert counted + '"200"} 1.0' in text
    assert counted + '"404"} 1.0' in text
    assert 'method="OTHER"' in text
    assert 'route="/openapi.json"' in text
    assert "hanako" not in text
    assert "TOOTHACHE" not in text


def test_a_live_process_may_not_be_ready() -> None:
    def dead() -> None:
        raise psycopg.OperationalError("connection to somebody's host failed")

    client = TestClient(whole_app(no_database, checks={"database": dead, "disk": lambda: None}))
    assert client.get("/health/live").json() == {"status": "ok"}
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["failing"] == ["database"]
    assert "somebody" not in answer.text


def test_what_others_are_late_with_fails_no_check() -> None:
    late = ["witnesses"]
    client = TestClient(whole_app(no_database, late=lambda: tuple(late)))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "late": ["witnesses"]})
    late.clear()
    assert client.get("/health/ready").json() == {"status": "ok"}
    assert client.get("/health/live").json() == {"status": "ok"}


def test_a_check_that_hangs_fails_in_time_and_is_not_started_again() -> None:
    released = threading.Event()
    started: list[float] = []

    def hang() -> None:
        started.append(time.monotonic())
        released.wait(120)

    settings = Settings(health_check_s_max=0.05)
    with TestClient(whole_app(no_database, checks={"slow": hang}, settings=settings)) as client:
        begun = time.monotonic()
        assert client.get("/health/ready").json()["failing"] == ["slow"]
        time.sleep(1.0)
        assert client.get("/health/ready").json()["failing"] == ["slow"]
        assert len(started) == 1
        released.set()
        assert time.monotonic() - begun < 60
        while client.get("/health/ready").status_code != 200:  # remembered for a second
            assert time.monotonic() - begun < 60
            time.sleep(0.1)


def test_openapi_documents_security_and_problems_for_every_operation() -> None:
    openapi = document()
    assert openapi["openapi"] == "3.1.0"
    assert set(openapi["components"]["securitySchemes"]) == {
        "apiKey",
        "accessToken",
        "boundCredential",
    }
    assert "HTTPValidationError" not in str(openapi)
    for path, operations in openapi["paths"].items():
        for operation in operations.values():
            public = path in PUBLIC
            assert (operation["security"] == []) == public
            assert {"500", "503"} <= operation["responses"].keys()
            assert ({"401", "403"} <= operation["responses"].keys()) != public
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"]
    assert openapi["paths"]["/metrics"]["get"]["security"] == [
        {"apiKey": ["audit:read"]},
        {"accessToken": ["audit:read"]},
        {"boundCredential": ["audit:read"]},
        {"apiKey": ["admin:config"]},
        {"accessToken": ["admin:config"]},
        {"boundCredential": ["admin:config"]},
    ]


def test_the_reference_page_lists_the_scopes_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "scopes.md"
    listed = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    assert listed == [f"| `{scope}` | {meaning} |" for scope, meaning in SCOPES.items()]
