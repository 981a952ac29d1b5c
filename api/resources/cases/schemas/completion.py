"""Bodies of what comes after the dispatch, of what ends a case, and of what was a mistake."""

from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import Body
from pydantic import Field

from api.resources.cases.schemas.bodies import CaseBody
from api.resources.cases.schemas.examples import (
    CLOSING,
    DEATH,
    DELIVERY,
    DOUBLE,
    EARLIER,
    MISTAKEN_END,
    NO_MISTAKE,
    RETURNED,
    WITHDRAWAL,
    WRONG_DAY,
)
from api.resources.cases.schemas.replies import ReasonBody
from api.web.bodies import Day, Text
from api.web.openapi import example
from ledger.cases.mistake_steps import CAUSES, ReportEntry
from ledger.cases.returned_mail import RETURNED_FOR
from ledger.cases.steps import Close, Deliver, RecordDeath, Return, Withdraw


class DeliveredReply(CaseBody):
    """The post delivered the reply."""

    delivered_on: Day

    def step(self) -> Deliver:
        """The step that the body asks for."""
        return Deliver(self.delivered_on)


_REPLY: Final = "which letter: its number among `replies`, the oldest is 1; else the newest"


class ReturnedLetter(CaseBody):
    """The post brought a letter back: the newest, or the one that `reply` numbers."""

    returned_on: Day
    reason: Literal["not_collected", "unknown_address", "refused", "lost"]
    reply: Annotated[int, Field(ge=1, le=1_000, description=_REPLY)] | None = None

    def step(self) -> Return:
        """The step that the body asks for."""
        return Return(self.returned_on, self.reason, self.reply)


assert set(RETURNED_FOR) == {"not_collected", "unknown_address", "refused", "lost"}


class CaseClosure(CaseBody):
    """Nothing is left to do."""

    note: Text | None = None

    def step(self) -> Close:
        """The step that the body asks for."""
        return Close(self.note)


class Withdrawn(CaseBody):
    """Who asked does not ask any more."""

    withdrawn_on: Day
    evidence: Text

    def step(self) -> Withdraw:
        """The step that the body asks for."""
        return Withdraw(self.withdrawn_on, self.evidence)


class DeceasedPrincipal(CaseBody):
    """The principal is dead."""

    learned_on: Day
    evidence: Text

    def step(self) -> RecordDeath:
        """The step that the body asks for."""
        return RecordDeath(self.learned_on, self.evidence)


Cause = Literal["double", "wrong_day", "wrong_kind", "wrong_requester", "wrong_person", "other"]
assert cast("tuple[str, ...]", Cause.__args__) == CAUSES
_REPLACED_BY: Final = "the case in which the request goes on; a double has one"


class EnteredInError(CaseBody):
    """The case should never have been opened.

    A day, a kind, a requester or a person that was taken down wrongly is not mended: the request is
    taken in anew, and the new case replaces this one.
    """

    cause: Cause
    reason: Text
    replaced_by: Annotated[UUID, Field(strict=False, description=_REPLACED_BY)] | None = None

    def step(self) -> ReportEntry:
        """The step that the body asks for."""
        return ReportEntry(self.cause, self.reason, self.replaced_by)


OfEntry = Annotated[
    EnteredInError,
    Body(
        openapi_examples={
            "double": example("It was taken in twice", DOUBLE),
            "day": example("It arrived on another day", WRONG_DAY),
        }
    ),
]
OfMistakenEnd = Annotated[
    ReasonBody, Body(openapi_examples={"end": example("Somebody else withdrew", MISTAKEN_END)})
]
OfDismissal = Annotated[
    ReasonBody, Body(openapi_examples={"none": example("It is no mistake", NO_MISTAKE)})
]
OfDelivery = Annotated[
    DeliveredReply, Body(openapi_examples={"post": example("The post says so", DELIVERY)})
]
OfReturn = Annotated[
    ReturnedLetter,
    Body(
        openapi_examples={
            "post": example("Not collected", RETURNED),
            "earlier": example("An earlier letter comes back later", EARLIER),
        }
    ),
]
OfClosing = Annotated[
    CaseClosure, Body(openapi_examples={"end": example("Answered elsewhere", CLOSING)})
]
OfWithdrawal = Annotated[
    Withdrawn, Body(openapi_examples={"letter": example("A letter says so", WITHDRAWAL)})
]
OfDeath = Annotated[
    DeceasedPrincipal, Body(openapi_examples={"call": example("A relative calls", DEATH)})
]
