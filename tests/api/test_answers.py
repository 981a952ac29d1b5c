"""An answer in JSON has the headers that the framework would give it."""

import pytest
from starlette.responses import Response

from api.web.answers import JsonResponse
from ledger.values import Json


@pytest.mark.parametrize("content", [{}, {"name": "見本"}, [1] * 5_000, None])
@pytest.mark.parametrize("status", [200, 201, 409])
def test_an_answer_says_its_type_and_its_length_in_bytes(content: Json, status: int) -> None:
    answer = JsonResponse(content, status)
    plain = Response(bytes(answer.body), status, media_type="application/json")
    assert (answer.status_code, answer.raw_headers) == (status, plain.raw_headers)


def test_a_header_can_be_added_to_an_answer() -> None:
    answer = JsonResponse({})
    answer.headers["location"] = "/v1/exports/1"
    assert answer.headers["location"] == "/v1/exports/1"
    assert answer.headers["content-length"] == "2"
