"""The daily close: an emitter says which transfers a day had, and learns which are missing."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.daily_close.schemas import (
    CLOSED,
    CLOSED_EXAMPLE,
    IDS,
    IDS_EXAMPLE,
    DayClosed,
    OfClosing,
    OfIds,
    keys_of,
    render_close,
    render_missing,
)
from api.resources.emitters.schemas import EmitterId
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute
from api.web.idempotency import CommandId
from api.web.schemas import answer
from api.web.services import Services, ServicesDep
from ledger.clock import day_in_japan
from ledger.emitters.daily_close import DayHoldings, day_defects, day_status, id_defects
from ledger.emitters.emitter import State
from ledger.emitters.service import CloseComparison, unrecorded
from ledger.errors import MalformedError, NotFoundError
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(tags=["emitters"], route_class=CommandRoute)

Emitter = Annotated[Caller, Depends(requires("coverage:write"))]


@router.put(
    "/v1/emitters/{emitter}/days/{day}",
    summary="Close a day",
    responses={
        **answer(CLOSED, "The close stands, with what came of it", CLOSED_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def close(
    emitter: EmitterId,
    day: DayClosed,
    body: OfClosing,
    caller: Emitter,
    services: ServicesDep,
    command_id: CommandId,
) -> Response:
    """Say how many transfers a day had, and their hash; the ledger compares with what it holds.

    The same again is answered by the same receipt; another close of the day corrects the first one.
    A transfer that comes later is recorded, and the day then stands as `late`.
    """

    def closed(ledger: Ledger, at: datetime) -> dict[str, Json]:
        own = _own(ledger, emitter, caller)
        command = body.command(command_id, caller.actor, own, day)
        held_of = _holdings_of(ledger, services, day)
        compared = CloseComparison(held_of, services.quarantine.waiting_of)
        receipt = ledger.close_day(command, compared, at)
        states = [one for one in ledger.emitters(receipt.position) if one.id == emitter]
        return _render_close(states[0], day, at, held_of)

    return JsonResponse(await services.run(closed))


@router.get(
    "/v1/emitters/{emitter}/days/{day}",
    summary="The close of a day",
    responses={
        **answer(CLOSED, "The close that stands", CLOSED_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_close(
    emitter: EmitterId, day: DayClosed, caller: Emitter, services: ServicesDep
) -> Response:
    """How the day was closed last, and whether more came in since; 404 when it was not closed."""

    def read_close(ledger: Ledger, at: datetime) -> dict[str, Json]:
        own = _own(ledger, emitter, caller)
        return _render_close(own, day, at, _holdings_of(ledger, services, day))

    return JsonResponse(await services.run(read_close))


@router.post(
    "/v1/emitters/{emitter}/days/{day}/ids",
    summary="Which of these ids are not recorded",
    responses={
        **answer(IDS, "Those that are not recorded as transfers of the day", IDS_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def ask_ids(
    emitter: EmitterId, day: DayClosed, body: OfIds, caller: Emitter, services: ServicesDep
) -> Response:
    """Look ids of a day up, page by page; nothing comes of it. Close with those that are named."""

    def find_missing(ledger: Ledger, at: datetime) -> dict[str, Json]:
        own = _own(ledger, emitter, caller)
        ids = keys_of(body.ids, own)
        defects = day_defects(day, own.registration, day_in_japan(at))
        if defects := [*defects, *id_defects(ids, own.registration)]:
            raise MalformedError(tuple(defects))
        head = ledger.streams.reads.head()
        compared = CloseComparison(
            _holdings_of(ledger, services, day), services.quarantine.waiting_of
        )
        named = unrecorded(ledger.streams, day, ids, head, compared)
        return {"as_of": head, "given": len(ids), "named": render_missing(named)}

    return JsonResponse(await services.run(find_missing))


def _own(ledger: Ledger, emitter: str, caller: Caller) -> State:
    """The emitter, if the caller may speak for it.

    Raises:
        NotFoundError: there is no such emitter.
        SourceNotAllowedError: the caller's key is bound to another source.
    """
    state = ledger.emitter(emitter)
    if state is None:
        raise NotFoundError
    caller.check_source(state.registration.source)
    return state


def _holdings_of(ledger: Ledger, services: Services, day: date) -> Callable[[str], DayHoldings]:
    def read_holdings(source: str) -> DayHoldings:
        # Whatever was acknowledged before the close was asked for is counted.
        head = ledger.streams.reads.head()
        services.histories.wait(head, services.settings.projection_wait_s)
        return services.days.holdings(source, day)

    return read_holdings


def _render_close(
    own: State, day: date, at: datetime, held_of: Callable[[str], DayHoldings]
) -> dict[str, Json]:
    found = own.close_of(day)
    if found is None:
        raise NotFoundError
    held = held_of(own.registration.source).count
    state = day_status(day, day_in_japan(at), found, is_declared=True, held=held)
    return render_close(own.id, found, state, held)
