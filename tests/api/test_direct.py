"""Busy routes pass by the framework's inner layers, and answer as every other route does."""

from typing import Annotated, cast

import pytest
from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.auth import Caller, make, requires
from api.web.bare_route import DirectRoute, express_routes
from api.web.services import ServicesDep
from ledger.clock import now
from ledger.errors import NotFoundError
from tests.api.door import whole_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database

router = APIRouter(route_class=DirectRoute)
Reader = Annotated[Caller, Depends(requires("audit:read"))]


@router.post("/busy")
async def busy(request: Request, caller: Reader, inside: ServicesDep) -> Response:
    assert inside == request.app.state.services
    if await request.body() == b"refuse":
        raise NotFoundError
    return PlainTextResponse(caller.kind)


@router.post("/busy/{number}")
async def numbered(number: int, caller: Reader) -> dict[str, int]:
    del caller
    return {"number": number}


@pytest.fixture
def client(database: Database) -> TestClient:
    key, credential = make("auditor", frozenset({"audit:read"}), None, at=now(), days=1)
    owner(database).add(key)
    return TestClient(whole_app(writer(database), routers=(router,)), headers=bearer(credential))


def test_only_fixed_paths_without_other_parameters_are_direct() -> None:
    assert set(express_routes(router.routes)) == {("POST", "/busy")}


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


def test_a_route_that_needs_more_is_the_frameworks_own(client: TestClient) -> None:
    assert client.post("/busy/7").json() == {"number": 7}
    assert client.post("/busy/x").status_code == 422


def test_it_is_in_the_document_with_its_scope(client: TestClient) -> None:
    paths = cast(
        "dict[str, dict[str, dict[str, object]]]", client.get("/openapi.json").json()["paths"]
    )
    assert "security" in paths["/busy"]["post"]
