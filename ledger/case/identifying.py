"""Who the person is, and which records there are: what may not be so on a search.

Source: Act Art. 33(5); the published procedure.
"""

from collections.abc import Iterator

from ledger.case.content import records_digest
from ledger.case.measuring import IdentifyPerson
from ledger.case.naming import name_checks, name_defects, names_differ
from ledger.case.state import State
from ledger.case.steps import IdentifyRecords, Status
from ledger.errors import Defect, MalformedError
from ledger.events.case import CaseRecordsIdentified
from ledger.policies.my_number import my_number_defects
from ledger.policies.naming import UNNAMED

SCHEMES_TRIED_MIN = 2
"""Kinds of identifiers that were searched for before it may be said that nobody was found."""
NAMES_NOT_COMPARED = "NAMES_NOT_COMPARED"
WARNINGS = (NAMES_NOT_COMPARED,)
"""What is on its way rests on an identifier whose records bear no name (氏名未照合)."""
_UNANSWERED = frozenset(
    {Status.REVIEW, Status.DECIDED, Status.SUBMITTED, Status.SENT_BACK, Status.NOTICE_READY}
)


def identify(step: IdentifyRecords, state: State, head: int) -> CaseRecordsIdentified:
    """Return the event that says who the person is, and which records there are.

    Args:
        head: the last position of the ledger.

    Raises:
        MalformedError: `POSITION_BEYOND_HEAD`; `SEARCH_TOO_OLD`, from before the verification or
            the reopening; `RECORD_TWICE`; `RECORDS_OF_NOBODY`; what `person_defects` yields.
    """
    defects = [*person_defects(step, state), *_twice(step)]
    if step.as_of > head:
        detail = "no search is made beyond the end of the ledger"
        defects.append(Defect("/as_of", "POSITION_BEYOND_HEAD", detail))
    if step.as_of < state.searchable_from:
        detail = "a search is made after the verification, and after a reopening"
        defects.append(Defect("/as_of", "SEARCH_TOO_OLD", detail))
    if not step.identifiers and (step.provided or step.received):
        detail = "records are of a person: name an identifier"
        defects.append(Defect("/identifiers", "RECORDS_OF_NOBODY", detail))
    if defects:
        raise MalformedError(tuple(defects))
    return CaseRecordsIdentified(
        step.as_of,
        step.identifiers,
        step.tried,
        step.evidence,
        len(step.provided),
        len(step.received),
        records_digest(step.provided, step.received),
        step.not_the_person,
        names_differ(step.identifiers, step.names),
        name_checks(step.names),
    )


def person_defects(step: IdentifyRecords | IdentifyPerson, state: State) -> Iterator[Defect]:
    """What may not be so on who the person is, whatever is asked for: records, or a stop.

    Yields:
        `FORM_IDENTIFIER_LEFT_OUT`, the form names one that was not searched for; `TOO_FEW_TRIED`,
        nobody was found and not enough was tried; what `name_defects` yields of the names;
        `MY_NUMBER_SHOWN`.
    """
    yield from my_number_defects(step.evidence, "/evidence")
    yield from my_number_defects(step.not_the_person or "", "/not_the_person")
    yield from name_defects(step.identifiers, step.names)
    yield from _left_out(step, state)
    if not step.identifiers and len({one.scheme for one in step.tried}) < SCHEMES_TRIED_MIN:
        detail = f"search by {SCHEMES_TRIED_MIN} kinds of identifiers before giving up"
        yield Defect("/tried", "TOO_FEW_TRIED", detail)


def warnings(state: State) -> tuple[str, ...]:
    """What whoever approves an answer on its way has to know: those of `WARNINGS`.

    Of whom there is no record nothing is said, so there is nothing to warn of; so the warning is
    the same of a person whose records are all excluded.
    """
    found = state.search or state.person
    checks = (found and found.name_checks) or ()
    is_on_its_way = state.status in _UNANSWERED and not state.is_refusal
    return (NAMES_NOT_COMPARED,) if is_on_its_way and UNNAMED in checks else ()


def _left_out(step: IdentifyRecords | IdentifyPerson, state: State) -> Iterator[Defect]:
    """Each identifier of the form that the search passed over; places are the form's."""
    searched = {(one.scheme, one.id) for one in (*step.identifiers, *step.tried)}
    for n, one in enumerate(state.application.identifiers):
        if (one.scheme, one.id) not in searched:
            detail = "the form names it: it is the person's, or it was tried"
            yield Defect(f"/application/identifiers/{n}", "FORM_IDENTIFIER_LEFT_OUT", detail)


def _twice(step: IdentifyRecords) -> Iterator[Defect]:
    records = (*step.provided, *step.received)
    if len(set(records)) != len(records):
        yield Defect("/provided", "RECORD_TWICE", "each record stands on one side, once")
