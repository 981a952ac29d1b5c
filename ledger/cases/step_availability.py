"""Which steps are open to a case: by its status, and by what the step needs besides.

Source: the published procedure; Act Art. 33, 37.
"""

from ledger.cases.events.case import CaseDecided
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.mistakes import mistaken_end
from ledger.cases.state import State
from ledger.cases.steps import (
    ON_ITS_WAY,
    OPEN_TO,
    CaseStatus,
    Close,
    Decide,
    Dispatch,
    IdentifyRecords,
    PostPassword,
    Reopen,
    Resubmit,
    Return,
    Step,
    Submit,
)
from ledger.law.procedure.version import Procedure
from ledger.law.requests import FOR_MEASURES, PROVISION_RECORDS, RETAINED_DATA

_SETTLING = frozenset[type[Step]]({ConfirmMistake, DismissMistake})
"""The steps that settle a report of a mistake; while it waits there are no others."""


def is_open(step: type[Step], state: State, procedure: Procedure) -> bool:
    """Whether the step may be taken now; what it says may still be refused."""
    if state.status not in OPEN_TO[step]:
        return False
    if (state.report is not None) != (step in _SETTLING):
        return False
    is_about_records = state.application.kind == PROVISION_RECORDS
    needs: dict[type[Step], bool] = {
        # Papers that come while a refusal is being prepared are looked at first; any other reply
        # is sent back before it becomes void, and so is a refusal that is approved.
        Resubmit: state.status != CaseStatus.SUBMITTED or state.is_refusal,
        IdentifyRecords: state.reply_to is not None and is_about_records,
        Decide: state.search is not None,
        IdentifyPerson: state.reply_to is not None and state.application.kind in FOR_MEASURES,
        DecideMeasures: state.person is not None
        or (state.reply_to is not None and not state.is_searched),
        Submit: state.decision is not None,
        Dispatch: state.status != CaseStatus.RETURNED or _may_resend(state, procedure),
        # Without a record that was disclosed there is no medium.
        PostPassword: _has_records(state),
        # That it was delivered, or that the case was closed, may have been put down by mistake.
        Return: state.current_reply is not None,
        Close: _may_close(state),
        # Who was refused for form or identity asks again: a new case.
        Reopen: bool(state.replies) and not state.is_refusal,
        # A case with a reply was no mistake: it is opened again, or stays closed.
        ReportEntry: not state.replies,
        ReportEnd: mistaken_end(state) is not None,
    }
    return needs.get(step, True)


def _may_close(state: State) -> bool:
    """Whether nothing is left to do: the person was answered, here or elsewhere.

    What was opened again ends as it might have ended before, also with a reply that came back.
    """
    if state.status in ON_ITS_WAY or state.current_reply is not None or state.reopened is not None:
        return True
    # A request for retained data is answered elsewhere, and closed here.
    return state.status == CaseStatus.SEARCH and state.application.kind == RETAINED_DATA


def _has_records(state: State) -> bool:
    decision = state.replies[-1].decision if state.replies else None
    return isinstance(decision, CaseDecided) and decision.disclosed > 0


def _may_resend(state: State, procedure: Procedure) -> bool:
    """Whether the letter that came back may be sent as it is.

    What it was made of is void once the case was opened again: then it is made anew.
    """
    return procedure.readings.returned_mail == "send_again" and state.submission is not None


def open_steps(state: State, procedure: Procedure) -> tuple[type[Step], ...]:
    """The steps that are open, in the order of the procedure."""
    return tuple(step for step in OPEN_TO if is_open(step, state, procedure))
