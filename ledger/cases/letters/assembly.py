"""From a case to its letter: what the case decided, and the records as they were found.

Pure: the same case, records and declarations of emitters give the same letter.

Source: Act Art. 28(3), 32(2)(3), 33(2)(3)(5), 34(3), 35(7), 36, 37(1); the published procedure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import cast

from ledger.cases.case import PROVISION_RECORDS, Decision, State
from ledger.cases.case import Reply as Sent
from ledger.cases.clocks import all_clocks
from ledger.cases.events.case import CaseDecided, CaseRefused
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.intake import PAPER
from ledger.cases.letters.addressee import addressee_of, is_known
from ledger.cases.letters.contents import (
    Content,
    CorrectionLetter,
    Full,
    Interim,
    LetterMeasure,
    MeasureAnswer,
    MeasuresLetter,
    Medium,
    MethodChange,
    NonDisclosure,
    NotExist,
    Partial,
    Procedural,
    ReceiptNotice,
    Reply,
    Supplement,
)
from ledger.cases.letters.faults import age_notes, faults_of, notes_of
from ledger.cases.letters.letter import Issuer, Letter, RequestSummary, SearchInstant
from ledger.cases.letters.lines import ReplyLine, lines_of
from ledger.cases.letters.requests import FORM
from ledger.cases.letters.withheld_parts import count_whole_records, grouped, withheld_of
from ledger.clock import day_in_japan
from ledger.errors import BrokenWorldError
from ledger.law.procedure.version import Procedure
from ledger.law.requests import OUTCOMES, request_kind
from ledger.streams.history import HistoryEntry

RECEIPT = "receipt"
CORRECTION = "correction"
INTERIM = "interim"
METHOD_CHANGE = "method_change"
ADDRESS_SHEET = "address_sheet"

_RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "full_disclosure": "全部開示",
        "partial_disclosure": "一部開示",
        "non_disclosure": "不開示",
        "not_exist": "不存在",
    }
)


@dataclass(frozen=True, slots=True)
class LetterIdentity:
    """What every letter bears: its own date, and its verification code.

    Attributes:
        coverage: sentences on the completeness of its search, where one was made.
        kinds: scheme → what it is called; a letter takes those of the identifiers in its lines.
        log, salt: `Letter.log` and `Letter.code_salt` of the letter that answers.
        wording: how it is worded; None: as the first letters were.
    """

    at: datetime
    code: str
    coverage: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    log: str | None = None
    salt: str | None = None
    wording: int | None = None


def reply_letter(
    state: State,
    procedure: Procedure,
    dated: LetterIdentity,
    entries: Sequence[HistoryEntry] = (),
    names: Sequence[str] = (),
) -> Letter:
    """The letter that answers the request, as the case stands decided.

    Args:
        entries: the records that were identified, each on its side; none for a refusal.
        names: the names that the person took later, oldest first.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`.
        BrokenWorldError: nothing was decided, or on other records than `entries`.
    """
    decision = state.decision
    if isinstance(decision, CaseRefused):
        refusal = _procedural(state, procedure, decision, dated.wording)
        return _letter(state, procedure, dated, refusal)
    if isinstance(decision, CaseMeasuresDecided):
        content = _measures(state, decision) if state.is_searched else _answer(state, decision)
        return _letter(state, procedure, dated, content)
    if decision is None:
        raise BrokenWorldError("a letter answers what was decided")
    options = _LineOptions(
        names[-1] if names else None,
        dated.wording,
        includes_days=procedure.readings.tells_days_for_reference,
    )
    reply = _reply(decision, entries, options)
    content: Content = reply
    earlier = _earlier(state)
    if earlier is not None and state.reopened is not None:
        content = Supplement(
            earlier_case=state.number,
            earlier_on=day_in_japan(earlier.lettered_at),
            change=_change(earlier, decision),
            reason=state.reopened.reason,
            reply=reply,
        )
    return _letter(state, procedure, dated, content)


def method_letter(state: State, procedure: Procedure, dated: LetterIdentity) -> Letter | None:
    """The letter that goes with a reply in another medium than was asked for.

    None where no such letter is due: nothing is disclosed, or in the medium that was asked for, or
    the person agreed to the other one and no reason is told.
    """
    reason, decision = method_reason(state), state.decision
    if reason is None or not isinstance(decision, CaseDecided):
        return None
    medium = None if decision.medium == PAPER else cast("Medium", decision.medium)
    return _letter(state, procedure, dated, MethodChange(reason, medium))


def method_reason(state: State) -> str | None:
    """Why the reply is in another medium than was asked for; None: no letter tells."""
    decision, requested = state.decision, state.application.medium
    if not isinstance(decision, CaseDecided) or not decision.disclosed:
        return None
    return decision.medium_reason or None if requested not in (None, decision.medium) else None


def correction_letter(
    state: State, procedure: Procedure, code: str, wording: int | None = None
) -> Letter:
    """The letter that asks for what is short.

    Args:
        state: as it was when the correction was asked for.
        wording: as of `LetterIdentity`; here and below.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`.
        BrokenWorldError: no correction was asked for.
    """
    if state.correction is None or state.corrected is None:
        raise BrokenWorldError("no correction was asked for")
    reasons = state.correction.reasons
    day = state.correction.sent_on
    faults = faults_of(state, procedure, reasons, day, wording)
    due_on = state.correction.due_on
    content = CorrectionLetter(
        faults=faults,
        due_on=due_on,
        notes=(*notes_of(procedure, reasons, day), *age_notes(procedure, faults, due_on)),
        discreet=not is_known(state),
    )
    return _letter(
        state, procedure, LetterIdentity(state.corrected.at, code, wording=wording), content
    )


def interim_letter(
    state: State, procedure: Procedure, code: str, at: datetime, wording: int | None = None
) -> Letter:
    """The notice that the search takes long: alike for everybody, whatever is found.

    Args:
        at: when it is printed.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`.
    """
    last = all_clocks(state, procedure).get("hard_stop")
    by = last if last is not None and last >= day_in_japan(at) else None
    post = procedure.reply_media_on(state.application.arrived_on).post
    return _letter(state, procedure, LetterIdentity(at, code, wording=wording), Interim(post, by))


def receipt_letter(
    state: State, procedure: Procedure, code: str, wording: int | None = None
) -> Letter:
    """The notice that a request arrived.

    Raises:
        MalformedError: `ADDRESSEE_MISSING`.
    """
    day = state.application.arrived_on
    fee, post = procedure.fee_on(day).label, procedure.reply_media_on(day).post
    content = ReceiptNotice(fee, post, discreet=not is_known(state))
    return _letter(
        state, procedure, LetterIdentity(state.received_at, code, wording=wording), content
    )


def issuer_of(procedure: Procedure, at: datetime) -> Issuer:
    """The operator and the desk, as a letter of that instant names them."""
    operator = procedure.operator
    desk = procedure.desk_on(day_in_japan(at)).place
    return Issuer(operator.name, operator.address, operator.representative, desk)


def _letter(state: State, procedure: Procedure, dated: LetterIdentity, content: Content) -> Letter:
    search = None
    if not isinstance(
        content,
        Procedural | CorrectionLetter | ReceiptNotice | Interim | MeasuresLetter | MeasureAnswer,
    ):
        assert state.search is not None, "what was decided was searched for"
        assert state.searched_at is not None, "a search has an instant"
        search = SearchInstant(state.searched_at, state.search.as_of, dated.coverage)
    answers = not isinstance(content, MethodChange)
    letter = Letter(
        at=dated.at,
        case_number=state.number,
        verification_code=dated.code,
        addressee=addressee_of(state),
        issuer=issuer_of(procedure, dated.at),
        asked=_request_summary(state, procedure),
        search=search,
        content=content,
        log=dated.log if answers else None,
        code_salt=dated.salt if answers else None,
        wording=dated.wording,
    )
    schemes = sorted(_schemes(letter.lines))
    kinds = {scheme: dated.kinds[scheme] for scheme in schemes if scheme in dated.kinds}
    return replace(letter, kinds=kinds) if kinds else letter


def _schemes(lines: Sequence[ReplyLine]) -> set[str]:
    """The kinds of the identifiers that the lines tell."""
    items = (line.item("PRINCIPAL") for line in lines)
    persons = (cast("list[Mapping[str, str]]", one.value) for one in items if one and one.value)
    return {person["scheme"] for some in persons for person in some}


def _request_summary(state: State, procedure: Procedure) -> RequestSummary:
    application = state.application
    is_other = application.kind != PROVISION_RECORDS
    return RequestSummary(
        arrived_on=application.arrived_on,
        form=FORM if is_other else _form(procedure, application.channel, application.arrived_on),
        provided=application.provided,
        received=application.received,
        medium=cast("Medium | None", application.medium),
        first_day=application.first_day,
        last_day=application.last_day,
        about=application.kind if is_other else None,
    )


def _form(procedure: Procedure, channel: str, day: date) -> str:
    """The title of the prescribed form: of that channel, else of the first that is published."""
    known = max(day, procedure.effective_from)
    rows = [row for row in procedure.reception if row.span.covers(known)]
    return next((row for row in rows if row.channel == channel), rows[0]).form


@dataclass(frozen=True, slots=True)
class _LineOptions:
    """What the lines of a reply tell besides the records; see `lines_of`."""

    current_name: str | None
    wording: int | None
    includes_days: bool


def _reply(decision: CaseDecided, entries: Sequence[HistoryEntry], options: _LineOptions) -> Reply:
    withheld = withheld_of(decision, entries)
    if not entries:
        return NotExist()
    lines = lines_of(
        entries,
        withheld=withheld,
        current_name=options.current_name,
        wording=options.wording,
        includes_days=options.includes_days,
    )
    held = grouped(decision, entries, withheld)
    medium = cast("Medium", decision.medium)
    whole = count_whole_records(decision, withheld)
    if not lines:
        return NonDisclosure(held, whole)
    agreement = decision.medium_agreement
    agreed_on = None if agreement is None else agreement.agreed_on
    printed = decision.whole_on_paper
    if held:
        return Partial(lines, medium, held, whole, printed, agreed_on)
    return Full(lines, medium, printed, agreed_on)


def _procedural(
    state: State, procedure: Procedure, decision: CaseRefused, wording: int | None
) -> Procedural:
    day = state.application.arrived_on
    ground = procedure.ground(decision.ground, day)
    faults = faults_of(state, procedure, decision.reasons, day, wording)
    article = request_kind(state.application.kind, day).refused_by or ground.article
    return Procedural(ground.label, article, faults, discreet=not is_known(state))


def _measures(state: State, decision: CaseMeasuresDecided) -> MeasuresLetter:
    taken = _letter_measures(decision)
    return MeasuresLetter(decision.outcome, taken, decision.reason, _replaced_on(state))


def _answer(state: State, decision: CaseMeasuresDecided) -> MeasureAnswer:
    return MeasureAnswer(
        decision.outcome,
        _letter_measures(decision),
        decision.information or (),
        decision.grounds or (),
        decision.reason,
        _replaced_on(state),
    )


def _letter_measures(decision: CaseMeasuresDecided) -> tuple[LetterMeasure, ...]:
    return tuple(LetterMeasure(one.measure, one.from_day, one.what) for one in decision.measures)


def _replaced_on(state: State) -> date | None:
    """The day of the earlier answer that this one stands in for."""
    earlier = _earlier(state)
    return None if earlier is None else day_in_japan(earlier.lettered_at)


def _earlier(state: State) -> Sent | None:
    """The newest other reply that the person may have in hand; what the post brought back is none.

    A reply that is sent once more is the same letter, no supplement to itself.
    """
    content = state.submission.content if state.submission is not None else None
    held = [one for one in state.replies if one.returned is None and one.content != content]
    return held[-1] if held else None


def _change(earlier: Sent, decision: CaseDecided) -> str:
    """Both results side by side."""
    return f"先の回答：{_result(earlier.decision)}\nこの回答：{_result(decision)}"


def _result(decision: Decision) -> str:
    if isinstance(decision, CaseRefused):
        return "手続の不備"
    if isinstance(decision, CaseMeasuresDecided):
        return OUTCOMES[decision.outcome].label
    count = f"（開示する記録{decision.disclosed:,}件）" if decision.disclosed else ""
    return f"{_RESULTS[decision.outcome]}{count}"
