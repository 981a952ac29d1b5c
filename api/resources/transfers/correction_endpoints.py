"""Corrections of what was recorded, and settling findings. The old fact stays readable."""

from collections.abc import Mapping
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.transfers.correction_schemas import (
    Correction,
    Reclassification,
    Retraction,
    corrected,
    retracted,
)
from api.resources.transfers.settlement_schemas import SettlementBody, settled
from api.web.bodies import EvenCommandRoute, EventReceipt
from api.web.examples import CORRECTION, RECLASSIFICATION, RETRACTION, SETTLEMENT
from api.web.idempotency import CommandId
from api.web.openapi import example
from api.web.services import ServicesDep
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer, SettleFindings
from ledger.values import Json

router = APIRouter(prefix="/v1/transfers", tags=["transfers"], route_class=EvenCommandRoute)

Officer = Annotated[Caller, Depends(requires("records:write"))]
ANSWERS = problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 503)


@router.post("/{transfer}/corrections", summary="Correct", responses=ANSWERS)
async def correct(
    transfer: UUID,
    body: Annotated[
        Correction, Body(openapi_examples={"items": example("A missing item", CORRECTION)})
    ],
    caller: Officer,
    services: ServicesDep,
    command_id: CommandId,
) -> EventReceipt:
    """Correct a recorded transfer; the old fact stays readable at its position."""
    command = CorrectTransfer(
        command_id,
        caller.actor,
        transfer,
        cast("Mapping[str, Json]", body.changes),
        body.reason,
    )
    return await corrected(command, caller, services)


@router.post("/{transfer}/reclassifications", summary="Reclassify", responses=ANSWERS)
async def reclassify(
    transfer: UUID,
    body: Annotated[
        Reclassification,
        Body(openapi_examples={"basis": example("No valid basis after all", RECLASSIFICATION)}),
    ],
    caller: Officer,
    services: ServicesDep,
    command_id: CommandId,
) -> EventReceipt:
    """State that the transfer rests on another basis; it is judged anew."""
    changes = cast("Mapping[str, Json]", {**body.changes, "basis": body.basis})
    command = ReclassifyTransfer(command_id, caller.actor, transfer, changes, body.reason)
    return await corrected(command, caller, services)


@router.post("/{transfer}/retraction", summary="Retract", responses=ANSWERS)
async def retract(
    transfer: UUID,
    body: Annotated[
        Retraction, Body(openapi_examples={"never": example("It never happened", RETRACTION)})
    ],
    caller: Officer,
    services: ServicesDep,
    command_id: CommandId,
) -> EventReceipt:
    """Retract a record that should not stand; it stays readable at its position."""
    command = RetractTransfer(command_id, caller.actor, transfer, body.reason, body.note)
    return await retracted(command, caller, services)


@router.post("/{transfer}/findings/settled", summary="Settle findings", responses=ANSWERS)
async def settle(
    transfer: UUID,
    body: Annotated[
        SettlementBody, Body(openapi_examples={"told": example("Reported", SETTLEMENT)})
    ],
    caller: Officer,
    services: ServicesDep,
    command_id: CommandId,
) -> EventReceipt:
    """State what was done about the findings that stand; verdict and history stay as they are.

    All of them are named, so that nobody settles what they have not seen. A finding that comes
    later, or of another person, is to be handled again.
    """
    command = SettleFindings(
        command_id, caller.actor, transfer, tuple(body.codes), body.action, body.reason
    )
    return await settled(command, caller, services, seen=body.version)
