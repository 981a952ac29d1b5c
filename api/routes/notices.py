"""Joint-use notices and opt-out filings: publish versions, read them, withdraw."""

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Body, Depends
from pydantic import Field
from starlette.responses import Response

from api.auth import Caller, requires
from api.http.answers import JsonResponse
from api.http.idempotency import CommandId
from api.http.openapi import example
from api.problems import problems
from api.services import Inside
from api.wire.bodies import CommandRoute, Day, Model, Standing, WithoutMyNumber, Written, standing
from api.wire.examples import JOINT_USE, NOTICES_EXAMPLE, OPT_OUT, WITHDRAWAL
from api.wire.schemas import NOTICES, answer
from ledger import notice
from ledger.commands import PublishNotice, WithdrawNotice
from ledger.values import Json

router = APIRouter(prefix="/v1/notices", tags=["notices"], route_class=CommandRoute)

Publisher = Annotated[Caller, Depends(requires("notices:write"))]
Reader = Annotated[Caller, Depends(requires("notices:write", "records:read", "audit:read"))]

Name = Annotated[str, Field(min_length=1, max_length=500), WithoutMyNumber]
Label = Annotated[str, Field(min_length=1, max_length=100)]


class Party(Model):
    """A joint user, by its id in the ledger and its name."""

    party_id: Label
    name: Name


class ItemCategory(Model):
    """An announced item category with its listed examples."""

    category: Name
    definition: Name | None = None
    listed: Annotated[list[Name], Field(max_length=200)] = Field(default_factory=list[Name])
    note: Name | None = None


class Purpose(Model):
    """An announced purpose of the joint users."""

    code: Label
    label: Name
    examples: Annotated[list[Name], Field(max_length=200)] = Field(default_factory=list[Name])


class Responsible(Model):
    """Who is responsible for managing the data (Art. 27(5)(iii))."""

    name: Name
    address: Name
    representative: Name


class Version(Model):
    """One version of a joint-use notice, as published."""

    version: Label
    in_force_from: Day
    published_on: Day
    scope: Annotated[list[Party], Field(min_length=1, max_length=500)]
    items: Annotated[list[ItemCategory], Field(min_length=1, max_length=200)]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=200)]
    responsible: Responsible


class ResponsibleChange(Model):
    """A change of the responsible party in the world, from that day on (Art. 27(6))."""

    changed_on: Day
    field: Literal["name", "address", "representative"]


class JointUse(Model):
    """A joint-use notice with one new version, or without one to amend its other members."""

    kind: Literal["joint_use"]
    notice_id: Label
    owner: Label
    title: Name | None = None
    source: Name | None = None
    data_kinds: Annotated[list[Label], Field(max_length=10)] = Field(
        default_factory=lambda: ["personal_data"]
    )
    notes: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list[Name])
    responsible_changes: Annotated[list[ResponsibleChange], Field(max_length=200)] = Field(
        default_factory=list[ResponsibleChange]
    )
    version: Version | None = None


class OptOut(Model):
    """An opt-out filing with the Commission (Art. 27(2), Rule 11)."""

    kind: Literal["opt_out"]
    notice_id: Label
    available_from: Day
    filed_on: Day
    start_planned: Day
    items: Annotated[list[Name], Field(min_length=1, max_length=200)]


class Withdrawal(Model):
    """From `day` on the notice is no longer relied on."""

    day: Day
    reason: Written


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
    members = cast("dict[str, Json]", body.model_dump(mode="json", exclude_none=True))
    version = cast("dict[str, Json] | None", members.pop("version", None))
    command = PublishNotice(command_id, caller.actor, body.notice_id, body.kind, members, version)
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
