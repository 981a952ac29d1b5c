"""Rejected items: look, repair, discard by two."""

from datetime import UTC
from typing import Annotated, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.answers import language_of
from api.problems.documentation import problems
from api.resources.quarantine.repair import record_access, repaired, repaired_item
from api.resources.quarantine.schemas import (
    done_to_rejected,
    known_rejected,
    recorded_since,
    rejected_page,
)
from api.resources.transfers.receipts import repeated, single_problem
from api.web.answers import JsonResponse
from api.web.cursors import CHARACTERS
from api.web.examples import (
    DISCARD_EXAMPLE,
    ITEM,
    QUARANTINE_EXAMPLE,
    RECORDED_SINCE_EXAMPLE,
    RESULT,
)
from api.web.idempotency import IsRetry, KeyedRoute
from api.web.intake import media_type, read_json
from api.web.parameters import KnowingRoute
from api.web.schemas import DISCARD, QUARANTINE, RECORDED_SINCE, RESULT_SCHEMA, answer
from api.web.services import ServicesDep
from ledger.quarantine.recorded_since import SettledItem
from ledger.quarantine.service import RejectedItem
from ledger.values import Json


class QuarantineRoute(KeyedRoute, KnowingRoute):
    """A route whose writing requests may carry an Idempotency-Key, and which knows its query."""


router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"], route_class=QuarantineRoute)

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
    services: ServicesDep,
    cursor: Annotated[str | None, Query(max_length=CHARACTERS)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Rejected items, oldest first, with what was wrong; each sent-again item once.

    Items that were sent with a mark under Order 11 are there for those alone who may mark: for
    everybody else they fill no page. A page that holds items is itself put on record. An item whose
    source and id were recorded since is not among them: `GET /v1/quarantine/recorded-since`.
    """
    page, following = await rejected_page(caller, services, cursor, limit)
    shown: dict[str, Json] = {"items": [_render_item(one) for one in page], "cursor": following}
    if page:
        viewed = await record_access(caller, services)
        shown["viewed_at_position"] = viewed.position
    return JsonResponse(shown)


def _render_item(one: RejectedItem) -> Json:
    return {
        "id": str(one.id),
        "received_at": _instant(one),
        # As it is kept: whoever parses large ones takes a multiple of their memory.
        "item": None if one.text is None else cast("Json", orjson.Fragment(one.text)),
        "errors": [{"pointer": d.pointer, "code": d.code, "detail": d.detail} for d in one.defects],
        "attempts": one.attempts,
        "state": one.state,
    }


def _instant(one: RejectedItem | SettledItem) -> str:
    return one.received_at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@router.get(
    "/recorded-since",
    summary="Items that were recorded since",
    responses={
        **answer(RECORDED_SINCE, "The newest 50, newest first", RECORDED_SINCE_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_recorded_since(caller: Keeper, services: ServicesDep) -> Response:
    """Items that left the list by themselves: a valid item of the same source and id was recorded.

    What such an item said is let go. Its transfer is named to `records:exclude` alone: that it is
    not named would tell that it is hidden.
    """
    found = await recorded_since(caller, services)
    return JsonResponse({"items": [_since(one) for one in found]})


def _since(one: SettledItem) -> Json:
    shown: dict[str, Json] = {
        "id": str(one.id),
        "received_at": _instant(one),
        "codes": [*one.codes],
        "attempts": one.attempts,
        "state": "recorded_since",
    }
    if one.transfer is not None:
        shown |= {"transfer": str(one.transfer), "position": one.position}
    return shown


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
    rejected: UUID, request: Request, caller: Keeper, services: ServicesDep, is_retry: IsRetry
) -> Response:
    """Record the repaired item; what was kept is let go with its position on record."""
    if is_retry and (done := await done_to_rejected(rejected, caller, services, "repaired")):
        position = cast("int", done[1])
        return JsonResponse(await services.run(lambda ledger, _: repeated(ledger, position)))
    kept = await known_rejected(rejected, caller, services)
    media_type(request, "application/json")
    item = repaired_item(await read_json(request), kept, caller, services)
    language = language_of(request)
    result = await repaired(kept, item, caller, services, language)
    if "problem" in result:
        return single_problem(result, language)
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
    rejected: UUID, caller: Keeper, services: ServicesDep, is_retry: IsRetry
) -> Response:
    """The first person proposes, another one discards."""
    caller.check_person()
    if is_retry and (
        done := await done_to_rejected(rejected, caller, services, "discard_proposed", "discarded")
    ):
        return JsonResponse({"id": str(rejected), "state": done[0]})
    await known_rejected(rejected, caller, services)
    discarding = services.quarantine.discard
    state = await run_in_threadpool(discarding, rejected, caller.actor, caller.earlier)
    return JsonResponse({"id": str(rejected), "state": state})
