"""Bulk transfers: announced, sent in parts, committed or aborted, looked after (0087).

A bulk transfer is known to its sender alone; to everybody else it is as one that there is not.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing, suppress
from functools import partial
from typing import Annotated, Any, Final, cast
from uuid import UUID

import anyio
from fastapi import APIRouter, Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive
from typing_extensions import override

from api.auth import Caller, requires
from api.problems.answers import language_of, refused
from api.problems.documentation import problems
from api.problems.kind import SECONDS_TO_RETRY
from api.resources.bulk.parts import (
    CODINGS,
    CsvPart,
    Decompression,
    Lines,
    NdjsonPart,
    PartReader,
    coding_of,
    parse_digest,
)
from api.resources.bulk.schemas import (
    BEGUN_EXAMPLE,
    BULK,
    COMMITTED_EXAMPLE,
    COMMITTING_EXAMPLE,
    LINES_EXAMPLE,
    PART,
    PART_EXAMPLE,
    PART_PATH,
    PATH,
    REQUEST,
    REQUEST_EXAMPLE,
    TABLE_EXAMPLE,
    announced_of,
    render_bulk,
    render_part,
)
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute
from api.web.intake import HANG_UP, discarded, media_type, read_json, waits_for_leave
from api.web.items import sender_of
from api.web.limiter import Limiter, hung_up, while_connected
from api.web.parameters import KnowingRoute
from api.web.schemas import answer
from api.web.services import Services, ServicesDep
from ledger.errors import LedgerError, MalformedError, NotFoundError
from ledger.transfers.bulk.errors import BulkClosedError
from ledger.transfers.bulk.staging_area import StoredPart, UnderWay
from ledger.transfers.bulk.upload import PARTS_MAX, PartUpload
from ledger.values import Json

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_AHEAD: Final = 4
"""Pieces that wait to be read; the server hands over some 300 KiB at once."""


class StreamingRoute(KnowingRoute):
    """A route whose end point reads the body by `pieces`, or refuses to."""

    @override
    def get_route_handler(self) -> _Handler:
        """The handler; a refusal is answered once the body was received, or the line is cut."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            body = _Body(request.receive)
            try:
                return await handle(Request(request.scope, body))
            except LedgerError as error:
                response = refused(request, error)
            # Who waits for leave to send has sent nothing, and sees the answer at once.
            useless = waits_for_leave(request.scope) and not body.has_begun
            if not (body.is_whole or (not useless and await discarded(body))):
                response.raw_headers.extend(HANG_UP)
            return response

        return answered


class BodyStream:
    """The body of a request, piece by piece as it comes, received ahead of who reads it.

    So a client that hangs up is noticed while what it sent before is worked on.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._given, self._taken = anyio.create_memory_object_stream[bytes](_AHEAD)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._taken

    async def received(self) -> None:
        """Receive the body; returns when the client hangs up, before its end or after it."""
        while (message := await self._receive())["type"] != "http.disconnect":
            await self._given.send(cast("bytes", message.get("body", b"")))
            if not message.get("more_body", False):
                # Never after a hang-up: half a body must not count as a whole one.
                self._given.close()
                await hung_up(self._receive)
                return

    def close(self) -> None:
        """Nobody reads any more."""
        self._given.close()
        self._taken.close()


class _Body:
    """What is received of a body, and whether there is more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.has_begun = self.is_whole = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self.has_begun = True
        self.is_whole = not message.get("more_body", False)
        return message


router = APIRouter(prefix=PATH, tags=["bulk transfers"], route_class=CommandRoute)
parts = APIRouter(tags=["bulk transfers"], route_class=StreamingRoute)

Emitter = Annotated[Caller, Depends(requires("events:write"))]
Number = Annotated[int, Path(ge=1, le=PARTS_MAX, description="of the part, from 1", examples=[1])]

