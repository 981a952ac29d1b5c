"""Bodies of the reply: who the person is, what is withheld, what goes into the post."""

from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import Body
from pydantic import Field, model_validator

from api.resources.cases.schemas.bodies import CaseBody, Code, Identifiers, Line, Medium
from api.resources.cases.schemas.examples import (
    AGREED,
    CALLED,
    DECISION,
    DISPATCH,
    MARRIED,
    NAMESAKE,
    ON_MEDIUM,
    PASSWORD_POSTED,
    PERSONS,
    PRINCIPAL,
    REOPENED,
    SENT_BACK,
)
from api.resources.cases.schemas.name_difference import NamesDiffer
from api.web.bodies import Day, Identifier, Model, Text, refs
from api.web.openapi import example
from ledger.cases.events.case import MediumAgreement, WithheldPart
from ledger.cases.intake import identifier_defects
from ledger.cases.namesakes import FORMER_NAMES_MAX, NAMESAKES_MAX, LeftOutReason
from ledger.cases.points import KINDS, PointAnswer
from ledger.errors import Defect, MalformedError
from ledger.law.procedure.causes import CAUSES
from ledger.policies.identifiers import identifies

WITHHELD_MAX: Final = 10_000
_CAUSES: Final = "What the reason rests on. " + " ".join(
    f"{ground}: {', '.join(f'`{code}` {label}' for code, label in causes.items())}."
    for ground, causes in CAUSES.items()
)


FormerNames = Annotated[
    list[Line],
    Field(
        max_length=FORMER_NAMES_MAX,
        description="names that the person bore before, as the papers show them: they are searched"
        " for with those of the form",
    ),
]


def _check_former(names: list[str]) -> None:
    """Pass when somebody may bear each of the names: one of spaces and dots finds nobody.

    Raises:
        MalformedError: names each that is none.
    """
    detail = "give a name with a letter in it"
    places = [f"/former_names/{n}" for n, one in enumerate(names) if not identifies(one)]
    if places:
        raise MalformedError(tuple(Defect(place, "SCHEMA", detail) for place in places))


class ExcludedPerson(Model):
    """One person whom a name finds, and why they are not the one who asks."""

    identifier: Identifier
    because: Text

    def value(self) -> LeftOutReason:
        """The same as the domain knows it."""
        return LeftOutReason(self.identifier.ref(), self.because)


class Principal(CaseBody):
    """Who the person is. The ledger itself searches the records, after exclusion.

    Each identifier of the form stands in one of the two lists. `tried` are those that were searched
    for without a result. Where nothing is found, both lists together hold two kinds at least that
    the ledger knows (`LEDGER_IDENTIFIER_KINDS`): one number that meets nobody may be a wrong digit.
    An identifier has a letter or a digit. One of `tried` that has records is somebody
    else's, as of a member of the family: `not_the_person` says how you know. Each identifier whose
    records, or those linked to it, bear another name than the form, alone or besides, stands in
    `names_differ` with why it is the person's all the same: a married name, an old member ID.

    The ledger searches by the names of the form, too, and by `former_names`, and by each identifier
    in the other width, upper and lower case and with the hyphen of ASCII. Whoever they find with
    records that the request asks for, and who stands in neither list, stands in `left_out` with why
    they are somebody else. Where they find more than 50 persons, `others_left_out` says how you
    know that none of the others is the person.
    """

    identifiers: Identifiers = Field(default_factory=list)
    tried: Identifiers = Field(default_factory=list)
    evidence: Text
    not_the_person: Text | None = None
    names_differ: NamesDiffer = Field(default_factory=list)
    former_names: FormerNames = Field(default_factory=list)
    left_out: Annotated[list[ExcludedPerson], Field(max_length=NAMESAKES_MAX)] = Field(
        default_factory=list
    )
    others_left_out: Text | None = None

    @model_validator(mode="after")
    def _names(self) -> "Principal":
        _check_former(self.former_names)
        return self


class CandidatesQuery(CaseBody):
    """Identifiers under which the person may have records, a name that they may bear, or both.

    A name is found however it is spelled: width, kana, spaces and old forms of characters (髙, 﨑)
    make no difference. Nothing else is taken for the same. `of_form` searches by the names of the
    form, and by other spellings of the identifiers, as the search of the case does.
    """

    identifiers: Identifiers = Field(default_factory=list)
    name: Line | None = None
    of_form: bool = False
    former_names: FormerNames = Field(default_factory=list)

    @model_validator(mode="after")
    def _asks(self) -> "CandidatesQuery":
        """Refuse a body that asks for nobody: a name of spaces and dots is none."""
        if self.name is not None and not identifies(self.name):
            raise MalformedError((Defect("/name", "SCHEMA", "give a name with a letter in it"),))
        _check_former(self.former_names)
        is_by_name = self.of_form or self.name is not None or bool(self.former_names)
        if not self.identifiers and not is_by_name:
            raise MalformedError((Defect("/identifiers", "SCHEMA", "give one, or a name"),))
        named = refs(self.identifiers)
        # What no reader sees is refused where the case is known (`look_for`).
        if defects := tuple(identifier_defects(named, "/identifiers", named)):
            raise MalformedError(defects)
        return self


