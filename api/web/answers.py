"""Answers in JSON, made by the fastest writer at hand."""

from collections.abc import Mapping
from typing import Final

import orjson
from starlette.responses import Response
from typing_extensions import override

from ledger.values import Json

_TYPE: Final = b"application/json"


class JsonResponse(Response):
    """`application/json` of plain values; days and instants are strings already."""

    media_type = _TYPE.decode()

    def __init__(self, content: Json, status_code: int = 200) -> None:
        super().__init__(orjson.dumps(content), status_code=status_code)

    @override
    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """The two that each answer has; the framework finds out anew which they are."""
        length = b"%d" % len(self.body)
        self.raw_headers = [(b"content-length", length), (b"content-type", _TYPE)]
