"""Joint-use notices and opt-out filings: publish versions, read them, withdraw."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import Field
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.notices.schemas import JointUse, OptOut, Withdrawal, publication, publishing
from api.web.answers import JsonResponse
from api.web.bodies import CommandRoute, EventReceipt, receipt_of
from api.web.examples import (
    JOINT_USE,
    NOTICES_EXAMPLE,
    OPT_OUT,
    PUBLISHED_EXAMPLE,
    SUCCESSION,
    WITHDRAWAL,
)
from api.web.idempotency import CommandId
from api.web.openapi import example
from api.web.schemas import NOTICES, PUBLISHED, answer
from api.web.services import ServicesDep
from ledger.commands import WithdrawNotice
from ledger.notices import notice
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(prefix="/v1/notices", tags=["notices"], route_class=CommandRoute)

Publisher = Annotated[Caller, Depends(requires("notices:write"))]
Reader = Annotated[Caller, Depends(requires("notices:write", "records:read", "audit:read"))]

Published = Annotated[
    JointUse | OptOut,
    Field(discriminator="kind"),
    Body(
        openapi_examples={
            "joint use": example("A joint-use notice with its first version", JOINT_USE),
            "succession": example("The next version: a joint user is succeeded", SUCCESSION),
            "opt-out": example("An opt-out filing", OPT_OUT),
        }
    ),
]
Withdrawn = Annotated[
    Withdrawal, Body(openapi_examples={"end": example("The joint use ends", WITHDRAWAL)})
]


@router.post(
    "",
    summary="Publish",
    responses={
        **answer(PUBLISHED, "Where it stands, and what it changes", PUBLISHED_EXAMPLE),
        **problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
)
async def publish(
    body: Published, caller: Publisher, services: ServicesDep, command_id: CommandId
) -> Response:
    """Publish a version, an amendment or a filing. Past verdicts stay as they were judged.

    Each change of a version is judged (Art. 27(6)) before anything is published. One that is not
    allowed is refused, unless `record_unlawful_changes` says that it is to be recorded.
    """
    command = publishing(body, command_id, caller.actor)

    def published(ledger: Ledger, at: datetime) -> Json:
        return publication(ledger.publish(command, at), ledger.notices())

    return JsonResponse(await services.run(published))


@router.post(
    "/{notice_id}/withdrawal",
    summary="Withdraw",
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
)
async def withdraw(
    notice_id: str, body: Withdrawn, caller: Publisher, services: ServicesDep, command_id: CommandId
) -> EventReceipt:
    """Withdraw a notice."""
    command = WithdrawNotice(command_id, caller.actor, notice_id, body.day, body.reason)
    return receipt_of(await services.run(lambda ledger, at: ledger.publish(command, at)))


@router.get(
    "",
    summary="All notices with their versions",
    responses={
        **answer(NOTICES, "Every notice, oldest first", NOTICES_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_notices(caller: Reader, services: ServicesDep) -> Response:
    """Every notice with everything published about it, oldest first. They are few."""
    del caller
    states = await services.run(lambda ledger, _: ledger.notices())
    return JsonResponse({"notices": [_render_notice(state) for state in states]})


def _render_notice(state: notice.State) -> Json:
    newest = state.published[-1].event.notice
    return {
        **newest,
        "kind": state.kind,
        "withdrawn_on": state.withdrawn_on.isoformat() if state.withdrawn_on else None,
        "versions": [
            _version(published) for published in state.published if published.event.version
        ],
        "positions": [published.position for published in state.published],
    }


def _version(published: notice.PublishedNotice) -> Json:
    event = published.event
    findings: list[Json] = [*sorted({one.code for one in event.findings})]
    return {
        **(event.version or {}),
        "position": published.position,
        "stated": event.stated.members(),
        "changes": [notice.change_members(one) for one in event.changes],
        "findings": findings,
    }