class WithheldItem(Model):
    """A record that is withheld: all of it, or the statutory `items` that are named.

    An item is a code (`COUNTERPARTY` …), or one of the record's items of data by its name. Who
    names every item withholds the record.
    """

    record: Annotated[UUID, Field(strict=False)]
    ground: Literal["ART33_2_I", "ART33_2_II", "ART33_2_III"]
    reason: Text
    items: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    causes: Annotated[list[Code], Field(max_length=20, description=_CAUSES)] = Field(
        default_factory=list
    )

    def value(self) -> WithheldPart:
        """The same as the domain knows it."""
        return WithheldPart(
            self.record, self.ground, self.reason, tuple(self.items), tuple(self.causes)
        )


class MediumAgreementBody(Model):
    """The person agreed to the medium of the reply: on which day, and how."""

    agreed_on: Day
    how: Text

    def value(self) -> MediumAgreement:
        """The same as the domain knows it."""
        return MediumAgreement(self.agreed_on, self.how)


class PointAnswerBody(Model):
    """What is said to one point. `digest`: of what was looked at, as the case tells it."""

    influence: Annotated[bool, Field(description="whether it bears on the answer")]
    because: Text
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None

    def value(self) -> PointAnswer:
        """The same as the domain knows it."""
        digest = None if self.digest is None else bytes.fromhex(self.digest)
        return PointAnswer(self.influence, self.because, digest)


class PointAnswers(Model):
    """What is said to the points of the case (`points`); one to a point that is not is not kept."""

    findings: PointAnswerBody | None = None
    quarantine: PointAnswerBody | None = None
    coverage: PointAnswerBody | None = None
    reassessment: PointAnswerBody | None = None
    bulk: PointAnswerBody | None = None

    def values(self) -> dict[str, PointAnswer]:
        """The answers that were given, by point."""
        bodies = {kind: cast("PointAnswerBody | None", getattr(self, kind)) for kind in KINDS}
        return {kind: one.value() for kind, one in bodies.items() if one is not None}


assert set(PointAnswers.model_fields) == set(KINDS), "every point can be answered"


class ReplyDecision(CaseBody):
    """What is withheld, and the medium of the reply; whatever is not withheld is disclosed.

    `points` answers what the case names under `points`: findings on the records, rejected items
    that may be the person's, days that emitters have not declared, transfers that would be judged
    otherwise now, bulk transfers that were not yet recorded at the search.
    """

    withheld: Annotated[list[WithheldItem], Field(max_length=WITHHELD_MAX)] = Field(
        default_factory=list
    )
    medium: Medium | None = None
    medium_reason: Text | None = None
    medium_agreement: MediumAgreementBody | None = None
    points: PointAnswers = Field(default_factory=PointAnswers)


class ReasonBody(CaseBody):
    """Why."""

    reason: Text


_ITEM_NUMBER: Final = "引受番号 of the 簡易書留: 11 digits, hyphens allowed"
ItemNumber = Annotated[Line, Field(description=_ITEM_NUMBER)]


class OtherItem(Model):
    """Another item of the post: on which day, under which number."""

    dispatched_on: Day
    item_number: ItemNumber


class PostedBody(CaseBody):
    """The reply went into the post: on which day, under which number, how many sheets.

    Without `sheets` the ledger counts those that it made, printed on one side. `already_posted`
    says that it had left the house before the records changed: what the person holds is on record,
    and the case is reopened next. Of what was approved before a mistaken end it says that it left
    by the day on which the case went on. `password_letter` is the item of its own by which the
    password of a medium went: never under the number of the reply.
    """

    dispatched_on: Day
    item_number: ItemNumber
    sheets: Annotated[int, Field(ge=1, le=100_000)] | None = None
    already_posted: bool = False
    password_letter: OtherItem | None = None


OfPrincipal = Annotated[
    Principal,
    Body(
        openapi_examples={
            "found": example("One person is found", PRINCIPAL),
            "married": example("Its records bear another name", MARRIED),
            "namesake": example("Somebody else bears the name", NAMESAKE),
        }
    ),
]
OfCandidates = Annotated[
    CandidatesQuery,
    Body(
        openapi_examples={
            "form": example("The identifiers of the form", PERSONS),
            "name": example("The name alone", CALLED),
        }
    ),
]
OfDecision = Annotated[
    ReplyDecision,
    Body(
        openapi_examples={
            "all": example("Everything is disclosed", {}),
            "part": example("One item of a record is withheld", DECISION),
            "agreed": example("Another medium is agreed on, and points are answered", AGREED),
        }
    ),
]
OfReason = Annotated[ReasonBody, Body(openapi_examples={"reason": example("A reason", SENT_BACK)})]
OfReopening = Annotated[
    ReasonBody,
    Body(openapi_examples={"reason": example("A reason that the person reads", REOPENED)}),
]
OfPasswordPost = Annotated[
    OtherItem, Body(openapi_examples={"post": example("By registered post", PASSWORD_POSTED)})
]
OfPost = Annotated[
    PostedBody,
    Body(
        openapi_examples={
            "post": example("By registered post", DISPATCH),
            "medium": example("A medium, and its password apart", ON_MEDIUM),
        }
    ),
]
