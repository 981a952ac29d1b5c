"""Exports for a regulator: asked for, looked after, fetched in parts, deleted (0077).

An export is known to those alone who may fetch its bag; to everybody else it is as one that there
is not.
"""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.auth import Caller, requires
from api.problems.answers import refused
from api.problems.documentation import problems
from api.problems.refusals import ExportStateError, RangeNotSatisfiableError, ScopeMissingError
from api.resources.exports.schemas import (
    EXPORT,
    EXPORT_EXAMPLE,
    EXPORTS,
    EXPORTS_EXAMPLE,
    REQUEST_EXAMPLE,
    OfExport,
    public_state,
    render_export,
)
from api.resources.exports.stored_request import (
    REQUEST,
    confirmed_state,
    dump_filters,
    filters_of,
    packed_of,
)
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute
from api.web.cursors import CHARACTERS
from api.web.idempotency import CommandId
from api.web.items import MARKING
from api.web.schemas import answer
from api.web.services import Services, ServicesDep
from ledger.errors import NotFoundError
from ledger.exports.filters import Filters, check
from ledger.exports.store import ExportBusyError, ExportRow
from ledger.store.staged_rows import part
from ledger.values import Json

_ONE: Final = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def parse_range(headers: Headers, size: int, etag: str) -> tuple[int, int] | None:
    """Begin and end (beyond the last byte) of the part that is asked for; None: the whole file.

    A server may answer with the whole file whatever is asked: it does so for several parts at once,
    another unit, and a part of another version of the file.

    Args:
        size: of the file, in bytes; etag: a strong one, with its quotes.

    Raises:
        RangeNotSatisfiableError: the part has no byte.
    """
    values = headers.getlist("range")
    if len(values) != 1 or headers.get("if-range", etag).strip() != etag:
        return None
    found = _ONE.fullmatch(values[0].strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        begin, end = max(size - int(found[2]), 0), size
    else:
        begin = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < begin:
            return None
    if begin >= end:
        raise RangeNotSatisfiableError(size)
    return begin, end


router = APIRouter(prefix="/v1/exports", tags=["exports"], route_class=CommandRoute)

Asker = Annotated[Caller, Depends(requires("exports:create"))]
Reader = Annotated[Caller, Depends(requires("exports:read"))]

LIST: Final = "exports"
ZIP: Final = "application/zip"
_BATCH: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BINARY: Final[dict[str, Json]] = {ZIP: {"schema": {"type": "string", "format": "binary"}}}
_HEADERS: Final[dict[str, Json]] = {
    "ETag": {"description": "strong: SHA-256 of the file", "schema": {"type": "string"}},
    "Accept-Ranges": {"schema": {"const": "bytes"}},
}
_PARTS: Final[list[dict[str, Json]]] = [
    {
        "name": "Range",
        "in": "header",
        "required": False,
        "description": "one part of the file; the whole file is answered to anything else",
        "schema": {"type": "string"},
        "example": "bytes=1048576-",
    },
    {
        "name": "If-Range",
        "in": "header",
        "required": False,
        "description": "the ETag of the file whose part is wanted; of another one all is answered",
        "schema": {"type": "string"},
    },
]


@router.post(
    "",
    status_code=202,
    summary="Ask for an export",
    responses={
        **answer(EXPORT, "It will be made", REQUEST_EXAMPLE, status=202),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def ask(
    body: OfExport, caller: Asker, services: ServicesDep, command_id: CommandId
) -> Response:
    """A bag is made in the background: see `GET /v1/exports/{export}`.

    It is put on record when it is made, before anybody can fetch it, as an export by the command
    line is. It is kept sealed, for seven days at most.
    """
    filters = body.filters()
    if missing := _missing(caller, filters):
        raise ScopeMissingError((missing,))
    check(filters)

    def begin_export() -> ExportRow:
        members: dict[str, Json] = {REQUEST: dump_filters(filters)}
        return services.exports.begin(command_id, caller.actor, members, services.now())

    one = await run_in_threadpool(begin_export)
    response = JsonResponse(_render_export(one, filters), status_code=202)
    response.headers["location"] = f"{router.prefix}/{one.export}"
    return response


@router.get(
    "",
    summary="Exports that are kept",
    responses={
        **answer(EXPORTS, "A page of exports, newest first", EXPORTS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_exports(
    caller: Reader,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(min_length=CHARACTERS, max_length=CHARACTERS)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Exports whose bag the caller may fetch, whoever asked for them."""
    up_to, skip = None, 0
    if cursor is not None:
        micros, skip = services.cursors.read(cursor, "/query/cursor", LIST)
        up_to = _EPOCH + micros * _MICROSECOND
    page, more = await run_in_threadpool(_page, services, caller, (up_to, skip), limit)
    shown = [_render_export(one, filters) for one, filters in page]
    following = None
    if more is not None:
        following = services.cursors.make(((more[0] - _EPOCH) // _MICROSECOND, more[1]), LIST)
    return JsonResponse({"exports": [*shown], "cursor": following})


@router.get(
    "/{export}",
    summary="One export",
    responses={
        **answer(EXPORT, "How far it is, and what is in it", EXPORT_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_export(export: UUID, caller: Reader, services: ServicesDep) -> Response:
    """State, progress and counts. One that was interrupted is begun anew by itself."""
    one, filters = await run_in_threadpool(_known, services, caller, export)
    return JsonResponse(_render_export(one, filters))


@router.get(
    "/{export}/bag",
    summary="Fetch the bag",
    response_class=Response,
    openapi_extra={"parameters": _PARTS},
    responses={
        200: {"description": "The bag as a zip file", "headers": _HEADERS, "content": _BINARY},
        206: {"description": "A part of it", "headers": _HEADERS, "content": _BINARY},
        **problems(401, 403, 404, 409, 416, 422, 503),
    },
)
async def get_bag(
    export: UUID, request: Request, caller: Reader, services: ServicesDep
) -> Response:
    """A zip file (BagIt 1.0) that `verify.py` in it checks; the same bytes each time.

    A download that broke off goes on with `Range` and `If-Range`.
    """
    one, _ = await run_in_threadpool(_known, services, caller, export)
    packed = packed_of(one)
    if confirmed_state(one) != "ready" or packed is None:
        raise ExportStateError(public_state(one))
    etag = f'"{packed.sha256}"'
    try:
        byte_range = parse_range(request.headers, packed.bytes, etag)
    except RangeNotSatisfiableError as error:
        response = refused(request, error)
        response.headers["content-range"] = f"bytes */{packed.bytes}"
        return response
    begin, end = byte_range or (0, packed.bytes)
    headers = {
        "accept-ranges": "bytes",
        "content-disposition": f'attachment; filename="export-{one.export}.zip"',
        "content-length": str(end - begin),
        "etag": etag,
    }
    if byte_range is not None:
        headers["content-range"] = f"bytes {begin}-{end - 1}/{packed.bytes}"
    content = part(partial(services.exports.piece, one), begin, end)
    return StreamingResponse(content, 200 if byte_range is None else 206, headers, media_type=ZIP)


@router.delete(
    "/{export}",
    status_code=204,
    summary="Delete the bag",
    response_class=Response,
    responses={
        204: {"description": "It is gone; that it was made stays on record"},
        **problems(401, 403, 404, 409, 422, 503),
    },
)
async def delete(export: UUID, caller: Asker, services: ServicesDep) -> Response:
    """Whoever may ask for such an export may delete it, unless it is being made just now."""

    def deleted() -> None:
        one, _ = _known(services, caller, export)
        try:
            with services.exports.working(export) as exports:
                exports.forget(export)
        except ExportBusyError:
            raise ExportStateError(public_state(one)) from None

    await run_in_threadpool(deleted)
    return Response(status_code=204)


def _missing(caller: Caller, filters: Filters) -> str | None:
    """The scope that such an export needs besides, and the caller has not."""
    if filters.whole and not caller.may(MARKING):
        return MARKING
    if (filters.identified or filters.person) and not caller.may("exports:identified"):
        return "exports:identified"
    return None


def _known(services: Services, caller: Caller, export: UUID) -> tuple[ExportRow, Filters]:
    """The export, for whoever may know of it.

    Raises:
        NotFoundError: to everybody else as when there is none.
    """
    one = services.exports.find(export, services.now())
    filters = filters_of(one)
    if _missing(caller, filters) is not None:
        raise NotFoundError
    return one, filters


def _page(
    services: Services, caller: Caller, place: tuple[datetime | None, int], limit: int
) -> tuple[list[tuple[ExportRow, Filters]], tuple[datetime, int] | None]:
    """The next exports that the caller may know of, and where the ones after them begin."""
    page: list[tuple[ExportRow, Filters]] = []
    up_to, skip = place
    while True:
        found = services.exports.newest(up_to, skip, _BATCH, services.now())
        for one in found:
            filters = filters_of(one)
            if _missing(caller, filters) is None:
                if len(page) == limit:
                    assert up_to is not None, "a page that is full has a last one"
                    return page, (up_to, skip)
                page.append((one, filters))
            # Of several at one instant so many are passed over.
            up_to, skip = one.requested_at, skip + 1 if one.requested_at == up_to else 1
        if len(found) < _BATCH:
            return page, None


def _render_export(one: ExportRow, filters: Filters) -> dict[str, Json]:
    packed = packed_of(one) if confirmed_state(one) == "ready" else None
    return render_export(one, filters, None if packed is None else asdict(packed))
