"""A mistake of the desk: reported by one person, confirmed or dismissed by another.

A case that should never have been opened is not withdrawn: nobody withdrew it, and the log is
evidence. An end that was put down by mistake is undone, and both stay on record.
"""

from datetime import date
from typing import assert_never

from ledger.cases.events.mistakes import (
    CaseEnteredInError,
    CaseMistakeDismissed,
    CaseMistakeReported,
    CaseResumed,
    MistakeEvent,
)
from ledger.cases.intake import text_defects
from ledger.cases.mistake_steps import (
    CAUSES,
    CLOSING,
    DEATH,
    DOUBLE,
    ENTRY,
    WITHDRAWAL,
    ConfirmMistake,
    DismissMistake,
    MistakeStep,
    ReportEnd,
    ReportEntry,
)
from ledger.cases.refusals import CaseExpiringError
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.clock import day_in_japan
from ledger.errors import Defect, MalformedError, SeparationOfDutiesError
from ledger.lifetimes import case_day


def decide(step: MistakeStep, state: State, actors: frozenset[str], today: date) -> MistakeEvent:
    """Return the event of a step about a mistake.

    Args:
        actors: all that are the person who takes the step.

    Raises:
        LedgerError: see the functions below.
    """
    match step:
        case ReportEntry():
            return report_entry(step, state)
        case ReportEnd():
            return report_end(step, state, today)
        case ConfirmMistake():
            return confirm(state, actors, today)
        case DismissMistake():
            return dismiss(step)
        case _:
            assert_never(step)


def mistaken_end(state: State) -> str | None:
    """The end that may be reported as a mistake; None when there is none.

    A closing after a reply is none of them: the case is opened again, or its reply comes back.
    Where a refusal has come back already there is no other way on. A death may be on record while
    the case goes on with the representative.
    """
    if state.status == CaseStatus.WITHDRAWN:
        return WITHDRAWAL
    if state.status == CaseStatus.CLOSED:
        return None if state.replies else CLOSING
    if state.status == CaseStatus.CLOSED_PROCEDURAL:
        return None if state.replies[-1].returned is None else CLOSING
    is_deceased = state.status == CaseStatus.PRINCIPAL_DECEASED
    return DEATH if is_deceased or (state.is_open and state.deceased_on is not None) else None


def report_entry(step: ReportEntry, state: State) -> CaseMistakeReported:
    """Return the event that says that the case should never have been opened.

    Whether `replaced_by` may stand is `ledger.cases.replacement`.

    Raises:
        MalformedError: no cause that there is, no reason; `REPLACEMENT_MISSING`, a double has the
            case that stays; `REPLACED_BY_ITSELF`.
    """
    defects = [*text_defects("reason", step.reason)]
    if step.cause not in CAUSES:
        defects.append(Defect("/cause", "SCHEMA", f"give one of {', '.join(CAUSES)}"))
    if step.cause == DOUBLE and step.replaced_by is None:
        detail = "name the case in which the request goes on"
        defects.append(Defect("/replaced_by", "REPLACEMENT_MISSING", detail))
    if step.replaced_by == state.case:
        defects.append(Defect("/replaced_by", "REPLACED_BY_ITSELF", "name another case"))
    if defects:
        raise MalformedError(tuple(defects))
    return CaseMistakeReported(ENTRY, step.reason, step.cause, step.replaced_by)


def report_end(step: ReportEnd, state: State, today: date) -> CaseMistakeReported:
    """Return the event that says that the end was put down by mistake.

    Raises:
        MalformedError: no reason.
        CaseExpiringError: the key of the case dies today, or should have died.
    """
    if defects := tuple(text_defects("reason", step.reason)):
        raise MalformedError(defects)
    what = mistaken_end(state)
    assert what is not None, "the step is open only where an end stands"
    check_lives(state, today)
    return CaseMistakeReported(what, step.reason)


def confirm(state: State, actors: frozenset[str], today: date) -> CaseEnteredInError | CaseResumed:
    """Return the event of the confirmation.

    Args:
        actors: all that are the person who confirms.

    Raises:
        SeparationOfDutiesError: the person reported it.
        CaseExpiringError: the key of the case dies today, or should have died.
    """
    assert state.report is not None, "the step is open only while a report waits"
    if state.report.actor in actors:
        raise SeparationOfDutiesError
    if state.report.event.what == ENTRY:
        return CaseEnteredInError()
    check_lives(state, today)
    return CaseResumed()


def dismiss(step: DismissMistake) -> CaseMistakeDismissed:
    """Return the event that leaves the case as it was.

    Raises:
        MalformedError: no reason.
    """
    if defects := tuple(text_defects("reason", step.reason)):
        raise MalformedError(defects)
    return CaseMistakeDismissed(step.reason)


def check_lives(state: State, today: date) -> None:
    """Pass when an ended case may go on.

    Raises:
        CaseExpiringError: its key dies today, or should have died.
    """
    if state.ended_at is not None and case_day(day_in_japan(state.ended_at)) <= today:
        raise CaseExpiringError
