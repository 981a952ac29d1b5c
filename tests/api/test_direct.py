"""Busy routes pass by the framework's inner layers, and answer as every other route does."""

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from api.auth import make
from api.web.bare_route import DirectRoute
from ledger.clock import now
from tests.api.door import whole_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database

router = APIRouter(route_class=DirectRoute)


@pytest.fixture
def client(database: Database) -> TestClient:
    key, credential = make("auditor", frozenset({"audit:read"}), None, at=now(), days=1)
    owner(database).add(key)
    return TestClient(whole_app(writer(database), routers=(router,)), headers=bearer(credential))


def test_a_direct_route_answers(client: TestClient) -> None:
    answer = client.post("/busy", content=b"x")
    assert (answer.status_code, answer.text) == (200, "key")
    assert "x-request-id" in answer.headers


def test_its_refusal_is_a_problem_in_the_language_asked_for(client: TestClient) -> None:
    answer = client.post("/busy", content=b"refuse", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "ja"


def test_its_guard_stands(client: TestClient) -> None:
    answer = client.post("/busy", headers={"authorization": "Bearer plk_nobody"})
    assert answer.status_code == 401


def test_another_method_is_not_allowed(client: TestClient) -> None:
    assert client.get("/busy").status_code == 405


def test_it_is_counted_under_its_template(client: TestClient) -> None:
    client.post("/busy", content=b"x")
    exposed = client.get("/metrics").text
    assert 'route="/busy",status="200"' in exposed
