"""The decision on each record: disclosed, or withheld on a ground and with a reason.

Source: Act Art. 33(2)(3); guideline 3-8-2, 3-8-3.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from ledger.cases.content import records_digest
from ledger.cases.events.case import CaseDecided, WithheldPart
from ledger.cases.medium import is_all_on_paper, medium_defects
from ledger.cases.namesakes import is_by_name
from ledger.cases.points import NOT_EXIST, answered, existence_defects, point_defects
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.state import State
from ledger.cases.steps import Decide
from ledger.errors import Defect, MalformedError
from ledger.law.items import STATUTORY_ITEMS
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.version import Procedure

GROUND_II = "ART33_2_II"


def decide(step: Decide, state: State, procedure: Procedure, today: date) -> CaseDecided:
    """Return the event of the decision: every record disclosed or withheld, none left over.

    Raises:
        StaleApprovalError: the records are not the ones that were identified.
        MalformedError: `RECORD_UNKNOWN`; `RECORD_TWICE`, on one ground an item again, or a record
            as a whole and an item of it; `GROUND_NOT_ALLOWED`; `REASON_MISSING`; `CAUSE_UNKNOWN`,
            none of those of the ground; `GROUND_II_ALONE`, nothing but a confidentiality clause or
            volume is behind ground ii; `NAMES_NOT_SEARCHED`, nothing is found and nobody has
            searched by a name; what `medium_defects`, `point_defects` and, where nothing is
            found, `existence_defects` name.
    """
    search = state.search
    assert search is not None, "the status says that records were identified"
    if records_digest(step.provided, step.received) != search.digest:
        raise StaleApprovalError
    records = {*step.provided, *step.received}
    medium = step.medium or state.application.medium or procedure.readings.unstated_medium
    defects = [
        *_withheld_defects(step.withheld, records, state, procedure),
        *medium_defects(step, medium, state, today),
        *point_defects(step.points, step.answers),
    ]
    if not records:
        defects += existence_defects(step.points, step.answers)
    if not records and not is_by_name(search):
        detail = (
            "search once more, by a name with a letter in it: the names of the application are"
            " searched for with it, and `former_names`"
        )
        defects.append(Defect("", "NAMES_NOT_SEARCHED", detail))
    if defects:
        raise MalformedError(tuple(defects))
    named = {one.record for one in step.withheld}
    whole = len({one.record for one in step.withheld if not one.items} | (named & {*step.emptied}))
    return CaseDecided(
        search.as_of,
        _outcome(len(records), len(named), whole),
        step.withheld,
        len(records) - whole,
        medium,
        step.medium_reason,
        step.medium_agreement,
        is_all_on_paper(medium, len(records) - whole),
        points=answered(step.points, step.answers),
    )


def _outcome(records: int, withheld: int, whole: int) -> str:
    if not records:
        return NOT_EXIST
    if not withheld:
        return "full_disclosure"
    return "non_disclosure" if whole == records else "partial_disclosure"


def _withheld_defects(
    withheld: Sequence[WithheldPart], records: Collection[UUID], state: State, procedure: Procedure
) -> Iterator[Defect]:
    day = state.application.arrived_on
    # Ground iii and the others that lead to a partial or a non-disclosure; not identity, not form.
    allowed = {
        one.code
        for one in procedure.grounds
        if one.span.covers(max(day, procedure.effective_from)) and "non_disclosure" in one.decisions
    }
    never_alone = set(procedure.readings.never_ground_ii_alone)
    seen: dict[tuple[UUID, str], list[frozenset[str]]] = {}
    for n, one in enumerate(withheld):
        place = f"/withheld/{n}"
        if one.record not in records:
            yield Defect(f"{place}/record", "RECORD_UNKNOWN", "name a record that was identified")
        # Several grounds may apply to one record, and one ground to its items for several reasons.
        items, earlier = frozenset(one.items), seen.setdefault((one.record, one.ground), [])
        if any(map(partial(_overlaps, items), earlier)):
            detail = "on one ground, withhold a record once, or each item of it once"
            yield Defect(f"{place}/record", "RECORD_TWICE", detail)
        earlier.append(items)
        if one.ground not in allowed:
            detail = f"give one of {', '.join(sorted(allowed))}"
            yield Defect(f"{place}/ground", "GROUND_NOT_ALLOWED", detail)
        if not one.reason.strip():
            yield Defect(f"{place}/reason", "REASON_MISSING", "a letter gives the reason")
        yield from _cause_defects(one, place)
        if one.ground == GROUND_II and never_alone.issuperset(one.causes):
            detail = "neither a confidentiality clause nor volume is a hindrance by itself"
            yield Defect(f"{place}/causes", "GROUND_II_ALONE", detail)


def _overlaps(items: frozenset[str], other: frozenset[str]) -> bool:
    """Whether something is in both; no item is the whole record, `ITEMS` every name of data."""
    if not items or not other or items & other:
        return True
    names, others = items - STATUTORY_ITEMS.keys(), other - STATUTORY_ITEMS.keys()
    return ("ITEMS" in items and bool(others)) or ("ITEMS" in other and bool(names))


def _cause_defects(one: WithheldPart, place: str) -> Iterator[Defect]:
    known = CAUSES.get(one.ground)
    if known is None:
        return  # The ground itself is refused.
    for m, cause in enumerate(one.causes):
        if cause not in known:
            detail = f"give one of {', '.join(known)}"
            yield Defect(f"{place}/causes/{m}", "CAUSE_UNKNOWN", detail)
