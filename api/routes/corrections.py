"""Corrections of what was recorded: correct, reclassify, retract. The old fact stays readable."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from api.auth import Caller, requires
from api.http.idempotency import CommandId
from api.http.openapi import example
from api.problems import problems
from api.services import Inside
from api.wire.bodies import EvenCommandRoute, Model, Standing, Written, standing
from api.wire.correcting import check_known, corrected
from api.wire.examples import CORRECTION, RECLASSIFICATION, RETRACTION
from ledger.application import Ledger, Receipt
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.values import Json

router = APIRouter(prefix="/v1/transfers", tags=["transfers"], route_class=EvenCommandRoute)

Officer = Annotated[Caller, Depends(requires("records:write"))]
ANSWERS = problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 503)

# The values are checked by the contract of a transfer, after they are laid over what stands.
Changes = Annotated[
    dict[Annotated[str, Field(max_length=64)], object],
    Field(description="member of the transfer → right value; null takes an optional one away"),
]


class Correction(Model):
    """Members of the transfer that were wrong, with their right values (訂正)."""

    changes: Annotated[Changes, Field(min_length=1, max_length=40)]
    reason: Written


class Reclassification(Model):
    """The transfer rests on another basis than was stated."""

    basis: Annotated[str, Field(min_length=1, max_length=64, examples=["none"])]
    changes: Annotated[Changes, Field(max_length=40)] = Field(default_factory=dict)
    reason: Written


class Retraction(Model):
    """The record should not stand."""

    reason: Literal["not_occurred", "duplicate", "other_person"]
    note: Written | None = None


@router.post("/{transfer}/corrections", summary="Correct", responses=ANSWERS)
async def correct(
    transfer: UUID,
    body: Annotated[
        Correction, Body(openapi_examples={"items": example("A missing item", CORRECTION)})
    ],
    caller: Officer,
    inside: Inside,
    command_id: CommandId,
) -> Standing:
    """Correct a recorded transfer; the old fact stays readable at its position."""
    command = CorrectTransfer(
        command_id,
        caller.actor,
        transfer,
        cast("Mapping[str, Json]", body.changes),
        body.reason,
    )
    return await corrected(command, caller, inside)


@router.post("/{transfer}/reclassifications", summary="Reclassify", responses=ANSWERS)
async def reclassify(
    transfer: UUID,
    body: Annotated[
        Reclassification,
        Body(openapi_examples={"basis": example("No valid basis after all", RECLASSIFICATION)}),
    ],
    caller: Officer,
    inside: Inside,
    command_id: CommandId,
) -> Standing:
    """State that the transfer rests on another basis; it is judged anew."""
    changes = cast("Mapping[str, Json]", {**body.changes, "basis": body.basis})
    command = ReclassifyTransfer(command_id, caller.actor, transfer, changes, body.reason)
    return await corrected(command, caller, inside)


@router.post("/{transfer}/retraction", summary="Retract", responses=ANSWERS)
async def retract(
    transfer: UUID,
    body: Annotated[
        Retraction, Body(openapi_examples={"never": example("It never happened", RETRACTION)})
    ],
    caller: Officer,
    inside: Inside,
    command_id: CommandId,
) -> Standing:
    """Retract a record that should not stand; it stays readable at its position."""
    command = RetractTransfer(command_id, caller.actor, transfer, body.reason, body.note)

    def retracted(ledger: Ledger, at: datetime) -> Receipt:
        check_known(ledger, caller, transfer)
        return ledger.retract(command, at)

    return standing(await inside.run(retracted))
