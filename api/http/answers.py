"""Answers in JSON, made by the fastest writer at hand."""

from collections.abc import Mapping
from typing import Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from ledger.values import Json

_TYPE: Final = b"application/json"
_PIECE_BYTES: Final = 64 * 1024


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


class LargeResponse(Response):
    """An answer that anybody gets, sent as fast as it is read: nobody makes us hold it for them."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, piece by piece; the server waits while too much is unsent."""
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        body = bytes(self.body)
        for begin in range(0, len(body), _PIECE_BYTES):
            end = begin + _PIECE_BYTES
            piece = {"type": "http.response.body", "body": body[begin:end]}
            await send({**piece, "more_body": end < len(body)})
