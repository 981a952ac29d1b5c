"""The bodies of notices: what the doors and the pages publish and withdraw them by."""

from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import Field

from api.wire.bodies import Day, Model, Visible, WithoutMyNumber, Written
from ledger.commands import PublishNotice
from ledger.values import Json

Name = Annotated[str, Field(min_length=1, max_length=500), Visible, WithoutMyNumber]
Label = Annotated[str, Field(min_length=1, max_length=100), Visible]


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


def publishing(
    body: JointUse | OptOut, command: UUID, actor: str, expected_version: int | None = None
) -> PublishNotice:
    """The command that a body states.

    Args:
        expected_version: of the notice as it was looked at, 0: none; None: whatever stands.
    """
    members = cast("dict[str, Json]", body.model_dump(mode="json", exclude_none=True))
    version = cast("dict[str, Json] | None", members.pop("version", None))
    return PublishNotice(
        command, actor, body.notice_id, body.kind, members, version, expected_version
    )
