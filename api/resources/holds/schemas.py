"""What the end points of holds read and say."""

from collections.abc import Sequence
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import Body
from pydantic import Field, model_validator

from api.auth import Caller
from api.web.bodies import Identifier, Model, Written, refs
from api.web.items import MARKING
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.commands import PlaceHold
from ledger.errors import Defect, MalformedError
from ledger.format.events import HoldPlaced
from ledger.format.header import instant_text
from ledger.holds import hold
from ledger.service import CommandReceipt, Ledger
from ledger.values import Json

IDENTIFIERS_MAX: Final = 50
"""Of one hold; what is linked to them is held without being named."""

_HOLD_ID: Final = "0f6c1b9e-3a1d-4c55-8f0e-6f1f2f5b7a20"
BY_PERSON: Final[dict[str, Json]] = {
    "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
    "reason": "訴訟の提起",
    "reference": "令和8年(ワ)第1234号",
}
BY_TRANSFER: Final[dict[str, Json]] = {
    "transfer": "5c1f0a52-7d0e-8c31-9f55-0d5f0e0b7a11",
    "reason": "委員会からの報告徴収",
}
RELEASE: Final[dict[str, Json]] = {"reason": "和解の成立"}
HOLD_EXAMPLE: Final[dict[str, Json]] = {
    "hold": _HOLD_ID,
    "position": 2110,
    "placed_at": "2026-11-24T03:12:09.480Z",
    "released_at": None,
    "kind": "persons",
    **BY_PERSON,
}
HOLDS_EXAMPLE: Final[dict[str, Json]] = {
    "holds": [
        HOLD_EXAMPLE,
        {
            "hold": "7d9a51b2-90b3-4b7e-a2f4-0a4c8f0f6d31",
            "position": 2050,
            "placed_at": "2026-10-02T01:00:31.007Z",
            "released_at": "2026-11-02T05:40:00.120Z",
            "kind": "transfer",
        },
    ],
    "cursor": None,
    "viewed_at_position": 2112,
}

ACTIVE_MAX: Final = 100
"""Of the holds that the overview of retention lists; `GET /v1/holds` has all of them."""

_STRING: Final[Schema] = {"type": "string"}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 1}
_KIND: Final[Schema] = {"enum": ["transfer", "persons"]}
ACTIVE: Final[Schema] = closed(
    {
        "hold": _UUID,
        "position": _POSITION,
        "placed_at": {"type": "string", "format": "date-time"},
        "kind": _KIND,
    },
    {
        "reason": {**_STRING, "description": "for officers alone, as the reference is"},
        "reference": _STRING,
    },
)
ACTIVE_EXAMPLE: Final[dict[str, Json]] = {
    "hold": _HOLD_ID,
    "position": 2110,
    "placed_at": "2026-11-24T03:12:09.480Z",
    "kind": "persons",
    "reason": "訴訟の提起",
}
HELD: Final[Schema] = closed(
    {
        "hold": {**_UUID, "description": "by this it is released"},
        "position": {**_POSITION, "description": "where the hold's new event stands"},
    }
)
HELD_EXAMPLE: Final[dict[str, Json]] = {"hold": _HOLD_ID, "position": 2110}
HOLDS: Final[Schema] = closed(
    {
        "holds": {
            "type": "array",
            "items": closed(
                {
                    "hold": _UUID,
                    "position": _POSITION,
                    "placed_at": {"type": "string", "format": "date-time"},
                    "released_at": {"type": ["string", "null"], "format": "date-time"},
                    "kind": _KIND,
                },
                {
                    "reason": _STRING,
                    "reference": _STRING,
                    "transfer": _UUID,
                    "identifiers": {
                        "type": "array",
                        "items": closed({"scheme": _STRING, "id": _STRING}),
                    },
                },
            ),
        },
        "cursor": {
            "type": ["integer", "null"],
            "description": "give it back to get the next page; null at the end",
        },
    },
    {"viewed_at_position": {**_POSITION, "description": "where the look is on record"}},
)


