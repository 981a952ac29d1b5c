"""Which doors answer on the grid, and that they do, refusals too."""

import time
from dataclasses import replace

import pytest
from fastapi.routing import APIRoute

from api.web.latency_padding import EvenRoute
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import provision

GRID_MS = 200
READ_RECORDS = (
    "POST /v1/histories",
    "GET /v1/transfers/{transfer}",
    "POST /v1/transfers/check",
    "POST /v1/transfers/{transfer}/corrections",
    "POST /v1/holds",
    "GET /v1/reassessments",
    "GET /v1/cases/{case}",
    "POST /v1/cases/{case}/candidates",
    "POST /v1/cases/{case}/principal",
    "POST /v1/cases/{case}/person",
    "POST /v1/cases/{case}/decisions",
    "POST /v1/cases/{case}/print-as",
    "POST /v1/cases/{case}/submit",
    "POST /v1/cases/{case}/approve",
    "POST /v1/cases/{case}/dispatch",
    "GET /v1/cases/{case}/preview.pdf",
    "GET /v1/cases/{case}/reply.pdf",
)


def test_what_reads_records_answers_on_the_grid(corridor: Corridor) -> None:
    even = {
        f"{method} {route.path}"
        for route in corridor.app.router.routes
        if isinstance(route, APIRoute) and isinstance(route, EvenRoute)
        for method in route.methods or ()
    }
    assert set(READ_RECORDS) <= even


@pytest.mark.parametrize("status", [200, 403, 422])
def test_an_answer_and_a_refusal_leave_on_the_grid(database: Database, status: int) -> None:
    settings = replace(SETTINGS, even_answers_ms=GRID_MS)
    with open_doors(database.urls, settings) as corridor:
        corridor.record(provision())
        asked: dict[int, dict[str, object]] = {200: {}, 403: {"case": ""}, 422: {"limit": 0}}
        key = corridor.key("records:read")
        person = [{"scheme": "member", "id": "M-1"}]
        body = {"identifiers": person, "case": "C-1", "reason": "調査", **asked[status]}
        began = time.monotonic()
        answer = corridor.ask("POST", "/v1/histories", body, key=key)
        # Never early; how much later the machine decides.
        assert time.monotonic() - began >= GRID_MS / 1000 - 0.01
        assert answer.status == status
