"""What a decision on a request without a search tells, and on what grounds it does not.

Source: Act Art. 28(3), 32(2)(3), 34(2)(3), 36; Rule 18(3) to (5).
"""

from collections.abc import Collection, Iterator, Sequence

from ledger.cases.events.intake import Application
from ledger.cases.measure_steps import DecideMeasures
from ledger.errors import Defect
from ledger.law.answers import grounds_of, items_of
from ledger.law.requests import OUTCOMES, measures_of, outcomes_of

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
    told = [one.text is not None for one in step.information]
    outcome = OUTCOMES[step.outcome]
    is_enough = any(told) if outcome.reasoned else all(told)
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
