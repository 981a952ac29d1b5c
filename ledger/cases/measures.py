"""What is done about a request that no record answers: who it is about, which measures are taken.

Of a request to stop or to erase, records are looked at for the names in them alone, and none is
destroyed: those of provisions stay through their period. The other kinds look at none.

Source: Act Art. 28(3), 32(2)(3), 34, 35(1) to (7), 36; 29(2), 30(4).
"""

from collections.abc import Iterator
from datetime import date

from ledger.cases.events.measures import CaseMeasuresDecided, CasePersonIdentified, MeasureTaken
from ledger.cases.identification import person_defects
from ledger.cases.intake import future
from ledger.cases.measure_answers import answer_defects
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.name_differences import name_checks, names_differ
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.errors import Defect, MalformedError
from ledger.law.requests import OUTCOMES, Measure, measures_of, measures_on, outcomes_of
from ledger.policies.my_number import my_number_defects


def identify(step: IdentifyPerson, state: State) -> CasePersonIdentified:
    """Return the event that says who the person is.

    Raises:
        MalformedError: what `person_defects` yields.
    """
    if defects := tuple(person_defects(step, state)):
        raise MalformedError(defects)
    return CasePersonIdentified(
        step.identifiers,
        step.tried,
        step.evidence,
        names_differ(step.identifiers, step.names),
        step.not_the_person,
        name_checks(step.names),
    )


def decide(step: DecideMeasures, state: State, today: date) -> CaseMeasuresDecided:
    """Return the event of the decision.

    Raises:
        MalformedError: `OUTCOME_AND_MEASURES`, the measures are not those of such an outcome;
            `REASON_MISSING`; `MEASURE_UNKNOWN`, `MEASURE_TWICE`, `MEASURE_OF_NOBODY`;
            `WHAT_MISSING`, another measure is told in words; `PARTY_NOT_OF_A_STOP`;
            `DATE_IN_FUTURE`, `BEFORE_THE_REQUEST`; `MY_NUMBER_SHOWN`; what `answer_defects` yields.
    """
    defects = [*_outcome_defects(step, state), *_measure_defects(step, state, today)]
    defects += answer_defects(step, state.application)
    texts = {"reason": step.reason, **_said(step)}
    for pointer, text in texts.items():
        defects += my_number_defects(text or "", f"/{pointer}")
    if defects:
        raise MalformedError(tuple(defects))
    return CaseMeasuresDecided(
        step.outcome,
        step.measures,
        step.reason,
        step.grounds or None,
        step.information or None,
    )


def stops_of(state: State) -> tuple[tuple[Measure, MeasureTaken], ...]:
    """The stops that the approved decision is: from the approval on they have to stand.

    None before an approval, and none once it was taken back.
    """
    return () if state.approved_on is None else _decided(state)


def told_stops(state: State) -> frozenset[tuple[str, str | None]]:
    """The stops that the decision's letter tells: kind, and the party it is towards."""
    found = ((measure.directive, one.counterparty_party_id) for measure, one in _decided(state))
    return frozenset((kind, party) for kind, party in found if kind is not None)


def _decided(state: State) -> tuple[tuple[Measure, MeasureTaken], ...]:
    decision = state.decision
    if not isinstance(decision, CaseMeasuresDecided):
        return ()
    known = measures_on(state.application.arrived_on)
    found = ((known[one.measure], one) for one in decision.measures)
    return tuple((measure, one) for measure, one in found if measure.directive is not None)


def is_owed(state: State) -> bool:
    """Whether stops of the case may not stand yet: it is approved and has not gone out."""
    return state.status == CaseStatus.NOTICE_READY and bool(stops_of(state))


def _said(step: DecideMeasures) -> dict[str, str | None]:
    told = {f"information/{n}/text": one.text for n, one in enumerate(step.information)}
    return {f"measures/{n}/what": one.what for n, one in enumerate(step.measures)} | told


def _outcome_defects(step: DecideMeasures, state: State) -> Iterator[Defect]:
    application = state.application
    allowed = outcomes_of(application.kind)
    if step.outcome not in allowed:
        yield Defect("/outcome", "SCHEMA", f"give one of {', '.join(allowed)}")
        return
    outcome = OUTCOMES[step.outcome]
    known = measures_of(application.kind, application.arrived_on)
    is_asked = any(
        application.kind in known[one.measure].answers
        for one in step.measures
        if one.measure in known
    )
    if known and (is_asked, bool(step.measures)) != (outcome.asked, outcome.any):
        detail = "the measures are not those of this outcome"
        yield Defect("/measures", "OUTCOME_AND_MEASURES", detail)
    if outcome.reasoned and not (step.reason or "").strip():
        yield Defect("/reason", "REASON_MISSING", "a letter gives the reason (Art. 36)")


def _measure_defects(step: DecideMeasures, state: State, today: date) -> Iterator[Defect]:
    known = measures_of(state.application.kind, state.application.arrived_on)
    if not known:
        # `answer_defects` says that there are none.
        return
    person = state.person
    seen: set[tuple[str, str | None]] = set()
    for n, one in enumerate(step.measures):
        place = f"/measures/{n}"
        measure = known.get(one.measure)
        if measure is None:
            detail = f"give one of {', '.join(known)}"
            yield Defect(f"{place}/measure", "MEASURE_UNKNOWN", detail)
            continue
        if (one.measure, one.counterparty_party_id) in seen:
            yield Defect(f"{place}/measure", "MEASURE_TWICE", "name each measure once")
        seen.add((one.measure, one.counterparty_party_id))
        if measure.directive is not None and (person is None or not person.identifiers):
            detail = "a stop is of a person: name an identifier"
            yield Defect(f"{place}/measure", "MEASURE_OF_NOBODY", detail)
        if measure.directive is None and one.counterparty_party_id is not None:
            detail = "only a stop of provision can be towards one party"
            yield Defect(f"{place}/counterparty_party_id", "PARTY_NOT_OF_A_STOP", detail)
        is_told = bool((one.what or "").strip())
        if not is_told and (measure.worded or one.counterparty_party_id is not None):
            yield Defect(f"{place}/what", "WHAT_MISSING", "say it in words: the letter does")
        # The letter tells what was done; the law knows no measure before the request.
        yield from future(f"{place}/from_day", one.from_day, today)
        if one.from_day < state.application.arrived_on:
            detail = "a measure follows the request"
            yield Defect(f"{place}/from_day", "BEFORE_THE_REQUEST", detail)
