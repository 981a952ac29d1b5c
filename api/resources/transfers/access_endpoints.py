"""One transfer, looked at: by its emitter, or by an officer, who says why and is put on record."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, is_within, requires
from api.problems.documentation import problems
from api.resources.transfers.access import CASE_NUMBER, AccessReason, build_access, named_case
from api.resources.transfers.correction_schemas import sight_of
from api.resources.transfers.schemas import render_transfer
from api.web.answers import JsonResponse
from api.web.examples import TRANSFER_EXAMPLE
from api.web.latency_padding import EvenRoute
from api.web.parameters import KnowingRoute
from api.web.schemas import TRANSFER, answer
from api.web.services import ServicesDep
from ledger.accesses.access import READ_BACK, REASONS
from ledger.errors import Defect, MalformedError
from ledger.format.events import (
    TransferCorrected,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.service import Ledger
from ledger.transfers.transfer import State
from ledger.values import Json


class TransferAccessRoute(EvenRoute, KnowingRoute):
    """A route whose answers leave on the grid, and which knows its query."""


router = APIRouter(prefix="/v1/transfers", tags=["transfers"], route_class=TransferAccessRoute)

Reader = Annotated[Caller, Depends(requires("events:read.own", "records:write"))]
# Codes and numbers: a query stands in addresses, and those in logs of others.
Reason = Literal["request", "correction", "inquiry", "inspection"]
assert set(get_args(Reason)) == set(REASONS), "every reason can be given"
ReasonQuery = Annotated[
    Reason | None,
    Query(
        description="why an officer looks; an emitter gives neither this nor a case: "
        + "; ".join(f"`{code}`, {text}" for code, text in REASONS.items())
    ),
]
CaseNumber = Annotated[
    str | None,
    Query(
        pattern=CASE_NUMBER,
        description="the number of the case that it is looked at for; with `request` always."
        " Without `cases:read` it is put on record as it is given",
    ),
]

_CHANGES: Final = frozenset(
    one.TYPE
    for one in (
        TransferCorrected,
        TransferReclassified,
        TransferRetracted,
        TransferFindingsSettled,
    )
)
"""Types of what somebody else than its emitter says of a transfer."""


@router.get(
    "/{transfer}",
    summary="State and events of one transfer",
    responses={
        **answer(TRANSFER, "The transfer as it stands", TRANSFER_EXAMPLE),
        **problems(401, 403, 404, 410, 422, 503),
    },
)
async def get_transfer(
    transfer: UUID,
    caller: Reader,
    services: ServicesDep,
    reason: ReasonQuery = None,
    case: CaseNumber = None,
) -> Response:
    """Show the transfer as it stands, and every event that spoke of it.

    An emitter sees the transfers of its own source; whatever else it asks for is unknown to it. A
    transfer hidden under Order 11 is unknown to whoever may not exclude records, and so is any
    whose content is gone. Who may correct records says why (`reason`), and the look is put on
    record, as is an emitter's once somebody else has changed what it sent.
    """

    def render(ledger: Ledger, at: datetime) -> dict[str, Json]:
        named = _case(ledger, caller, reason, case)
        sight, is_officer = _Sight(ledger, caller).visible_part, caller.may("records:write")
        shown = render_transfer(ledger.streams, transfer, sight, handling=is_officer)
        if _is_own(caller, cast("str", shown["source"])) and not _is_changed(shown):
            return shown
        why = AccessReason(reason or READ_BACK, named, case if named is None else None)
        access = build_access(caller.actor, transfer, why)
        return {**shown, "viewed_at_position": ledger.view(access, at).position}

    return JsonResponse(await services.run(render))


def _case(ledger: Ledger, caller: Caller, reason: str | None, number: str | None) -> UUID | None:
    """The case that is named. Asked before the transfer is read: a refusal tells nothing of it.

    Raises:
        MalformedError: an officer's `named_case`; an emitter that only reads back says either.
    """
    if not caller.may("records:write"):
        if defects := (*_parameter_defects("reason", reason), *_parameter_defects("case", number)):
            raise MalformedError(defects)
        return None
    return named_case(ledger, caller, reason, number)


def _parameter_defects(name: str, text: str | None) -> Iterator[Defect]:
    if text is not None:
        yield Defect(f"/query/{name}", "SCHEMA", "an emitter that reads back says none")


def _is_own(caller: Caller, source: str | None) -> bool:
    """Whether it reads back what its source sent."""
    prefix = caller.source_prefix
    return bool(source and prefix and caller.may("events:read.own") and is_within(source, prefix))


def _is_changed(shown: Mapping[str, Json]) -> bool:
    """Whether the answer holds what the emitter did not send."""
    events = cast("list[dict[str, Json]]", shown["events"])
    return any(one["type"] in _CHANGES for one in events)


class _Sight:
    """Which transfers a caller may know of."""

    def __init__(self, ledger: Ledger, caller: Caller) -> None:
        self._caller = caller
        self._as_officer = sight_of(ledger, caller)

    def visible_part(self, state: State) -> State | None:
        """The transfer as it may know of it; None: not at all."""
        if _is_own(self._caller, state.entry and state.entry.source):
            # The emitter itself marked it, or did not; and that one of its own transfers is gone
            # would tell it that this one was excluded.
            return state
        return self._as_officer(state) if self._caller.may("records:write") else None
