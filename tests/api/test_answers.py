"""An answer in JSON has the headers that the framework would give it."""

from starlette.responses import Response

from api.web.answers import JsonResponse
from ledger.values import Json
from tests.matrix import every


@every("content", [{}, {"name": "見本"}, [1] * 5_000, None])
@every("status", [200, 201, 409])
def test_an_answer_says_its_type_and_its_length_in_bytes(content: Json, status: int) -> None:
    answer = JsonResponse(content, status)
    plain = Response(bytes(answer.body), status, media_type="application/json")
    assert (answer.status_code, answer.raw_headers) == (status, plain.raw_headers)
