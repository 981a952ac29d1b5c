"""Exclusions: records whose existence nobody may learn of (Order 11), with or without a case."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, requires
from api.casework.excluding import change
from api.http.answers import JsonResponse
from api.http.idempotency import CommandId
from api.problems import problems
from api.services import Inside
from api.wire.bodies import CommandRoute
from api.wire.exclusions import (
    CHANGED,
    CHANGED_EXAMPLE,
    EXCLUSIONS,
    EXCLUSIONS_EXAMPLE,
    OfChange,
    changed,
    exclusions_shown,
)
from api.wire.schemas import answer
from ledger.values import Json

router = APIRouter(prefix="/v1/exclusions", tags=["exclusions"], route_class=CommandRoute)

Chief = Annotated[Caller, Depends(requires("records:exclude"))]


@router.post(
    "",
    summary="Exclude records, or show them again",
    responses={
        **answer(CHANGED, "It counts from here on", CHANGED_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def post_exclusions(
    body: OfChange, caller: Chief, inside: Inside, command_id: CommandId
) -> Response:
    """From here on the records are in no history, count, letter or list, as of any position.

    Nothing of it stands in the log until the next daily event, which is of one size always. A
    transfer is hidden from every person in it: one of several persons, and a range of more than one
    position, is excluded only with `for_all_persons`.
    """

    def carried_out() -> dict[str, Json]:
        exclusions = inside.exclusions
        command, named = change(body, exclusions, command_id, caller.actor, inside.now())
        return changed(command, named, half_full=exclusions.is_half_full())

    return JsonResponse(await run_in_threadpool(carried_out))


@router.get(
    "",
    summary="All that is excluded",
    responses={
        **answer(EXCLUSIONS, "What stands, in the order of positions", EXCLUSIONS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_exclusions(_: Chief, inside: Inside) -> Response:
    """What was excluded by request and stands; what emitters marked is not among it.

    All of it: its fixed size bounds it.
    """

    def read() -> dict[str, Json]:
        exclusions = inside.exclusions
        standing = exclusions.standing()
        single = [one.first for one in standing.excluded if one.first == one.last]
        transfers = exclusions.transfers_at(single)
        return exclusions_shown(standing, transfers, half_full=exclusions.is_half_full())

    return JsonResponse(await run_in_threadpool(read))
