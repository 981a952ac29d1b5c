"""Bodies of the reply: who the person is, what is withheld, what goes into the post."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Body
from pydantic import Field, model_validator

from api.http.openapi import example
from api.wire.bodies import Day, Model, Position, Text
from api.wire.cases.bodies import CaseBody, Code, Identifiers, Line, Medium
from api.wire.cases.examples import CALLED, DECISION, DISPATCH, PERSONS, PRINCIPAL, SENT_BACK
from ledger.crypto.names import folded_name
from ledger.errors import Defect, MalformedError
from ledger.events.case import Withholding

WITHHELD_MAX: Final = 10_000


class Principal(CaseBody):
    """Who the person is. The ledger itself searches the records, after exclusion.

    `tried` are identifiers that were searched for without a result; where nobody is found, two
    kinds at least. `as_of` is the position of the search, absent for now.
    """

    identifiers: Identifiers = Field(default_factory=list)
    tried: Identifiers = Field(default_factory=list)
    evidence: Text
    as_of: Position | None = None


class Candidates(CaseBody):
    """Identifiers under which the person may have records, a name that they may bear, or both.

    A name is found however it is spelled: width, kana, spaces and old forms of characters (髙, 﨑)
    make no difference. Nothing else is taken for the same.
    """

    identifiers: Identifiers = Field(default_factory=list)
    name: Line | None = None

    @model_validator(mode="after")
    def _asks(self) -> "Candidates":
        """Refuse a body that asks for nobody: a name of spaces and dots is none."""
        if self.name is not None and not folded_name(self.name):
            raise MalformedError((Defect("/name", "SCHEMA", "give a name with a letter in it"),))
        if not self.identifiers and self.name is None:
            raise MalformedError((Defect("/identifiers", "SCHEMA", "give one, or a name"),))
        return self


class Held(Model):
    """A record that is withheld: all of it, or the statutory `items` that are named."""

    record: Annotated[UUID, Field(strict=False)]
    ground: Literal["ART33_2_I", "ART33_2_II", "ART33_2_III"]
    reason: Text
    items: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    causes: Annotated[list[Code], Field(max_length=20)] = Field(default_factory=list)

    def value(self) -> Withholding:
        """The same as the domain knows it."""
        return Withholding(
            self.record, self.ground, self.reason, tuple(self.items), tuple(self.causes)
        )


class Decision(CaseBody):
    """What is withheld, and the medium of the reply; whatever is not withheld is disclosed."""

    withheld: Annotated[list[Held], Field(max_length=WITHHELD_MAX)] = Field(default_factory=list)
    medium: Medium | None = None
    medium_reason: Text | None = None


class Why(CaseBody):
    """Why."""

    reason: Text


class Posted(CaseBody):
    """The reply went into the post: on which day, under which number, how many sheets.

    Without `sheets` the ledger counts those that it made, printed on one side.
    """

    dispatched_on: Day
    item_number: Line
    sheets: Annotated[int, Field(ge=1, le=100_000)] | None = None


OfPrincipal = Annotated[
    Principal, Body(openapi_examples={"found": example("One person is found", PRINCIPAL)})
]
OfCandidates = Annotated[
    Candidates,
    Body(
        openapi_examples={
            "form": example("The identifiers of the form", PERSONS),
            "name": example("The name alone", CALLED),
        }
    ),
]
OfDecision = Annotated[
    Decision,
    Body(
        openapi_examples={
            "all": example("Everything is disclosed", {}),
            "part": example("One record is withheld", DECISION),
        }
    ),
]
OfReason = Annotated[Why, Body(openapi_examples={"reason": example("A reason", SENT_BACK)})]
OfPost = Annotated[Posted, Body(openapi_examples={"post": example("By registered post", DISPATCH)})]
