"""Audit bags: one person asks for the whole ledger in a bag, another approves it.

The bag itself is made where the keys are, by `ledger audit-bag`: it goes through no browser.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute, Model, Written
from api.web.idempotency import CommandId
from api.web.openapi import example
from api.web.schemas import Schema, answer, closed
from api.web.services import ServicesDep
from ledger.commands import ApproveAuditBag, RequestAuditBag
from ledger.exports.audit_approval import Approval, State
from ledger.format.header import instant_text
from ledger.service import CommandReceipt
from ledger.values import Json

router = APIRouter(prefix="/v1/audit-bags", tags=["exports"], route_class=CommandRoute)

Asker = Annotated[Caller, Depends(requires("audit:export"))]

_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_STRING: Final[Schema] = {"type": "string"}
_ACT: Final[Schema] = closed({"actor": _STRING, "at": {"type": "string", "format": "date-time"}})
_BAG: Final = "3b8e0c52-91c7-8d1e-9a40-6a1f2c5b7d33"
_REASON: Final = "委員会の立入検査"
_ACT_EXAMPLE: Final[dict[str, Json]] = {
    "actor": "9f2d1c0b3a4e5f60718293a4b5c6d7e8",
    "at": "2026-11-24T03:12:09.480Z",
}
RECEIPT: Final[Schema] = closed(
    {
        "audit_bag": {**_UUID, "description": "by this it is approved and made"},
        "position": {**_POSITION, "description": "where its new event stands"},
    }
)
RECEIPT_EXAMPLE: Final[dict[str, Json]] = {"audit_bag": _BAG, "position": 2110}
AUDIT_BAG: Final[Schema] = closed(
    {
        "audit_bag": _UUID,
        "reason": _STRING,
        "requested": _ACT,
        "approved": {**_ACT, "type": ["object", "null"]},
        "produced_at_position": {"type": ["integer", "null"]},
    }
)
AUDIT_BAG_EXAMPLE: Final[dict[str, Json]] = {
    "audit_bag": _BAG,
    "reason": _REASON,
    "requested": _ACT_EXAMPLE,
    "approved": None,
    "produced_at_position": None,
}


class AuditBagBody(Model):
    """Why the whole ledger is to leave."""

    reason: Written


OfAuditBag = Annotated[
    AuditBagBody,
    Body(openapi_examples={"audit": example("An inspection", {"reason": _REASON})}),
]


@router.post(
    "",
    summary="Ask for an audit bag",
    responses={
        **answer(RECEIPT, "It waits for another person", RECEIPT_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def ask(
    body: OfAuditBag, caller: Asker, services: ServicesDep, command_id: CommandId
) -> Response:
    """The bag holds every event and the keys that live: whoever has it reads everything.

    Another person approves it; then `ledger audit-bag` makes it, once.
    """
    command = RequestAuditBag(command_id, caller.actor, body.reason)
    receipt = await services.run(lambda ledger, at: ledger.audit_bags.request(command, at))
    return JsonResponse(_receipt(receipt))


@router.post(
    "/{bag}/approve",
    summary="Approve an audit bag",
    responses={
        **answer(RECEIPT, "It may be made", RECEIPT_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def approve(
    bag: UUID, caller: Asker, services: ServicesDep, command_id: CommandId
) -> Response:
    """Another person than the one who asked for it; the database refuses that one too."""
    command = ApproveAuditBag(command_id, caller.actor, bag, caller.earlier)
    receipt = await services.run(lambda ledger, at: ledger.audit_bags.approve(command, at))
    return JsonResponse(_receipt(receipt))


@router.get(
    "/{bag}",
    summary="One audit bag",
    responses={
        **answer(AUDIT_BAG, "Who asked for it, and what became of it", AUDIT_BAG_EXAMPLE),
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_audit_bag(bag: UUID, caller: Asker, services: ServicesDep) -> Response:
    """For whoever is to approve it: who asked, when, and why."""
    del caller
    state = await services.run(lambda ledger, _: ledger.audit_bags.find(bag))
    return JsonResponse(_rendered(state))


def _receipt(receipt: CommandReceipt) -> dict[str, Json]:
    return {"audit_bag": str(receipt.stream), "position": receipt.position}


def _rendered(state: State) -> dict[str, Json]:
    return {
        "audit_bag": str(state.bag),
        "reason": state.reason,
        "requested": _act(state.requested),
        "approved": None if state.approved is None else _act(state.approved),
        "produced_at_position": state.produced_at,
    }


def _act(one: Approval) -> dict[str, Json]:
    return {"actor": one.actor, "at": instant_text(one.at)}
