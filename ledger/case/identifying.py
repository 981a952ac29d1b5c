"""Who the person is, and which records there are: what may not be so on a search.

Source: Act Art. 33(5); the published procedure.
"""

from collections.abc import Iterator

from ledger.case.content import records_digest
from ledger.case.naming import name_defects, names_differ
from ledger.case.state import State
from ledger.case.steps import IdentifyRecords
from ledger.errors import Defect, MalformedError
from ledger.events.case import CaseRecordsIdentified
from ledger.policies.my_number import my_number_defects

SCHEMES_TRIED_MIN = 2
"""Kinds of identifiers that were searched for before it may be said that nobody was found."""


def identify(step: IdentifyRecords, state: State, head: int) -> CaseRecordsIdentified:
    """Return the event that says who the person is, and which records there are.

    Args:
        head: the last position of the ledger.

    Raises:
        MalformedError: `POSITION_BEYOND_HEAD`; `SEARCH_TOO_OLD`, from before the verification or
            the reopening; `RECORD_TWICE`; `RECORDS_OF_NOBODY`; `FORM_IDENTIFIER_LEFT_OUT`, the form
            names one that was not searched for; `TOO_FEW_TRIED`, nobody was found and not enough
            was tried; what `name_defects` yields of the names; `MY_NUMBER_SHOWN`.
    """
    defects = [
        *my_number_defects(step.evidence, "/evidence"),
        *my_number_defects(step.not_the_person or "", "/not_the_person"),
        *name_defects(step.identifiers, step.names),
        *_twice(step),
        *_left_out(step, state),
    ]
    if step.as_of > head:
        detail = "no search is made beyond the end of the ledger"
        defects.append(Defect("/as_of", "POSITION_BEYOND_HEAD", detail))
    if step.as_of < state.searchable_from:
        detail = "a search is made after the verification, and after a reopening"
        defects.append(Defect("/as_of", "SEARCH_TOO_OLD", detail))
    if not step.identifiers:
        if step.provided or step.received:
            detail = "records are of a person: name an identifier"
            defects.append(Defect("/identifiers", "RECORDS_OF_NOBODY", detail))
        if len({one.scheme for one in step.tried}) < SCHEMES_TRIED_MIN:
            detail = f"search by {SCHEMES_TRIED_MIN} kinds of identifiers before giving up"
            defects.append(Defect("/tried", "TOO_FEW_TRIED", detail))
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
    )


def _left_out(step: IdentifyRecords, state: State) -> Iterator[Defect]:
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
