"""Exclusions: records whose existence nobody may learn of (Order 11), with or without a case."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.exclusions.case_reviews import change
from api.resources.exclusions.schemas import (
    CHANGED,
    CHANGED_EXAMPLE,
    EXCLUSIONS,
    EXCLUSIONS_EXAMPLE,
    OfChange,
    changed,
    render_exclusions,
)
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute
from api.web.idempotency import CommandId
from api.web.schemas import answer
from api.web.services import ServicesDep
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
    body: OfChange, caller: Chief, services: ServicesDep, command_id: CommandId
) -> Response:
    """From here on the records are in no history, count, letter or list, as of any position.

    Nothing of it stands in the log until the next daily event, which is of one size always. A
    transfer of one person is excluded for that one; of a transfer of several persons, and of a
    range of more than one position, say for whom: `principal`, or `for_all_persons`. The other
    persons of a record are answered as if nothing were excluded.

    Two persons lift: the first request is kept, and `waiting` says where; what another person asks
    for too is shown from there on. So is what an emitter marked, of transfers that are named one by
    one.
    """

    def carried_out() -> dict[str, Json]:
        exclusions = services.exclusions
        done = change(body, exclusions, command_id, caller, services.now())
        return changed(done.command, done.named, done.waiting, half_full=exclusions.is_half_full())

    return JsonResponse(await run_in_threadpool(carried_out))


@router.get(
    "",
    summary="All that is excluded",
    responses={
        **answer(EXCLUSIONS, "What stands, in the order of positions", EXCLUSIONS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_exclusions(_: Chief, services: ServicesDep) -> Response:
    """What was excluded by request and stands; what emitters marked is not among it.

    With it the marks that were lifted, and the lifts for which a second person is waited. All of
    it: its fixed size bounds it.
    """

    def read() -> dict[str, Json]:
        exclusions = services.exclusions
        active = exclusions.active()
        entries = (*active.excluded, *active.unmarked, *active.pending)
        single = {one.first for one in entries if one.first == one.last}
        transfers = exclusions.transfers_at(sorted(single))
        return render_exclusions(active, transfers, half_full=exclusions.is_half_full())

    return JsonResponse(await run_in_threadpool(read))
