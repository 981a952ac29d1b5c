"""Answers in JSON, made by the fastest writer at hand."""

import orjson
from starlette.responses import Response

from ledger.values import Json


class JsonResponse(Response):
    """`application/json` of plain values; days and instants are strings already."""

    media_type = "application/json"

    def __init__(self, content: Json, status_code: int = 200) -> None:
        super().__init__(orjson.dumps(content), status_code=status_code)