class HoldBody(Model):
    """What is not to be destroyed, and why: one transfer, or the records of persons.

    Whatever is linked to the `identifiers` is held too. Name a transfer or identifiers, not both.
    """

    reason: Written
    transfer: Annotated[UUID, Field(strict=False)] | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=IDENTIFIERS_MAX)] = Field(
        default_factory=list[Identifier]
    )
    reference: Written | None = None

    @model_validator(mode="after")
    def _names_one_kind(self) -> Self:
        if self.transfer is not None and self.identifiers:
            detail = "name a transfer or identifiers, not both: place two holds"
            raise MalformedError((Defect("/identifiers", "HOLD_NAMES_BOTH", detail),))
        if self.transfer is None and not self.identifiers:
            detail = "name a transfer, or identifiers"
            raise MalformedError((Defect("", "HOLD_NAMES_NOTHING", detail),))
        return self

    def command(self, command: UUID, actor: str) -> PlaceHold:
        """The command that the body asks for."""
        named = refs(self.identifiers)
        placed = HoldPlaced(self.reason, self.transfer, named, self.reference)
        return PlaceHold(command, actor, placed)


class Release(Model):
    """Why the hold ends."""

    reason: Written


OfHold = Annotated[
    HoldBody,
    Body(
        openapi_examples={
            "persons": example("The records of a person", BY_PERSON),
            "transfer": example("One transfer", BY_TRANSFER),
        }
    ),
]
OfRelease = Annotated[Release, Body(openapi_examples={"end": example("The suit is over", RELEASE)})]


def render_receipt(receipt: CommandReceipt) -> dict[str, Json]:
    """The answer to a command."""
    return {"hold": str(receipt.stream), "position": receipt.position}


def may_see_reasons(caller: Caller) -> bool:
    """Whether reasons and references are shown: an officer typed them, and may have named people.

    Source: `docs/reference/scopes.md`: who operates the system sees no records.
    """
    return caller.may("records:write") or caller.may("records:exclude")


def known_holds(ledger: Ledger, caller: Caller) -> list[hold.State]:
    """All holds, oldest first, released ones too as long as their key lives.

    A hold on a transfer that is hidden under Order 11 is unknown to who may not exclude.
    """
    states = ledger.holds()
    if caller.may(MARKING):
        return states
    hidden = ledger.streams.hidden({one.transfer for one in states if one.transfer})
    return [one for one in states if one.transfer not in hidden]


def paginate_holds(
    states: Sequence[hold.State], *, before: int | None, limit: int
) -> tuple[list[hold.State], int | None]:
    """A page of holds, newest first, and its cursor: pages are cut at a hold's position."""
    older = [one for one in reversed(states) if before is None or one.position < before]
    page = older[:limit]
    return page, page[-1].position if len(older) > limit else None


def render_active_holds(states: Sequence[hold.State], *, whole: bool) -> list[Json]:
    """The holds that stand, newest first, without whom or what they hold; why only for officers."""
    active = [one for one in reversed(states) if one.is_active]
    shown: list[Json] = []
    for one in active[:ACTIVE_MAX]:
        members: dict[str, Json] = {
            "hold": str(one.hold),
            "position": one.position,
            "placed_at": instant_text(one.placed_at),
            "kind": _kind(one),
        }
        if whole:
            members["reason"] = one.placed.reason
            if one.placed.reference is not None:
                members["reference"] = one.placed.reference
        shown.append(members)
    return shown


def _kind(state: hold.State) -> str:
    return "persons" if state.transfer is None else "transfer"


def render_hold(state: hold.State, *, whole: bool) -> dict[str, Json]:
    """One hold; what it is about only for who may know."""
    shown: dict[str, Json] = {
        "hold": str(state.hold),
        "position": state.position,
        "placed_at": instant_text(state.placed_at),
        "released_at": None if state.released_at is None else instant_text(state.released_at),
        "kind": _kind(state),
    }
    if not whole:
        return shown
    shown["reason"] = state.placed.reason
    if state.placed.reference is not None:
        shown["reference"] = state.placed.reference
    if state.transfer is not None:
        shown["transfer"] = str(state.transfer)
    else:
        shown["identifiers"] = [{"scheme": one.scheme, "id": one.id} for one in state.principals]
    return shown
