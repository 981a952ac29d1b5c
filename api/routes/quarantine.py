"""Rejected items: look, repair, discard by two."""

from datetime import UTC, datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.http.answers import JsonResponse
from api.http.idempotency import AskedAgain, KeyedRoute
from api.http.intake import media_type, read_json
from api.problems import language_of, problems
from api.services import Inside
from api.wire.examples import DISCARD_EXAMPLE, ITEM, QUARANTINE_EXAMPLE, RESULT
from api.wire.items import MARKING, Sender, item_of
from api.wire.receipts import record, repeated, single_problem
from api.wire.schemas import DISCARD, QUARANTINE, RESULT_SCHEMA, answer
from ledger.errors import Defect, MalformedError, NotFoundError
from ledger.quarantine import Rejected
from ledger.values import Json

router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"], route_class=KeyedRoute)

Keeper = Annotated[Caller, Depends(requires("quarantine:write"))]


@router.get(
    "",
    summary="Items that wait",
    responses={
        **answer(QUARANTINE, "A page of items, oldest first", QUARANTINE_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_quarantine(
    caller: Keeper,
    inside: Inside,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Rejected items, oldest first, with what was wrong; each sent-again item once."""
    after = _after(cursor)
    waiting = await run_in_threadpool(inside.quarantine.page, after, limit)
    last = waiting[-1] if len(waiting) == limit else None
    return JsonResponse(
        {
            "items": [_shown(one) for one in waiting if _may_know(caller, one)],
            "cursor": f"{_instant(last)}~{last.id}" if last else None,
        }
    )


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        instant, _, rejected = cursor.partition("~")
        return datetime.fromisoformat(instant), UUID(rejected)
    except ValueError:
        detail = "give back the cursor of the page before"
        raise MalformedError((Defect("/query/cursor", "SCHEMA", detail),)) from None


def _may_know(caller: Caller, one: Rejected) -> bool:
    """What was sent with a mark (Order 11) is for those alone who may mark records."""
    marks = {"order_11", "order11"}
    return caller.may(MARKING) or not isinstance(one.item, dict) or not marks & one.item.keys()


async def _known(rejected: UUID, caller: Caller, inside: Inside) -> Rejected:
    """The waiting item, if the caller may know of it.

    Raises:
        NotFoundError: no such item waits for this caller.
    """
    kept = await run_in_threadpool(inside.quarantine.one, rejected)
    if not _may_know(caller, kept):
        raise NotFoundError
    return kept


async def _done(
    rejected: UUID, caller: Caller, inside: Inside, *states: str
) -> tuple[str, int | None] | None:
    """What the caller did to the item, if it is one of these: the answer got lost."""
    done = await run_in_threadpool(inside.quarantine.done_by, rejected, caller.actor)
    return done if done is not None and done[0] in states else None


def _shown(one: Rejected) -> Json:
    return {
        "id": str(one.id),
        "received_at": _instant(one),
        "item": one.item,
        "errors": [{"pointer": d.pointer, "code": d.code, "detail": d.detail} for d in one.defects],
        "attempts": one.attempts,
        "state": one.state,
    }


def _instant(one: Rejected) -> str:
    return one.received_at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@router.post(
    "/{rejected}/repair",
    summary="Record it in a repaired form",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Item"},
                    "examples": {"repaired": {"value": ITEM}},
                }
            },
        }
    },
    responses={
        **answer(RESULT_SCHEMA, "It is recorded", RESULT),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def repair(
    rejected: UUID, request: Request, caller: Keeper, inside: Inside, asked_again: AskedAgain
) -> Response:
    """Record the repaired item; what was kept is let go with its position on record."""
    if asked_again and (done := await _done(rejected, caller, inside, "repaired")):
        position = cast("int", done[1])
        return JsonResponse(await inside.run(lambda ledger, _: repeated(ledger, position)))
    kept = await _known(rejected, caller, inside)
    media_type(request, "application/json")
    given = await read_json(request)
    # The emitter's own key let the item in: a repair stays within the sources of that key.
    sender = Sender(caller.actor, kept.within, caller.may(MARKING))
    item = item_of(given, "", sender, inside.now())
    if item.error is not None:
        raise item.error
    language = language_of(request)
    [result] = await record(lambda: [item], inside, language)
    if "problem" in result:
        return single_problem(result, language)
    position = cast("int", result["position"])
    await run_in_threadpool(inside.quarantine.repaired, rejected, caller.actor, position)
    return JsonResponse(result)


@router.post(
    "/{rejected}/discard",
    summary="Discard, by two persons",
    responses={
        **answer(DISCARD, "Proposed, or discarded", DISCARD_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def discard(
    rejected: UUID, caller: Keeper, inside: Inside, asked_again: AskedAgain
) -> Response:
    """The first person proposes, another one discards."""
    if asked_again and (
        done := await _done(rejected, caller, inside, "discard_proposed", "discarded")
    ):
        return JsonResponse({"id": str(rejected), "state": done[0]})
    await _known(rejected, caller, inside)
    state = await run_in_threadpool(inside.quarantine.discard, rejected, caller.actor)
    return JsonResponse({"id": str(rejected), "state": state})
