"""Persons: links between identifiers, stops and their lifting, new names. All by officers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.persons.schemas import OfPair
from api.web.bodies import (
    CommandRoute,
    Day,
    EventReceipt,
    Identifier,
    Model,
    Visible,
    WithoutMyNumber,
    Written,
    check_name,
    receipt_of,
)
from api.web.examples import RENAME, STOP
from api.web.idempotency import CommandId
from api.web.openapi import example
from api.web.services import ServicesDep
from ledger.commands import (
    LiftDirective,
    ReceiveDirective,
    RenamePrincipal,
)

router = APIRouter(prefix="/v1", tags=["persons"], route_class=CommandRoute)

Officer = Annotated[Caller, Depends(requires("records:write"))]
ANSWERS = problems(400, 401, 403, 409, 413, 415, 422, 503)

Kind = Literal["opt_out_stop", "consent_withdrawn", "provision_stopped"]


class StopRequest(Model):
    """A principal's stop, from `day` in Japan on; towards one party if it names one."""

    principal: Identifier
    kind: Kind
    day: Day
    counterparty_party_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    reference: Written | None = None


class Rename(Model):
    """The principal's new name; records keep the name of their day."""

    principal: Identifier
    name: Annotated[str, Field(min_length=1, max_length=200), Visible, WithoutMyNumber]


OfStop = Annotated[StopRequest, Body(openapi_examples={"stop": example("Withdrawn consent", STOP)})]
NewName = Annotated[Rename, Body(openapi_examples={"name": example("A new surname", RENAME)})]


@router.post("/links", summary="Link two identifiers", responses=ANSWERS)
async def link(
    body: OfPair, caller: Officer, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """Two identifiers are one person from here on (名寄せ)."""
    command = body.linked(command_id, caller.actor)
    return receipt_of(await services.run(lambda ledger, at: ledger.link(command, at)))


@router.post("/unlinks", summary="Take a link away", responses=ANSWERS)
async def unlink(
    body: OfPair, caller: Officer, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """The link of exactly these two does not stand from here on; other links stay."""
    command = body.unlinked(command_id, caller.actor)
    return receipt_of(await services.run(lambda ledger, at: ledger.link(command, at)))


@router.post("/directives", summary="Take in a stop", responses=ANSWERS)
async def direct(
    body: OfStop, caller: Officer, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """Opt-out stop, withdrawn consent, or provision stopped.

    A transfer of the principal's data from that day on is unlawful: it is recorded all the same,
    with a finding for that person.
    """
    command = ReceiveDirective(
        command_id,
        caller.actor,
        body.principal.ref(),
        body.kind,
        body.day,
        body.counterparty_party_id,
        body.reference,
    )
    return receipt_of(await services.run(lambda ledger, at: ledger.direct(command, at)))


@router.post("/directives/lifted", summary="Lift a stop", responses=ANSWERS)
async def lift(
    body: OfStop, caller: Officer, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """The stop does not apply from `day` on."""
    command = LiftDirective(
        command_id,
        caller.actor,
        body.principal.ref(),
        body.kind,
        body.day,
        body.counterparty_party_id,
        body.reference,
    )
    return receipt_of(await services.run(lambda ledger, at: ledger.direct(command, at)))


@router.post("/renames", summary="A principal's new name", responses=ANSWERS)
async def rename(
    body: NewName, caller: Officer, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """Keep the new name beside the records, which keep theirs."""
    check_name(body.name, "/name")
    command = RenamePrincipal(command_id, caller.actor, body.principal.ref(), body.name)
    return receipt_of(await services.run(lambda ledger, at: ledger.direct(command, at)))
