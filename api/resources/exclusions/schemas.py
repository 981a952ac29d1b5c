"""What the end points of exclusions read and say."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from fastapi import Body
from pydantic import Field, model_validator

from api.auth import Caller
from api.web.bodies import Identifier, Model, Position, Visible, WithoutMyNumber
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.errors import Defect, MalformedError
from ledger.exclusions.exclusion import (
    GROUNDS,
    REASON_CHARACTERS_MAX,
    ActiveExclusions,
    Exclude,
    LiftExclusion,
)
from ledger.exclusions.ranges import Span
from ledger.exclusions.service import NamedTransfer
from ledger.format.events import ExcludedRange
from ledger.format.header import instant_text
from ledger.values import Json

NAMED_MAX: Final = 100
"""Transfers, and ranges, of one request."""

_TRANSFER: Final = "5c1f0a52-7d0e-8c31-9f55-0d5f0e0b7a11"
EXCLUDE: Final[dict[str, Json]] = {
    "action": "exclude",
    "transfers": [_TRANSFER],
    "ground": "i",
    "reason": "提供先が知れると本人の身体に危害が及ぶおそれ",
}
LIFT: Final[dict[str, Json]] = {
    "action": "lift",
    "positions": [{"first": 1841, "last": 1841}],
    "reason": "おそれがなくなったことを確認",
}
EXCLUDE_FOR_ONE: Final[dict[str, Json]] = {
    **EXCLUDE,
    "principal": {"scheme": "member", "id": "M-0042-7781"},
}
_PERSON: Final = "8f14e45fceea167a5a36dedd4bea2543"
CHANGED_EXAMPLE: Final[dict[str, Json]] = {
    "positions": [{"first": 1841, "last": 1841}],
    "transfers": [{"transfer": _TRANSFER, "persons": 1}],
    "waiting": [],
    "half_full": False,
}
EXCLUSIONS_EXAMPLE: Final[dict[str, Json]] = {
    "exclusions": [
        {
            "first": 1841,
            "last": 1841,
            "ground": "i",
            "person": _PERSON,
            "transfer": _TRANSFER,
            "at": "2026-11-24T03:12:09.480Z",
            "actor": "0f6c1b9e3a1d4c558f0e6f1f2f5b7a20",
            "reason": "提供先が知れると本人の身体に危害が及ぶおそれ",
        }
    ],
    "unmarked": [],
    "waiting": [],
    "half_full": False,
}

_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_HEX: Final = "^[0-9a-f]{32}$"
_HALF_FULL: Final[Schema] = {
    "type": "boolean",
    "description": "half of the fixed size is full: let `LEDGER_EXCLUSIONS_KIB` be raised",
}
CHANGED: Final[Schema] = closed(
    {
        "positions": {
            "type": "array",
            "items": closed({"first": _POSITION, "last": _POSITION}),
            "description": "what was to be excluded or lifted",
        },
        "transfers": {
            "type": "array",
            "items": closed(
                {
                    "transfer": {"type": "string", "format": "uuid"},
                    "persons": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "whom it is about, as it stands; 0: its content is gone",
                    },
                }
            ),
            "description": "those that the request names by their ids, in their order",
        },
        "waiting": {
            "type": "array",
            "items": closed({"first": _POSITION, "last": _POSITION}),
            "description": "where a lift waits until another person asks for it too",
        },
        "half_full": _HALF_FULL,
    }
)
_ENTRIES: Final[Schema] = {
    "type": "array",
    "items": closed(
        {
            "first": _POSITION,
            "last": _POSITION,
            "ground": {"enum": list(GROUNDS), "description": "item of Order 11"},
        },
        {
            "person": {
                "type": "string",
                "pattern": _HEX,
                "description": "for whom, as a keyed hash of an identifier; absent: for every"
                " person of the records",
            },
            "transfer": {
                "type": "string",
                "format": "uuid",
                "description": "of a range of one position",
            },
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
            "reason": {"type": "string"},
            "requested_by": {
                "type": "string",
                "description": "of what was lifted, who asked for it first",
            },
        },
    ),
}
EXCLUSIONS: Final[Schema] = closed(
    {
        "exclusions": _ENTRIES,
        "unmarked": {**_ENTRIES, "description": "emitters' marks that were lifted"},
        "waiting": {**_ENTRIES, "description": "lifts that another person has still to ask for"},
        "half_full": _HALF_FULL,
    }
)


class Range(Model):
    """Positions of transfers, both inclusive; what is recorded between them is named, too."""

    first: Position
    last: Position


Transfers = Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=NAMED_MAX)]
Ranges = Annotated[list[Range], Field(max_length=NAMED_MAX)]
# All reasons that stand are repeated each day within one fixed size.
Why = Annotated[
    str, Field(min_length=1, max_length=REASON_CHARACTERS_MAX), Visible, WithoutMyNumber
]


class ExclusionAccessRequest(Model):
    """What is looked at before it is excluded or shown again, and why."""

    transfers: Transfers = Field(default_factory=list[UUID])
    positions: Ranges = Field(default_factory=list[Range])
    reason: Why

    def spans(self) -> tuple[Span, ...]:
        """The positions that the body names."""
        return tuple((one.first, one.last) for one in self.positions)


class ExclusionChange(Model):
    """What is excluded, or shown again, for whom, and why.

    Name transfers, or positions, or both.
    """

    action: Literal["exclude", "lift"]
    transfers: Transfers = Field(default_factory=list[UUID])
    positions: Ranges = Field(default_factory=list[Range])
    ground: Literal["i", "ii", "iii", "iv"] | None = None
    reason: Why
    principal: Annotated[
        Identifier | None,
        Field(description="the person for whom it is; linked identifiers are found"),
    ] = None
    person: Annotated[
        Annotated[str, Field(pattern=_HEX)] | None,
        Field(description="the same for a lift, as `GET /v1/exclusions` lists whom it is for"),
    ] = None
    for_all_persons: Annotated[
        bool, Field(description="for every person in it, though they may be several")
    ] = False

    @model_validator(mode="after")
    def _says_for_whom_once(self) -> Self:
        if self.person is not None and self.action == "exclude":
            detail = "name the person by an identifier"
            raise MalformedError((Defect("/person", "PERSON_NOT_WANTED", detail),))
        targets = (self.principal is not None, self.person is not None, self.for_all_persons)
        if sum(targets) > 1:
            detail = "say for whom once: principal, person, or for_all_persons"
            place = "/person" if self.person is not None else "/principal"
            raise MalformedError((Defect(place, "SAYS_FOR_WHOM_TWICE", detail),))
        return self

    @model_validator(mode="after")
    def _says_the_ground(self) -> Self:
        if self.action == "exclude" and self.ground is None:
            detail = f"say which item of Order 11: {', '.join(GROUNDS)}"
            raise MalformedError((Defect("/ground", "GROUND_MISSING", detail),))
        if self.action == "lift" and self.ground is not None:
            detail = "what is lifted is lifted whatever its ground"
            raise MalformedError((Defect("/ground", "GROUND_NOT_WANTED", detail),))
        return self

    def spans(self) -> tuple[Span, ...]:
        """The positions that the body names."""
        return tuple((one.first, one.last) for one in self.positions)

    def command(
        self,
        command: UUID,
        caller: Caller,
        spans: tuple[Span, ...],
        principals: tuple[tuple[bytes | None, ...], ...] | None,
    ) -> Exclude | LiftExclusion:
        """The command that the body asks for, about these positions and principals.

        Raises:
            PersonUnknownError: a lift, which takes two persons, by nobody who is known.
        """
        if self.ground is None:
            caller.check_person()
            return LiftExclusion(
                command,
                caller.actor,
                spans,
                self.reason,
                principals,
                earlier=caller.earlier,
            )
        return Exclude(command, caller.actor, spans, self.ground, self.reason, principals)


OfChange = Annotated[
    ExclusionChange,
    Body(
        openapi_examples={
            "exclude": example("A transfer is excluded", EXCLUDE),
            "exclude_for_one": example("It is excluded for one of its persons", EXCLUDE_FOR_ONE),
            "lift": example("It is shown again, once a second person asks for it", LIFT),
        }
    ),
]


def changed(
    command: Exclude | LiftExclusion,
    named: Sequence[NamedTransfer],
    waiting: Sequence[Span],
    *,
    half_full: bool,
) -> dict[str, Json]:
    """The answer to a change.

    Args:
        named: the transfers that it names by their ids.
        waiting: where a lift waits for a second person.
    """
    transfers: list[Json] = [
        {"transfer": str(one.transfer), "persons": one.persons} for one in named
    ]
    return {
        "positions": _ranges(command.spans),
        "transfers": transfers,
        "waiting": _ranges(waiting),
        "half_full": half_full,
    }


def _ranges(spans: Sequence[Span]) -> Json:
    return [{"first": first, "last": last} for first, last in spans]


def render_exclusions(
    active: ActiveExclusions, transfers: Mapping[int, UUID], *, half_full: bool
) -> dict[str, Json]:
    """All that is excluded. `transfers`: by the position of a range of one."""
    return {
        "exclusions": [_render_exclusion(one, transfers) for one in active.excluded],
        "unmarked": [_render_exclusion(one, transfers) for one in active.unmarked],
        "waiting": [_render_exclusion(one, transfers) for one in active.pending],
        "half_full": half_full,
    }


def _render_exclusion(one: ExcludedRange, transfers: Mapping[int, UUID]) -> dict[str, Json]:
    shown: dict[str, Json] = {"first": one.first, "last": one.last, "ground": one.ground}
    if one.principal is not None:
        shown["person"] = one.principal.hex()
    if one.first == one.last and one.first in transfers:
        shown["transfer"] = str(transfers[one.first])
    if one.act is not None:
        shown["at"] = instant_text(one.act.at)
        shown["actor"] = one.act.actor
        shown["reason"] = one.act.reason
        if one.act.requested is not None:
            shown["requested_by"] = one.act.requested.actor
    return shown
