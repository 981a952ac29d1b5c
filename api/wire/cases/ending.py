"""Bodies of what comes after the dispatch, and of what ends a case."""

from typing import Annotated, Literal

from fastapi import Body

from api.http.openapi import example
from api.wire.bodies import Day, Text
from api.wire.cases.bodies import CaseBody
from api.wire.cases.examples import CLOSING, DEATH, DELIVERY, RETURNED, WITHDRAWAL
from ledger.case.deciding import RETURNED_FOR
from ledger.case.steps import Close, Deliver, RecordDeath, Return, Withdraw


class Delivered(CaseBody):
    """The post delivered the reply."""

    delivered_on: Day

    def step(self) -> Deliver:
        """The step that the body asks for."""
        return Deliver(self.delivered_on)


class Returned(CaseBody):
    """The post brought the reply back."""

    returned_on: Day
    reason: Literal["not_collected", "unknown_address", "refused"]

    def step(self) -> Return:
        """The step that the body asks for."""
        return Return(self.returned_on, self.reason)


assert set(RETURNED_FOR) == {"not_collected", "unknown_address", "refused"}


class Closed(CaseBody):
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


class Deceased(CaseBody):
    """The principal is dead."""

    learned_on: Day
    evidence: Text

    def step(self) -> RecordDeath:
        """The step that the body asks for."""
        return RecordDeath(self.learned_on, self.evidence)


OfDelivery = Annotated[
    Delivered, Body(openapi_examples={"post": example("The post says so", DELIVERY)})
]
OfReturn = Annotated[Returned, Body(openapi_examples={"post": example("Not collected", RETURNED)})]
OfClosing = Annotated[
    Closed, Body(openapi_examples={"end": example("Answered elsewhere", CLOSING)})
]
OfWithdrawal = Annotated[
    Withdrawn, Body(openapi_examples={"letter": example("A letter says so", WITHDRAWAL)})
]
OfDeath = Annotated[Deceased, Body(openapi_examples={"call": example("A relative calls", DEATH)})]
