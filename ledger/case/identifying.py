"""Who the person is, and which records there are: what may not be so on a search.

Source: Act Art. 33(5); the published procedure.
"""

from collections.abc import Iterator, Sequence

from ledger.case.content import records_digest
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
            was tried; `NAME_DIFFERS`, `NOTHING_DIFFERS` (see `name_defects`); `MY_NUMBER_SHOWN`.
    """
    defects = [
        *my_number_defects(step.evidence, "/evidence"),
        *my_number_defects(step.not_the_person or "", "/not_the_person"),
        *name_defects(step.names_differ, step.name_differs_because),
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
        step.name_differs_because,
    )


def name_defects(names_differ: Sequence[int], because: str | None) -> Iterator[Defect]:
    """What is wrong when records name somebody else than the form does, and nobody says why.

    The commonest cause is a wrong digit, and then a stranger's history would go out. A reason
    without a difference belongs to another identifier or another case; it would stand in the file
    as if somebody had compared. Both are told by what is left after exclusion alone.

    Args:
        names_differ: places of the identifiers.
    """
    yield from my_number_defects(because or "", "/name_differs_because")
    if names_differ and not (because or "").strip():
        detail = (
            "its records name somebody else than the form does: compare it with the form digit by"
            " digit; if it is the person's all the same, say why the name differs"
        )
        for place in names_differ:
            yield Defect(f"/identifiers/{place}", "NAME_DIFFERS", detail)
    if not names_differ and because is not None:
        detail = "no record that is found bears another name than the form: leave the reason out"
        yield Defect("/name_differs_because", "NOTHING_DIFFERS", detail)


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
