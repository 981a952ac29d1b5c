"""Emitters: who sends, what they declare complete, whether they live; and what that covers."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, Scope, is_within, requires
from api.problems.documentation import problems
from api.resources.emitters.coverage_schemas import COVERAGE, COVERAGE_EXAMPLE, render_coverage
from api.resources.emitters.schemas import (
    CURRENT,
    CURRENT_EXAMPLE,
    EMITTERS,
    EMITTERS_EXAMPLE,
    EmitterId,
    OfDeclaration,
    OfRegistration,
    render_emitter,
    render_receipt,
)
from api.web.answers import JsonResponse
from api.web.bodies import POSITION_MAX, CommandRoute, Day
from api.web.coverage import may_name_senders, view_coverage
from api.web.idempotency import CommandId
from api.web.items import MARKING
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.clock import day_in_japan
from ledger.emitters.emitter import check_active
from ledger.errors import Defect, MalformedError
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(tags=["emitters"], route_class=CommandRoute)

# Names and states of systems: no records, so who operates may see them as the desk does.
_READ_SCOPES: Final[tuple[Scope, ...]] = (
    "cases:read",
    "records:read",
    "audit:read",
    "quarantine:write",
    "admin:config",
)
Operator = Annotated[Caller, Depends(requires("admin:config"))]
Emitter = Annotated[Caller, Depends(requires("coverage:write"))]
Viewer = Annotated[Caller, Depends(requires(*_READ_SCOPES))]
Reader = Annotated[Caller, Depends(requires("coverage:write", *_READ_SCOPES))]


@router.put(
    "/v1/emitters/{emitter}",
    summary="Register, rename or retire an emitter",
    responses={
        **answer(CURRENT, "The registration stands", CURRENT_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def register(
    emitter: EmitterId,
    body: OfRegistration,
    caller: Operator,
    services: ServicesDep,
    command_id: CommandId,
) -> Response:
    """Describe a sending system: from when, under which source and name, until when.

    The newest description counts; replies as of an earlier position keep the one of that time.
    """
    command = body.command(command_id, caller.actor, emitter)
    receipt = await services.run(lambda ledger, at: ledger.register_emitter(command, at))
    return JsonResponse(render_receipt(emitter, receipt))


@router.get(
    "/v1/emitters",
    summary="All emitters and what they declared",
    responses={
        **answer(EMITTERS, "Every emitter, in the order of registration", EMITTERS_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_emitters(caller: Reader, services: ServicesDep) -> Response:
    """Every emitter, retired ones too; an emitter sees those of its own source. They are few.

    Counts are told to the emitter itself and to who may mark under Order 11: beside what a plain
    export has of a day, a count tells how many of its records are hidden.
    """
    states = await services.run(lambda ledger, _: ledger.emitters())
    prefix = caller.source_prefix if caller.may("coverage:write") else None
    own = {one.id for one in states if prefix and is_within(one.registration.source, prefix)}
    if not any(caller.may(scope) for scope in _READ_SCOPES):
        states = [one for one in states if one.id in own]
    includes_hidden = caller.may(MARKING)
    return JsonResponse(
        {
            "emitters": [
                render_emitter(one, has_counts=includes_hidden or one.id in own) for one in states
            ]
        }
    )


@router.put(
    "/v1/emitters/{emitter}/coverage",
    summary="Declare days complete",
    responses={
        **answer(CURRENT, "The declaration stands", CURRENT_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def declare(
    emitter: EmitterId,
    body: OfDeclaration,
    caller: Emitter,
    services: ServicesDep,
    command_id: CommandId,
) -> Response:
    """Declare that everything of these days was sent, or with `complete: false` that it was not.

    Days in Japan that are over. The last word about a day counts. Replies rest on it, and say so.
    """
    command = body.command(command_id, caller.actor, emitter)
    own = await services.run(lambda ledger, _: ledger.emitter(emitter))
    if own is not None:
        caller.check_source(own.registration.source)
    receipt = await services.run(lambda ledger, at: ledger.declare_coverage(command, at))
    return JsonResponse(render_receipt(emitter, receipt))


@router.post(
    "/v1/emitters/{emitter}/heartbeat",
    summary="Say that the emitter lives",
    status_code=204,
    response_class=Response,
    responses=problems(400, 401, 403, 404, 409, 422, 503),
)
async def beat(emitter: EmitterId, caller: Emitter, services: ServicesDep) -> Response:
    """Keep the emitter from being late while it has nothing to send. Nothing else comes of it."""

    def beaten(ledger: Ledger, at: datetime) -> None:
        state = ledger.emitter(emitter)
        if state is not None:
            caller.check_source(state.registration.source)
        services.heartbeats.beat(check_active(state, at).stream, at)

    await services.run(beaten)
    return Response(status_code=204)


@router.get(
    "/v1/coverage",
    summary="Which emitters cover a period, who is late, who sends unregistered",
    responses={
        **answer(COVERAGE, "On what a reply about the period rests", COVERAGE_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_coverage(
    caller: Viewer,
    services: ServicesDep,
    first: Annotated[Day | None, Query(alias="from", description="none: from the start")] = None,
    last: Annotated[Day | None, Query(alias="to", description="none: yesterday in Japan")] = None,
    as_of: Annotated[
        int | None, Query(ge=1, le=POSITION_MAX, description="the statement as of that position")
    ] = None,
) -> Response:
    """Emitters with the days that they have not declared, and whether they are heard of.

    The same position and period give the same statement for ever; the rest is as of now. Rejected
    items that were sent with a mark under Order 11 are counted for those alone who may mark; who
    sends unregistered is told to them and to who operates.
    """
    includes_hidden, has_senders = caller.may(MARKING), may_name_senders(caller)

    def read_coverage(ledger: Ledger, at: datetime) -> dict[str, Json]:
        today = day_in_japan(at)
        period = _period((first, last), today)
        return render_coverage(
            view_coverage(ledger, services, at, period, as_of, includes_hidden=includes_hidden),
            today,
            has_senders=has_senders,
        )

    return JsonResponse(await services.run(read_coverage))


def _period(requested: tuple[date | None, date | None], today: date) -> tuple[date | None, date]:
    """The days asked about; to yesterday, for nobody can have declared today.

    Raises:
        MalformedError: the period is reversed, or is not over.
    """
    first, last = requested[0], requested[1] or today - timedelta(days=1)
    if last >= today:
        detail = "only days that are over in Japan can be covered"
        raise MalformedError((Defect("/query/to", "COVERAGE_NOT_OVER", detail),))
    if first is not None and last < first:
        raise MalformedError(
            (Defect("/query/to", "PERIOD_REVERSED", "the period ends before it begins"),)
        )
    return first, last
