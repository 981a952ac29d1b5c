"""The header Idempotency-Key: a client names its request, and a repeat is carried out once.

The first request claims the key, is carried out, and its answer is kept; a repeat gets that answer
byte for byte. Refusals are not kept: nothing stands, so whoever asks again is judged anew.

Source: draft-ietf-httpapi-idempotency-key-header-07; RFC 9651, section 3.3.3 (strings).
"""

import logging
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, Final, cast
from uuid import UUID

import orjson
from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message
from typing_extensions import override

from api.auth import CALLER, Caller, guards
from api.problems.kinds import kind_of
from api.problems.refusals import (
    IdempotencyKeyInProgressError,
    IdempotencyKeyMalformedError,
    IdempotencyKeyReusedError,
)
from api.web.intake import ReadRequest, read_body
from api.web.services import Services, services_of
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import LedgerError
from ledger.lifetimes import DRAFT_DAYS
from ledger.store.answers import Busy, Claim, KeyedRequest, StoredAnswer
from ledger.values import Json

_log: Final = logging.getLogger(__name__)

KEY_CHARACTERS_MAX: Final = 255
REPLAYED: Final = "idempotency-replayed"
_HEADER: Final = "idempotency-key"
_CLAIM: Final = "ledger.claim"
"""Where the connection's scope holds the claim, for the end point's command."""

_VISIBLE: Final = r'[!#-\[\]-~]|\\["\\]'
_QUOTED: Final = rf'"(?:{_VISIBLE})(?: |{_VISIBLE}){{0,{KEY_CHARACTERS_MAX - 1}}}"'
# Without quotes: whatever cannot be taken for a string, a list or a parameter.
_BARE: Final = rf"[!#-+\--:<-\[\]-~]{{1,{KEY_CHARACTERS_MAX}}}"
_KEY: Final = re.compile(rf"{_QUOTED}|{_BARE}")
_ESCAPE: Final = re.compile(r'\\(["\\])')

PARAMETER: Final[dict[str, Json]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Names this request, for a client that may have to send it again: it is carried "
    "out once, and a repeat gets the same answer. A string in quotes (RFC 9651); also taken "
    "without. Remembered for this client and end point for "
    f"{DRAFT_DAYS} days.",
    "schema": {"type": "string", "pattern": f"^(?:{_KEY.pattern})$"},
    "example": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
}
"""How OpenAPI documents the header."""
REPLAYED_HEADER: Final[dict[str, Json]] = {
    "Idempotency-Replayed": {
        "description": "`true`: the answer to an earlier request under the same Idempotency-Key",
        "schema": {"const": "true"},
    }
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyedRoute(APIRoute):
    """A route whose writing requests may carry an Idempotency-Key."""

    @property
    def takes_key(self) -> bool:
        """Whether its method writes."""
        return not (self.methods or set()) <= {"GET", "HEAD", "OPTIONS"}

    @override
    def get_route_handler(self) -> Handler:
        """The handler, which carries out what has a key once."""
        handle = super().get_route_handler()
        if not self.takes_key:
            return handle

        async def keyed(request: Request) -> Response:
            if _HEADER not in request.headers:
                return await handle(request)
            for guard in guards(self):
                await guard(request)
            key = key_of(request.headers.getlist(_HEADER))
            request, content = await _read(request)
            caller = cast("Caller", request.scope[CALLER])
            route = f"{request.method} {self.path_format}"
            return await _once(handle, request, KeyedRequest(caller.actor, route, key, content))

        return keyed


def key_of(values: list[str]) -> str:
    """The key that the header states; with quotes or without, it is the same key.

    Raises:
        IdempotencyKeyMalformedError: there are several, or it is none.
    """
    value = values[0].strip(" \t")
    if len(values) > 1 or not _KEY.fullmatch(value):
        raise IdempotencyKeyMalformedError
    return _ESCAPE.sub(r"\1", value[1:-1]) if value.startswith('"') else value


async def _read(request: Request) -> tuple[Request, bytes]:
    """The request, to be read again, and what it asks for: its address, its body, its If-Match.

    A body that was parsed counts as the value that it is: the order of members does not matter.
    """
    if isinstance(request, ReadRequest):
        body = orjson.dumps(await request.json(), option=orjson.OPT_SORT_KEYS)
    else:
        body = await read_body(request)

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        request = Request(request.scope, receive)
    query = cast("bytes", request.scope["query_string"])
    parts = [cast("str", request.scope["path"]).encode(), query, body]
    # A step that is wanted of another version is another request, and not a repeat.
    parts += [value.encode("latin-1") for value in request.headers.getlist("if-match")]
    return request, b"\0".join(parts)


async def _once(handle: Handler, request: Request, keyed_request: KeyedRequest) -> Response:
    """Carry the request out, unless it was before.

    Raises:
        IdempotencyKeyReusedError, IdempotencyKeyInProgressError: it is not carried out.
    """
    services = services_of(request)
    found = await run_in_threadpool(services.answers.claim, keyed_request, services.now())
    if found in (Busy.REUSED, Busy.OTHER_RUNS, Busy.OTHER_LOST):
        raise IdempotencyKeyReusedError
    if isinstance(found, Busy):
        raise IdempotencyKeyInProgressError
    if isinstance(found, StoredAnswer):
        return _replayed(found)
    request.scope[_CLAIM] = found
    try:
        response = await handle(request)
    except Exception as error:
        await _let_go(services, found, _status(error))
        raise
    if response.status_code < 300:  # noqa: PLR2004 -- the successful ones
        await _keep(services, found, response)
    else:
        await _let_go(services, found, response.status_code)
    return response


async def _keep(services: Services, claim: Claim, response: Response) -> None:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers
    )
    answer = StoredAnswer(response.status_code, headers, bytes(response.body))
    try:
        await run_in_threadpool(services.answers.keep, claim, answer)
    except LedgerError as error:
        # It stands, and the client is told so. A repeat finds it by the command id.
        _log.warning("an answer was not kept", extra={"code": error.code})


async def _let_go(services: Services, claim: Claim, status: int) -> None:
    refused = 400 <= status < 500  # noqa: PLR2004 -- the client's errors: nothing stands
    # If this fails the claim grows old, and is taken over then.
    with suppress(LedgerError):
        await run_in_threadpool(lambda: services.answers.let_go(claim, refused=refused))


def _status(error: Exception) -> int:
    """The status with which the error will be answered."""
    if isinstance(error, LedgerError):
        return kind_of(error)[0].status
    if isinstance(error, RequestValidationError):
        return 422
    return error.status_code if isinstance(error, HTTPException) else 500


def _replayed(answer: StoredAnswer) -> Response:
    response = Response(answer.body, answer.status)
    response.raw_headers = [
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers),
        (REPLAYED.encode(), b"true"),
    ]
    return response


async def command_id(request: Request) -> UUID:
    """The id of the command that the request becomes: its claim's, or a new one."""
    claim = cast("Claim | None", request.scope.get(_CLAIM))
    return random_uuid() if claim is None else claim.command


async def is_retry(request: Request) -> bool:
    """Whether the same request was carried out before, and nobody knows what became of it."""
    claim = cast("Claim | None", request.scope.get(_CLAIM))
    return claim is not None and claim.again


CommandId = Annotated[UUID, Depends(command_id)]
IsRetry = Annotated[bool, Depends(is_retry)]