READERS: Final[dict[str, Callable[[], Lines]]] = {
    "application/x-ndjson": NdjsonPart,
    "text/csv": CsvPart,
}
_TAKEN: Final = object()
_TEXT: Final[dict[str, Json]] = {"type": "string"}
_PART: Final[dict[str, Json]] = {
    "requestBody": {
        "required": True,
        "description": "One person a line, as JSON; or CSV with a heading of `scheme`, `id` and, "
        "if there are names, `name`. In UTF-8.",
        "content": {
            "application/x-ndjson": {
                "schema": _TEXT,
                "examples": {"two persons": {"value": LINES_EXAMPLE}},
            },
            "text/csv": {"schema": _TEXT, "examples": {"two persons": {"value": TABLE_EXAMPLE}}},
        },
    },
    "parameters": [
        {
            "name": "Content-Encoding",
            "in": "header",
            "required": False,
            "description": "how the body is compressed",
            "schema": {"enum": ["identity", *CODINGS]},
        },
        {
            "name": "Unencoded-Digest",
            "in": "header",
            "required": False,
            "description": "SHA-256 of the content before compression, in base64; the part is "
            "refused when it is another one",
            "schema": {"type": "string"},
            "example": "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        },
    ],
}
_REQUEST: Final[dict[str, Json]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": REQUEST,
                "examples": {"a million persons": {"value": REQUEST_EXAMPLE}},
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    summary="Announce a bulk transfer",
    openapi_extra=_REQUEST,
    responses={
        **answer(BULK, "Its parts can be sent", BEGUN_EXAMPLE, status=201),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def begin(request: Request, caller: Emitter, services: ServicesDep) -> Response:
    """One provision or receipt of more persons than fit into a request.

    `data` is checked as of an ordinary transfer. Nothing is recorded before the commit.
    """
    media_type(request, "application/json")
    given = await read_json(request)
    most = services.settings.bulk_uploads_max

    def begin_bulk() -> dict[str, Json]:
        at = services.now()
        one = services.bulk.begin(announced_of(given, sender_of(caller), at), at, most)
        return _render_bulk(services, one, language_of(request))

    shown = await run_in_threadpool(begin_bulk)
    response = JsonResponse(shown, status_code=201)
    response.headers["location"] = f"{PATH}/{shown['bulk']}"
    return response


@parts.put(
    PART_PATH,
    summary="Send a part",
    openapi_extra=_PART,
    responses={
        **answer(PART, "The part is there, in the place of any that had its number", PART_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 415, 422, 503),
    },
)
async def put_part(
    bulk: UUID, number: Number, request: Request, caller: Emitter, services: ServicesDep
) -> Response:
    """Parts come in any order, also at the same time, and again: the last one counts.

    Each line is checked as in an ordinary transfer. A part with a line that is not accepted is
    refused whole; `errors` names the lines, as `/lines/7/id`: of the first that are wrong, 100 at
    most.
    """
    lines = READERS[media_type(request, *READERS)]()
    coding = coding_of(request.headers.getlist("content-encoding"))
    stated = parse_digest(request.headers.getlist("unencoded-digest"))

    def begin_part() -> tuple[UnderWay, PartUpload]:
        one = _own(services, caller, bulk)
        return one, services.bulk.upload(one, number, services.now())

    one, upload = await run_in_threadpool(begin_part)
    unpacking = Decompression(coding, services.settings.bulk_part_bytes_max)
    reader = PartReader(upload, unpacking, lines, stated)
    part = await _receive_part(request, upload, reader, services.part_places, caller.actor)
    try:
        await run_in_threadpool(services.bulk.accept, one, part, services.now())
    except (BulkClosedError, MalformedError):
        # After any other fault the part may stand all the same: what it holds is not touched.
        await _let_go(upload)
        raise
    return JsonResponse(render_part(one, part))


@router.get(
    "/{bulk}",
    summary="One bulk transfer",
    responses={
        **answer(BULK, "How far it is, and what became of it", COMMITTED_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_bulk(
    bulk: UUID, request: Request, caller: Emitter, services: ServicesDep
) -> Response:
    """State, counts, missing parts; once it is committed the result, for seven days."""
    return await _answered(request, services, lambda: _own(services, caller, bulk))


@router.post(
    "/{bulk}/commit",
    summary="Commit a bulk transfer",
    responses={
        **answer(BULK, "It was committed: what became of it", COMMITTED_EXAMPLE),
        **answer(BULK, "It is whole and will be recorded", COMMITTING_EXAMPLE, status=202),
        **problems(401, 403, 404, 409, 422, 503),
    },
)
async def commit(bulk: UUID, request: Request, caller: Emitter, services: ServicesDep) -> Response:
    """Record it, once every part is there as announced; in the background, see `GET`.

    Commit as often as you like: it is recorded once. What has begun is carried out, also when the
    ledger is interrupted.
    """

    def closed() -> UnderWay:
        one = _own(services, caller, bulk)
        if one.state != "committed":
            one = services.bulk.close(bulk, services.now())
            # Whose transfers the ledger takes is noted before the answer, as for ordinary ones.
            source = caller.source_prefix
            if source is not None and services.heartbeats.is_due(source, services.now()):
                services.heartbeats.accepted(source, services.now())
        return one

    return await _answered(request, services, closed, 202)


@router.delete(
    "/{bulk}",
    status_code=204,
    summary="Abort a bulk transfer",
    response_class=Response,
    responses={
        204: {"description": "It is aborted; nothing but its counts is left"},
        **problems(401, 403, 404, 409, 422, 503),
    },
)
async def abort(bulk: UUID, caller: Emitter, services: ServicesDep) -> Response:
    """Nothing is recorded, and its parts are gone. What is being committed cannot be aborted."""

    def aborted() -> None:
        _own(services, caller, bulk)
        services.bulk.abort(bulk, services.now())

    await run_in_threadpool(aborted)
    return Response(status_code=204)


def _own(services: Services, caller: Caller, bulk: UUID) -> UnderWay:
    """The bulk transfer, for who began it and still sends for its source.

    Raises:
        NotFoundError: to everybody else as when there is none.
    """
    one = services.bulk.find(bulk, services.now())
    source = one.members.get("source")  # one that was aborted tells nothing
    if one.actor not in caller.actors or (
        source and not sender_of(caller).owns(cast("str", source))
    ):
        raise NotFoundError
    return one


def _render_bulk(services: Services, one: UnderWay, language: str) -> dict[str, Json]:
    missing = services.bulk.missing(one) if one.state == "uploading" else ()
    return render_bulk(one, missing, services.bulk.result(one), language)


async def _answered(
    request: Request, services: Services, find: Callable[[], UnderWay], pending: int = 200
) -> Response:
    """The bulk transfer that `find` finds; with the status `pending` while it is committed."""

    def render() -> dict[str, Json]:
        return _render_bulk(services, find(), language_of(request))

    body = await run_in_threadpool(render)
    if body["state"] != "committing":
        return JsonResponse(body)
    response = JsonResponse(body, status_code=pending)
    response.headers["location"] = f"{PATH}/{body['bulk']}"
    response.headers["retry-after"] = str(SECONDS_TO_RETRY)
    return response


async def _receive_part(
    request: Request, upload: PartUpload, reader: PartReader, places: Limiter, actor: str
) -> StoredPart:
    """The part, once all of it came. Nothing is left of half a part.

    Raises:
        TooBusyError: it is not begun.
    """

    async def store_part() -> StoredPart:
        async with places.slot(actor):
            async for piece in stream:
                steps = reader.take(piece)
                # A thread is had for a bounded amount of content, not for all that came.
                while await places.run(partial(next, steps, _TAKEN)) is not _TAKEN:
                    pass
            return await places.run(reader.end)

    try:
        with closing(BodyStream(request.receive)) as stream:
            return await while_connected(stream.received, store_part)
    except BaseException:
        await _let_go(upload)
        raise


async def _let_go(upload: PartUpload) -> None:
    # If this fails, it dies with the key of its day.
    with suppress(LedgerError):
        await run_in_threadpool(upload.discard)
