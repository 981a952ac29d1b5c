"""The one function that says what a command does to a case, and refuses it where it does not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from ledger.cases import (
    identification,
    measures,
    mistakes,
    papers,
    record_decisions,
    reply_steps,
    returned_mail,
    substitutes,
)
from ledger.cases.events.case import (
    CaseApproved,
    CaseClosed,
    CaseDelivered,
    CaseEvent,
    CasePrincipalDeceased,
    CaseReopened,
    CaseReturned,
    CaseSentBack,
    CaseWithdrawn,
)
from ledger.cases.events.reply import CasePasswordPosted
from ledger.cases.intake import check_day, receive, text_defects
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd, ReportEntry
from ledger.cases.print_step import PrintAs
from ledger.cases.refusals import CaseStatusError, MistakeReportedError, StaleVersionError
from ledger.cases.state import State
from ledger.cases.step_availability import is_open
from ledger.cases.steps import (
    Approve,
    CheckDocuments,
    Close,
    Decide,
    Deliver,
    Dispatch,
    IdentifyRecords,
    PostPassword,
    ReceiveCase,
    RecordDeath,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    StepCase,
    Submit,
    Verify,
    Withdraw,
)
from ledger.clock import day_in_japan
from ledger.errors import (
    AlreadyActiveError,
    BrokenWorldError,
    MalformedError,
    NotFoundError,
)
from ledger.law.procedure import codes
from ledger.law.procedure.version import Procedure


def decide(
    command: ReceiveCase | StepCase,
    state: State | None,
    procedures: Sequence[Procedure],
    at: datetime,
    head: int,
) -> tuple[CaseEvent, ...]:
    """Return the events of the command, at least one.

    Args:
        procedures: every version, ascending; the case keeps the one of its arrival.
        head: the last position of the ledger.

    Raises:
        NotFoundError: there is no such case, or its key is dead.
        StaleVersionError: the case is not at the version that the caller looked at.
        CaseStatusError: the step is not open to a case in this status.
        MistakeReportedError: it would be, but somebody reported a mistake of the case.
        LedgerError: what else the step itself raises, see the parts.
    """
    if isinstance(command, ReceiveCase):
        return (receive(command, procedures, at),)
    if state is None:
        raise NotFoundError
    if state.version != command.expected_version:
        raise StaleVersionError
    procedure = procedure_of(state, procedures)
    check_open(type(command.step), state, procedure)
    event = _prepared(command, state, procedure, at, head)
    if isinstance(event, CaseDelivered):
        return (event, CaseClosed())
    if isinstance(event, CaseReturned) and returned_mail.stays_closed(state, event):
        return (event, CaseClosed())
    if isinstance(event, CasePasswordPosted) and not state.is_open:
        # Headers alone still tell that the case has ended.
        return (event, CaseClosed())
    if isinstance(command.step, Approve) and isinstance(event, CaseApproved):
        return (event, *reply_steps.store_reply(command.step, state, event.content))
    return (event,)


def check_open(step: type[Step], state: State, procedure: Procedure) -> None:
    """Pass when the step may be taken now.

    Raises:
        CaseStatusError, MistakeReportedError: see `decide`.
    """
    if is_open(step, state, procedure):
        return
    if state.report is not None and is_open(step, replace(state, report=None), procedure):
        raise MistakeReportedError
    raise CaseStatusError(state.status.value, step_name(step))


def step_name(step: Step | type[Step]) -> str:
    """The code of a step, which problems tell: its class's name in lower case, joined by `_`."""
    name = step.__name__ if isinstance(step, type) else type(step).__name__
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")


def procedure_of(state: State, procedures: Sequence[Procedure]) -> Procedure:
    """The version that the case falls under."""
    for one in procedures:
        if one.version == state.procedure:
            return one
    raise BrokenWorldError(f"the procedure of {state.procedure} is not among the versions")


def _prepared(
    command: StepCase, state: State, procedure: Procedure, at: datetime, head: int
) -> CaseEvent:
    """The event of a step up to the dispatch, about a mistake of the desk, or about printing."""
    step, today = command.step, day_in_japan(at)
    match step:
        case CheckDocuments():
            return papers.check(step, state, procedure, today)
        case RequestCorrection():
            return papers.request_correction(state, procedure, today)
        case Resubmit():
            return papers.resubmit(step, state, today)
        case Verify():
            return papers.verify(state, procedure, today)
        case Refuse():
            return papers.refuse(state, procedure, today)
        case IdentifyRecords():
            return identification.identify(step, state, head)
        case Decide():
            return record_decisions.decide(step, state, procedure, today)
        case IdentifyPerson():
            return measures.identify(step, state)
        case DecideMeasures():
            return measures.decide(step, state, today)
        case Submit():
            return reply_steps.submit(step, state)
        case Approve():
            return reply_steps.approve(step, state, procedure, command.actors)
        case SendBack():
            _check_text("reason", step.reason)
            return CaseSentBack(step.reason)
        case Dispatch():
            return reply_steps.dispatch(step, state, today)
        case ReportEntry() | ReportEnd() | ConfirmMistake() | DismissMistake():
            return mistakes.decide(step, state, command.actors, today)
        case PrintAs():
            return substitutes.choose(step, state)
        case _:
            return _after(step, state, procedure, today)


def _after(
    step: PostPassword | Deliver | Return | Close | Withdraw | RecordDeath | Reopen,
    state: State,
    procedure: Procedure,
    today: date,
) -> CaseEvent:
    """The event of a step after the dispatch, or of one that ends the case."""
    match step:
        case PostPassword():
            mistakes.check_lives(state, today)
            return reply_steps.post_password(step, state, today)
        case Deliver():
            check_day("delivered_on", step.delivered_on, state.replies[-1].dispatched_on, today)
            return CaseDelivered(step.delivered_on)
        case Return():
            return returned_mail.bring_back(step, state, today)
        case Close():
            return CaseClosed(step.note)
        case Withdraw():
            _check_text("evidence", step.evidence)
            check_day("withdrawn_on", step.withdrawn_on, state.application.arrived_on, today)
            return CaseWithdrawn(step.withdrawn_on, step.evidence)
        case RecordDeath():
            return _death(step, state, procedure, today)
        case Reopen():
            mistakes.check_lives(state, today)
            _check_text("reason", step.reason)
            return CaseReopened(step.reason)
        case _:
            assert_never(step)


def _death(
    step: RecordDeath, state: State, procedure: Procedure, today: date
) -> CasePrincipalDeceased:
    if state.deceased_on is not None:
        raise AlreadyActiveError
    _check_text("evidence", step.evidence)
    # It may be known before anybody asks, as when a representative does; never before the birth.
    check_day("learned_on", step.learned_on, state.application.birth_date or date.min, today)
    goes_on = (
        procedure.readings.after_death == "answer_representative"
        and state.application.requester == codes.LEGAL_REPRESENTATIVE
    )
    return CasePrincipalDeceased(step.learned_on, step.evidence, closes=not goes_on)


def _check_text(name: str, text: str) -> None:
    if defects := tuple(text_defects(name, text)):
        raise MalformedError(defects)
