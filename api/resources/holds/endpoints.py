"""Holds: what a suit or an inquiry needs is not destroyed while they stand."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.holds.schemas import (
    HELD,
    HELD_EXAMPLE,
    HOLDS,
    HOLDS_EXAMPLE,
    OfHold,
    OfRelease,
    known_holds,
    may_see_reasons,
    paginate_holds,
    render_hold,
    render_receipt,
)
from api.resources.transfers.correction_schemas import check_known
from api.web.answers import JsonResponse
from api.web.bodies import POSITION_MAX, EvenCommandRoute
from api.web.idempotency import CommandId
from api.web.items import random_command
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.commands import ReleaseHold, ViewHistory
from ledger.service import CommandReceipt, Ledger
from ledger.values import Json

router = APIRouter(prefix="/v1/holds", tags=["retention"], route_class=EvenCommandRoute)

CASE: Final = "holds"
"""Under this a look at the persons of holds is on record: a hold has no case's number."""
REASON: Final = "保全の一覧"
"""Why, as an auditor reads it: the list was asked for."""

# A hold is urgent and destroys nothing: an officer may. Its end lets records die: the chief's.
Holder = Annotated[Caller, Depends(requires("records:write", "records:exclude"))]
Releaser = Annotated[Caller, Depends(requires("records:exclude"))]
Reader = Annotated[Caller, Depends(requires("records:write", "records:exclude", "audit:read"))]


@router.post(
    "",
    summary="Place a hold",
    responses={
        **answer(HELD, "The hold stands", HELD_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 503),
    },
)
async def place(
    body: OfHold, caller: Holder, services: ServicesDep, command_id: CommandId
) -> Response:
    """From here on the records are not destroyed, whatever their period, until the release.

    It holds what is recorded later too, of persons as far as their identifiers are linked.
    """
    command = body.command(command_id, caller.actor)

    def placed(ledger: Ledger, at: datetime) -> CommandReceipt:
        if command.placed.transfer is not None:
            check_known(ledger, caller, command.placed.transfer)
        return ledger.hold(command, at)

    return JsonResponse(render_receipt(await services.run(placed)))


@router.post(
    "/{hold}/release",
    summary="Release a hold",
    responses={
        **answer(HELD, "The hold is released", HELD_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def release(
    hold: UUID, body: OfRelease, caller: Releaser, services: ServicesDep, command_id: CommandId
) -> Response:
    """The hold ends; what only it kept is destroyed by the next runs."""
    command = ReleaseHold(command_id, caller.actor, hold, body.reason)
    return JsonResponse(
        render_receipt(await services.run(lambda ledger, at: ledger.release(command, at)))
    )


@router.get(
    "",
    summary="All holds",
    responses={
        **answer(HOLDS, "A page of holds, newest first", HOLDS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_holds(
    caller: Reader,
    services: ServicesDep,
    cursor: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    *,
    standing: Annotated[bool, Query(description="only those that stand")] = False,
) -> Response:
    """Holds, newest first, released ones too as long as their key lives.

    Reasons, references, transfers and persons are shown to officers alone; a hold on a transfer
    that is hidden under Order 11 to nobody who may not exclude. An answer that names
    persons is itself put on record, as a look at a history is.
    """
    whole = may_see_reasons(caller)

    states = await services.run(lambda ledger, _: known_holds(ledger, caller))
    if standing:
        states = [one for one in states if one.is_active]
    page, following = paginate_holds(states, before=cursor, limit=limit)
    shown: dict[str, Json] = {
        "holds": [render_hold(one, whole=whole) for one in page],
        "cursor": following,
    }
    persons = dict.fromkeys(ref for one in page for ref in one.principals)
    if whole and persons:
        count = sum(1 for one in page if one.principals)
        command = random_command()

        def viewed(position: int) -> ViewHistory:
            return ViewHistory(command, caller.actor, CASE, tuple(persons), position, count, REASON)

        receipt = await services.run(
            lambda ledger, at: ledger.view(viewed(ledger.streams.reads.head()), at)
        )
        shown["viewed_at_position"] = receipt.position
    return JsonResponse(shown)
