"""What is done about a request that no record answers: who it is about, which measures are taken.

Of a request to stop or to erase, records are looked at for the names in them alone, and none is
destroyed: those of provisions stay through their period. The other kinds look at none.

Source: Act Art. 28(3), 32(2)(3), 34, 35(1) to (7), 36; 29(2), 30(4).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from ledger.cases.events.intake import Application
from ledger.cases.events.measures import CaseMeasure, CaseMeasuresDecided, CasePersonIdentified
from ledger.cases.identification import person_defects
from ledger.cases.intake import future
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.name_differences import name_checks, names_differ
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.errors import Defect, MalformedError
from ledger.law.answers import grounds_of, items_of
from ledger.law.requests import OUTCOMES, Measure, measures_of, measures_on, outcomes_of
from ledger.policies.my_number import my_number_defects

_NOT_OF_THIS_KIND = "NOT_OF_THIS_KIND"


def answer_defects(step: DecideMeasures, application: Application) -> Iterator[Defect]:
    """The defects of the grounds and of the information of a decision.

    Yields:
        `NOT_OF_THIS_KIND`, such a request has none of that member; `GROUND_UNKNOWN`,
        `GROUND_TWICE`; `OUTCOME_AND_GROUNDS`: what is not done in full has one at least, and what
        is done in full none; `ITEM_UNKNOWN`, `ITEM_TWICE`;
        `OUTCOME_AND_INFORMATION`: what is done in full tells every item, in part one at least,
        what is not done none; `WHAT_MISSING`.
    """
    kind, day = application.kind, application.arrived_on
    parts = (
        ("measures", step.measures, measures_of(kind, day)),
        ("grounds", step.grounds, grounds_of(kind, day)),
        ("information", step.information, items_of(kind, day)),
    )
    for name, given, known in parts:
        if given and not known:
            detail = f"such a request is decided without {name}"
            yield Defect(f"/{name}", _NOT_OF_THIS_KIND, detail)
    if step.outcome not in outcomes_of(kind):
        return
    if grounds_of(kind, day):
        yield from _ground_defects(step, application)
    if items_of(kind, day):
        yield from _item_defects(step, application)


def _ground_defects(step: DecideMeasures, application: Application) -> Iterator[Defect]:
    known = grounds_of(application.kind, application.arrived_on)
    yield from _code_defects("grounds", "GROUND", step.grounds, known)
    outcome = OUTCOMES[step.outcome]
    if bool(step.grounds) != outcome.reasoned:
        detail = "what is not done in full is not done on a ground of the law"
        yield Defect("/grounds", "OUTCOME_AND_GROUNDS", detail)
    is_whole = any(known[code].whole for code in step.grounds if code in known)
    if is_whole and (outcome.any or len(step.grounds) > 1):
        detail = "on this ground nothing is done, and there is no other one"
        yield Defect("/grounds", "OUTCOME_AND_GROUNDS", detail)


def _item_defects(step: DecideMeasures, application: Application) -> Iterator[Defect]:
    known = items_of(application.kind, application.arrived_on)
    given = [one.item for one in step.information]
    yield from _code_defects("information", "ITEM", given, known, "/item")
    has_text = [one.text is not None for one in step.information]
    outcome = OUTCOMES[step.outcome]
    is_enough = any(has_text) if outcome.reasoned else all(has_text)
    fits = set(given) == set(known) and is_enough if outcome.any else not given
    if not fits:
        detail = "tell or withhold each item as this outcome says"
        yield Defect("/information", "OUTCOME_AND_INFORMATION", detail)
    for n, one in enumerate(step.information):
        if one.text is not None and not one.text.strip():
            yield Defect(f"/information/{n}/text", "WHAT_MISSING", "say it in words")


def _code_defects(
    name: str, word: str, given: Sequence[str], known: Collection[str], part: str = ""
) -> Iterator[Defect]:
    """The defects of codes that there are not, or that stand there twice."""
    for n, code in enumerate(given):
        place = f"/{name}/{n}{part}"
        if code not in known:
            yield Defect(place, f"{word}_UNKNOWN", f"give one of {', '.join(known)}")
        elif code in given[:n]:
            yield Defect(place, f"{word}_TWICE", "name each once")


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
    texts = {"reason": step.reason, **_letter_texts(step)}
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


def stops_of(state: State) -> tuple[tuple[Measure, CaseMeasure], ...]:
    """The stops that the approved decision is: from the approval on they have to stand.

    None before an approval, and none once it was taken back.
    """
    return () if state.approved_on is None else _decided(state)


def stops_in_letter(state: State) -> frozenset[tuple[str, str | None]]:
    """The stops that the decision's letter tells: kind, and the party it is towards."""
    found = ((measure.directive, one.counterparty_party_id) for measure, one in _decided(state))
    return frozenset((kind, party) for kind, party in found if kind is not None)


def _decided(state: State) -> tuple[tuple[Measure, CaseMeasure], ...]:
    decision = state.decision
    if not isinstance(decision, CaseMeasuresDecided):
        return ()
    known = measures_on(state.application.arrived_on)
    found = ((known[one.measure], one) for one in decision.measures)
    return tuple((measure, one) for measure, one in found if measure.directive is not None)


def is_owed(state: State) -> bool:
    """Whether stops of the case may not stand yet: it is approved and has not gone out."""
    return state.status == CaseStatus.NOTICE_READY and bool(stops_of(state))


def _letter_texts(step: DecideMeasures) -> dict[str, str | None]:
    item_texts = {f"information/{n}/text": one.text for n, one in enumerate(step.information)}
    return {f"measures/{n}/what": one.what for n, one in enumerate(step.measures)} | item_texts


def _outcome_defects(step: DecideMeasures, state: State) -> Iterator[Defect]:
    application = state.application
    allowed = outcomes_of(application.kind)
    if step.outcome not in allowed:
        yield Defect("/outcome", "SCHEMA", f"give one of {', '.join(allowed)}")
        return
    outcome = OUTCOMES[step.outcome]
    known = measures_of(application.kind, application.arrived_on)
    is_requested = any(
        application.kind in known[one.measure].answers
        for one in step.measures
        if one.measure in known
    )
    if known and (is_requested, bool(step.measures)) != (outcome.requested, outcome.any):
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
        is_described = bool((one.what or "").strip())
        if not is_described and (measure.worded or one.counterparty_party_id is not None):
            yield Defect(f"{place}/what", "WHAT_MISSING", "say it in words: the letter does")
        # The letter tells what was done; the law knows no measure before the request.
        yield from future(f"{place}/from_day", one.from_day, today)
        if one.from_day < state.application.arrived_on:
            detail = "a measure follows the request"
            yield Defect(f"{place}/from_day", "BEFORE_THE_REQUEST", detail)
