"""Joint-use notices and opt-out filings: publish versions, read them, withdraw."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import Field
from starlette.responses import Response

from api.auth import Caller, requires
from api.http.answers import JsonResponse
from api.http.idempotency import CommandId
from api.http.openapi import example
from api.problems import problems
from api.services import Inside
from api.wire.bodies import CommandRoute, Standing, standing
from api.wire.examples import JOINT_USE, NOTICES_EXAMPLE, OPT_OUT, WITHDRAWAL
from api.wire.notices import JointUse, OptOut, Withdrawal, publishing
from api.wire.schemas import NOTICES, answer
from ledger import notice
from ledger.commands import WithdrawNotice
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
            "opt-out": example("An opt-out filing", OPT_OUT),
        }
    ),
]
Withdrawn = Annotated[
    Withdrawal, Body(openapi_examples={"end": example("The joint use ends", WITHDRAWAL)})
]


@router.post("", summary="Publish", responses=problems(400, 401, 403, 409, 413, 415, 422, 503))
async def publish(
    body: Published, caller: Publisher, inside: Inside, command_id: CommandId
) -> Standing:
    """Publish a version, an amendment or a filing. Past verdicts stay as they were judged."""
    command = publishing(body, command_id, caller.actor)
    return standing(await inside.run(lambda ledger, at: ledger.publish(command, at)))


@router.post(
    "/{notice_id}/withdrawal",
    summary="Withdraw",
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
)
async def withdraw(
    notice_id: str, body: Withdrawn, caller: Publisher, inside: Inside, command_id: CommandId
) -> Standing:
    """Withdraw a notice."""
    command = WithdrawNotice(command_id, caller.actor, notice_id, body.day, body.reason)
    return standing(await inside.run(lambda ledger, at: ledger.publish(command, at)))


@router.get(
    "",
    summary="All notices with their versions",
    responses={
        **answer(NOTICES, "Every notice, oldest first", NOTICES_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_notices(caller: Reader, inside: Inside) -> Response:
    """Every notice with everything published about it, oldest first. They are few."""
    del caller
    states = await inside.run(lambda ledger, _: ledger.notices())
    return JsonResponse({"notices": [_shown(state) for state in states]})


def _shown(state: notice.State) -> Json:
    newest = state.published[-1].event.notice
    return {
        **newest,
        "kind": state.kind,
        "withdrawn_on": state.withdrawn_on.isoformat() if state.withdrawn_on else None,
        "versions": [
            {**published.event.version, "position": published.position}
            for published in state.published
            if published.event.version is not None
        ],
        "positions": [published.position for published in state.published],
    }
