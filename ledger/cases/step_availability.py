"""Which steps are open to a case: by its status, and by what the step needs besides.

Source: the published procedure; Act Art. 33, 37.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ledger.cases.events.case import CaseDecided
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.mistakes import mistaken_end
from ledger.cases.print_step import PrintAs
from ledger.cases.state import State
from ledger.cases.steps import (
    ENDED,
    ON_ITS_WAY,
    Approve,
    CaseStatus,
    CheckDocuments,
    Close,
    Decide,
    Deliver,
    Dispatch,
    IdentifyRecords,
    PostPassword,
    RecordDeath,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Submit,
    Verify,
    Withdraw,
)
from ledger.law.procedure.version import Procedure
from ledger.law.requests import FOR_MEASURES, PROVISION_RECORDS, RETAINED_DATA

_CHECKING = frozenset({CaseStatus.IDENTITY_CHECK, CaseStatus.COMPLETENESS_CHECK})
_PREPARED = frozenset({CaseStatus.DECIDED, CaseStatus.SUBMITTED, CaseStatus.SENT_BACK})
"""Decided, and not approved: what is approved may be in the post, so it is sent back first."""
_OPEN = frozenset(CaseStatus) - ENDED - {CaseStatus.DELIVERED}
_SENT_BACK_FIRST = frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY})
_POSTABLE = _SENT_BACK_FIRST | ON_ITS_WAY
# Verified once: a new look at the papers begins anew, and what was found or decided is void. What
# is submitted or approved is sent back first.
_VERIFIED = frozenset(
    {
        CaseStatus.SEARCH,
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SENT_BACK,
        CaseStatus.RETURNED,
    }
) | {CaseStatus.REOPENED}

_MISTAKABLE_ENDS = frozenset(
    {
        CaseStatus.WITHDRAWN,
        CaseStatus.PRINCIPAL_DECEASED,
        CaseStatus.CLOSED,
        CaseStatus.CLOSED_PROCEDURAL,
    }
)
_SETTLING = frozenset[type[Step]]({ConfirmMistake, DismissMistake})
"""The steps that settle a report of a mistake; while it waits there are no others."""

OPEN_TO: Mapping[type[Step], frozenset[CaseStatus]] = MappingProxyType(
    {
        CheckDocuments: _CHECKING | _VERIFIED | {CaseStatus.RECEIVED, CaseStatus.RESUBMITTED},
        RequestCorrection: _CHECKING,
        # Papers that come while a refusal is being prepared are looked at first.
        Resubmit: _PREPARED | _VERIFIED | {CaseStatus.CORRECTION_REQUESTED},
        Verify: _CHECKING,
        Refuse: _CHECKING | {CaseStatus.CORRECTION_REQUESTED},
        IdentifyRecords: _PREPARED | {CaseStatus.SEARCH, CaseStatus.REVIEW, CaseStatus.REOPENED},
        Decide: _PREPARED | {CaseStatus.REVIEW},
        IdentifyPerson: _PREPARED | {CaseStatus.SEARCH, CaseStatus.REVIEW, CaseStatus.REOPENED},
        # What needs no search is decided anew as soon as the case was opened again.
        DecideMeasures: _PREPARED | {CaseStatus.REVIEW, CaseStatus.REOPENED},
        Submit: frozenset({CaseStatus.DECIDED, CaseStatus.SENT_BACK}),
        Approve: frozenset({CaseStatus.SUBMITTED}),
        SendBack: frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY}),
        Dispatch: frozenset({CaseStatus.NOTICE_READY, CaseStatus.RETURNED}),
        # What was in the post is told of the letter that went out, also once the case is closed.
        PostPassword: ON_ITS_WAY | {CaseStatus.CLOSED, CaseStatus.REOPENED},
        Deliver: frozenset({CaseStatus.DISPATCHED}),
        # What the post says last counts, also after a delivery or a closing that was put down.
        Return: (_OPEN - _SENT_BACK_FIRST) | {CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL},
        # A case that was opened again ends as it was where no supplement is due.
        Close: _OPEN - _SENT_BACK_FIRST,
        Withdraw: _OPEN - ON_ITS_WAY,
        RecordDeath: _OPEN,
        Reopen: ON_ITS_WAY | {CaseStatus.CLOSED},
        # What is to be approved or to be sent is sent back first, as before any other step.
        ReportEntry: _OPEN - _POSTABLE,
        ReportEnd: _OPEN | _MISTAKABLE_ENDS,
        ConfirmMistake: _OPEN | _MISTAKABLE_ENDS,
        DismissMistake: _OPEN | _MISTAKABLE_ENDS,
        # Any letter of the case may need it. What is submitted is void by it; what is approved is
        # sent back first.
        PrintAs: _OPEN - ON_ITS_WAY - {CaseStatus.NOTICE_READY},
    }
)
"""Step → the statuses in which it is open; a case in any other refuses it."""


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
