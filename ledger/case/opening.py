"""Which steps are open to a case: by its status, and by what the step needs besides.

Source: the published procedure; Act Art. 33, 37.
"""

from ledger.case.measuring import DecideMeasures, IdentifyPerson
from ledger.case.state import State
from ledger.case.steps import (
    OPEN_TO,
    Close,
    Decide,
    Dispatch,
    IdentifyRecords,
    Reopen,
    Resubmit,
    Status,
    Step,
    Submit,
)
from ledger.law.procedure.version import Procedure
from ledger.law.requests import FOR_MEASURES, PROVISION_RECORDS, RETAINED_DATA


def is_open(step: type[Step], state: State, procedure: Procedure) -> bool:
    """Whether the step may be taken now; what it says may still be refused."""
    if state.status not in OPEN_TO[step]:
        return False
    is_about_records = state.application.kind == PROVISION_RECORDS
    needs: dict[type[Step], bool] = {
        # Papers that come while a refusal is being prepared are looked at first; any other reply
        # is sent back before it becomes void.
        Resubmit: state.status not in (Status.SUBMITTED, Status.NOTICE_READY) or state.is_refusal,
        IdentifyRecords: state.reply_to is not None and is_about_records,
        Decide: state.search is not None,
        IdentifyPerson: state.reply_to is not None and state.application.kind in FOR_MEASURES,
        DecideMeasures: state.person is not None,
        Submit: state.decision is not None,
        Dispatch: state.status != Status.RETURNED
        or procedure.readings.returned_mail == "send_again",
        # A request for retained data is answered elsewhere, and closed here.
        Close: state.status != Status.SEARCH or state.application.kind == RETAINED_DATA,
        # Who was refused for form or identity asks again: a new case.
        Reopen: bool(state.replies) and not state.is_refusal,
    }
    return needs.get(step, True)


def open_steps(state: State, procedure: Procedure) -> tuple[type[Step], ...]:
    """The steps that are open, in the order of the procedure."""
    return tuple(step for step in OPEN_TO if is_open(step, state, procedure))
