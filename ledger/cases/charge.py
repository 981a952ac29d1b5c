"""Whose work a case is (担当): of whoever took its newest step at the desk.

Nobody is put in charge: who takes the next step of a case has taken it over, also from somebody who
is away or has left. The product's own rule.
"""

from typing import assert_never

from ledger.cases.events.case import (
    CaseApproved,
    CaseClosed,
    CaseCorrectionRequested,
    CaseDecided,
    CaseDelivered,
    CaseDispatched,
    CaseDocumentsChecked,
    CaseEvent,
    CasePrincipalDeceased,
    CaseReceived,
    CaseRecordsIdentified,
    CaseRefused,
    CaseReopened,
    CaseResubmitted,
    CaseReturned,
    CaseSentBack,
    CaseSubmitted,
    CaseVerified,
    CaseWithdrawn,
    ReplyStored,
)
from ledger.cases.events.measures import CaseMeasuresDecided, CasePersonIdentified
from ledger.cases.events.mistakes import (
    CaseEnteredInError,
    CaseMistakeDismissed,
    CaseMistakeReported,
    CaseResumed,
)
from ledger.cases.events.reply import CasePasswordPosted
from ledger.cases.events.substitute import CaseSubstitutesChosen


def in_charge(before: str, event: CaseEvent, actor: str) -> str:
    """Whose work the case is after `event`.

    An approval, or that it was refused or taken back, leaves the work with who prepared it; so does
    a word of a mistake, which waits for a second person and moves nothing. A review of what is
    excluded is no event of these, and never comes here (ADR 0038).

    Args:
        before: whose it was.
        actor: who did it.
    """
    match event:
        case CaseApproved() | ReplyStored() | CaseSentBack():
            return before
        case CaseMistakeReported() | CaseMistakeDismissed() | CaseEnteredInError() | CaseResumed():
            return before
        case (
            CaseReceived()
            | CaseDocumentsChecked()
            | CaseCorrectionRequested()
            | CaseResubmitted()
            | CaseVerified()
            | CaseRecordsIdentified()
            | CasePersonIdentified()
            | CaseRefused()
            | CaseDecided()
            | CaseMeasuresDecided()
            | CaseSubmitted()
            | CaseSubstitutesChosen()
        ):
            return actor
        case (
            CaseDispatched()
            | CasePasswordPosted()
            | CaseDelivered()
            | CaseReturned()
            | CaseClosed()
            | CaseWithdrawn()
            | CasePrincipalDeceased()
            | CaseReopened()
        ):
            return actor
        case _:
            assert_never(event)
