"""Which cases stand on which list of 受付一覧, in which order, and what falls due of each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.auth import Caller
from api.pages import days
from api.pages.tabs import AT_THE_DESK, OWN, REPORTED, SOON, ListPosition, Tab
from api.wire.cases.case_view import DOORS, next_shown
from api.wire.cases.replacement import waiting_mistake
from ledger.cases import case as cases
from ledger.cases import mistake_steps, steps
from ledger.cases.case import CaseStatus, State
from ledger.service import Ledger

_TO_GO_ON_WITH: Final = AT_THE_DESK | {CaseStatus.NOTICE_READY}
"""Whose work a case is has the next step: to post what was approved, too."""
_OF_THE_SECOND: Final = frozenset((DOORS[steps.Approve], DOORS[mistake_steps.ConfirmMistake]))
"""What takes two, and another one than who prepared or reported it."""


@dataclass(frozen=True, slots=True)
class Due:
    """The term that ends next."""

    clock: str
    on: date
    left: days.RemainingTerm


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists as one visitor sees them at one moment."""

    ledger: Ledger
    caller: Caller
    at: datetime

    def holds(self, tab: Tab, state: State) -> bool:
        """Whether the case stands on the list."""
        if state.status not in tab.statuses:
            return False
        if tab is OWN:
            return self.waits_for_the_visitor(state)
        if tab is REPORTED:
            return waiting_mistake(state) is not None
        if tab is not SOON:
            return True
        due = self.due(state)
        return due is not None and due.left.level != "far"

    def waits_for_the_visitor(self, state: State) -> bool:
        """Whether the next step is theirs.

        Of what takes two persons it is whoever may be the second one: nobody is in charge of an
        approval. Anything else waits for whose work the case is, as long as they may go on with it
        or its term has passed.
        """
        if state.status == CaseStatus.SUBMITTED or waiting_mistake(state) is not None:
            doors = next_shown(state, self.ledger.procedure_of(state), self.caller)
            return not _OF_THE_SECOND.isdisjoint(str(door) for door in doors)
        if state.in_charge != self.caller.actor or not self.caller.may("cases:write"):
            return False
        return state.status in _TO_GO_ON_WITH or self._is_late(state)

    def _is_late(self, state: State) -> bool:
        """Whether a term has passed: also a case that waits for others has then to be looked at."""
        due = self.due(state)
        return due is not None and due.left.level == "late"

    def place(self, state: State) -> ListPosition:
        """Where the case stands in a list by term."""
        due = cases.next_due(state, self.ledger.procedure_of(state))
        return ListPosition(date.max if due is None else due[1], state.position)

    def due(self, state: State) -> Due | None:
        """The term that ends next; None when none runs."""
        found = cases.next_due(state, self.ledger.procedure_of(state))
        return None if found is None else Due(found[0], found[1], days.left(found[1], self.at))
