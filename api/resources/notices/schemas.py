"""The bodies of notices: what the endpoints and the pages publish and withdraw them by."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from pydantic import Field

from api.web.bodies import BoundedModel, Day, Model, Visible, WithoutMyNumber, Written
from ledger.commands import PublishNotice
from ledger.notices.notice import State, change_members, published_at
from ledger.policies.notice_changes import NOTHING_STATED, ChangeStatement
from ledger.service import CommandReceipt
from ledger.values import Json

Name = Annotated[str, Field(min_length=1, max_length=500), Visible, WithoutMyNumber]
Label = Annotated[str, Field(min_length=1, max_length=100), Visible]


class JointUser(Model):
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


class NoticeVersionBody(Model):
    """One version of a joint-use notice, as published."""

    version: Label
    in_force_from: Day
    published_on: Day
    scope: Annotated[list[JointUser], Field(min_length=1, max_length=500)]
    items: Annotated[list[ItemCategory], Field(min_length=1, max_length=200)]
    purposes: Annotated[list[Purpose], Field(min_length=1, max_length=200)]
    responsible: Responsible


class ResponsibleChange(Model):
    """A change of the responsible party in the world, from that day on (Art. 27(6))."""

    changed_on: Day
    field: Literal["name", "address", "representative"]


class Succession(Model):
    """A party that succeeded to the business of a joint user, by their ids."""

    from_: Annotated[Label, Field(alias="from")]
    to: Label


class ChangeStatementBody(Model):
    """What the publisher states of a version's changes; the versions themselves do not show it.

    Kept with the version, as evidence of what was stated.
    """

    principals_consented: Annotated[
        bool, Field(description="to every item and joint user that is added")
    ] = False
    responsible_is_same_party: Annotated[
        bool, Field(description="the responsible party is the same one under another name")
    ] = False
    wording_only: Annotated[
        bool,
        Field(
            description="definitions and notes of items and labels of purposes say the same in "
            "other words"
        ),
    ] = False
    successions: Annotated[list[Succession], Field(max_length=50)] = Field(
        default_factory=list[Succession]
    )

    def to_statement(self) -> ChangeStatement:
        """The same for the domain."""
        return ChangeStatement(
            self.principals_consented,
            self.responsible_is_same_party,
            self.wording_only,
            tuple((one.from_, one.to) for one in self.successions),
        )


class JointUse(BoundedModel):
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
    version: NoticeVersionBody | None = None
    stated: ChangeStatementBody | None = None
    record_unlawful_changes: Annotated[
        bool,
        Field(description="record the version, with findings, though Art. 27(6) does not allow it"),
    ] = False


class OptOut(BoundedModel):
    """An opt-out filing with the Commission (Art. 27(2), Rule 11)."""

    kind: Literal["opt_out"]
    notice_id: Label
    available_from: Day
    filed_on: Day
    start_planned: Day
    items: Annotated[list[Name], Field(min_length=1, max_length=200)]


Body = Annotated[JointUse | OptOut, Field(discriminator="kind")]
"""What a publication takes: a body of either kind."""


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
    members = cast(
        "dict[str, Json]", body.model_dump(mode="json", exclude_none=True, exclude=_NOT_PUBLISHED)
    )
    version = cast("dict[str, Json] | None", members.pop("version", None))
    made = PublishNotice(
        command, actor, body.notice_id, body.kind, members, version, expected_version
    )
    if isinstance(body, OptOut):
        return made
    return replace(
        made,
        stated=NOTHING_STATED if body.stated is None else body.stated.to_statement(),
        records_unlawful=body.record_unlawful_changes,
    )


_NOT_PUBLISHED: Final = {"stated", "record_unlawful_changes"}
"""Members of a body that are said of a publication and are no part of the notice."""


def publication(receipt: CommandReceipt, states: Iterable[State]) -> Json:
    """The answer to a publication: where it stands, and every change that it makes.

    Args:
        states: all notices, read after it.
    """
    event = published_at(states, receipt.position)
    changes = () if event is None else event.changes
    return {
        "position": receipt.position,
        "stream": str(receipt.stream),
        "changes": [change_members(one) for one in changes],
    }
