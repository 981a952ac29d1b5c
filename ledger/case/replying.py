"""The records, the decision on each of them, and what is approved and goes out.

Source: Act Art. 33(2)(3)(5); guideline 3-8-2, 3-8-3.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from uuid import UUID

from ledger.case.content import content_of, documents_digest, records_digest
from ledger.case.intake import future
from ledger.case.medium import medium_defects
from ledger.case.papers import identity_request
from ledger.case.refusals import CameOfAgeError, StaleApprovalError
from ledger.case.state import State
from ledger.case.steps import Approve, Decide, Dispatch, IdentifyRecords, Rendered, Submit
from ledger.errors import Defect, MalformedError, SeparationOfDutiesError
from ledger.events.case import (
    CaseApproved,
    CaseDecided,
    CaseDispatched,
    CaseRecordsIdentified,
    CaseSubmitted,
    ReplyStored,
    Withholding,
)
from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.deciding import dispatch_on
from ledger.policies.my_number import my_number_defects

SCHEMES_TRIED_MIN = 2
"""Kinds of identifiers that were searched for before it may be said that nobody was found."""

GROUND_II = "ART33_2_II"
_HASH_BYTES = 32
PIECE_BYTES_MAX = 16 * 1024 * 1024 - 4
"""Bytes of one attachment of an event: 16 MiB with its length (event format, section 2)."""
PIECES_MAX = 8
"""Attachments of one event. Source: event format, section 1."""
ITEM_NUMBER = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{5}-?[0-9]")
"""引受番号 of a 簡易書留 as the post prints it: 11 digits, with or without its hyphens."""
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4}")


def identify(step: IdentifyRecords, state: State, head: int) -> CaseRecordsIdentified:
    """Return the event that says who the person is, and which records there are.

    Args:
        head: the last position of the ledger.

    Raises:
        MalformedError: `POSITION_BEYOND_HEAD`; `SEARCH_TOO_OLD`, from before the verification or
            the reopening; `RECORD_TWICE`; `RECORDS_OF_NOBODY`; `FORM_IDENTIFIER_LEFT_OUT`, the form
            names one that was not searched for; `TOO_FEW_TRIED`, nobody was found and not enough
            was tried.
    """
    defects = [
        *my_number_defects(step.evidence, "/evidence"),
        *my_number_defects(step.not_the_person or "", "/not_the_person"),
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


def decide(step: Decide, state: State, procedure: Procedure) -> CaseDecided:
    """Return the event of the decision: every record disclosed or withheld, none left over.

    Raises:
        StaleApprovalError: the records are not the ones that were identified.
        MalformedError: `RECORD_UNKNOWN`, `RECORD_TWICE`; `GROUND_NOT_ALLOWED`; `REASON_MISSING`;
            `CAUSE_UNKNOWN`, none of those of the ground; `GROUND_II_ALONE`, nothing but a
            confidentiality clause or volume is behind ground ii; what `medium_defects` names.
    """
    search = state.search
    assert search is not None, "the status says that records were identified"
    if records_digest(step.provided, step.received) != search.digest:
        raise StaleApprovalError
    records = {*step.provided, *step.received}
    medium = step.medium or state.application.medium or procedure.readings.unstated_medium
    defects = [
        *_withheld_defects(step.withheld, records, state, procedure),
        *medium_defects(medium, step.medium_reason, state.application.medium),
    ]
    if defects:
        raise MalformedError(tuple(defects))
    whole = sum(1 for one in step.withheld if not one.items)
    return CaseDecided(
        search.as_of,
        _outcome(len(records), len(step.withheld), whole),
        step.withheld,
        len(records) - whole,
        medium,
        step.medium_reason,
    )


def _outcome(records: int, withheld: int, whole: int) -> str:
    if not records:
        return "not_exist"
    if not withheld:
        return "full_disclosure"
    return "non_disclosure" if whole == records else "partial_disclosure"


def _withheld_defects(
    withheld: Sequence[Withholding], records: Collection[UUID], state: State, procedure: Procedure
) -> Iterator[Defect]:
    day = state.application.arrived_on
    # Ground iii and the others that lead to a partial or a non-disclosure; not identity, not form.
    allowed = {
        one.code
        for one in procedure.grounds
        if one.span.covers(max(day, procedure.effective_from)) and "non_disclosure" in one.decisions
    }
    never_alone = set(procedure.readings.never_ground_ii_alone)
    seen: set[UUID] = set()
    for n, one in enumerate(withheld):
        place = f"/withheld/{n}"
        if one.record not in records:
            yield Defect(f"{place}/record", "RECORD_UNKNOWN", "name a record that was identified")
        if one.record in seen:
            yield Defect(f"{place}/record", "RECORD_TWICE", "decide once on each record")
        seen.add(one.record)
        if one.ground not in allowed:
            detail = f"give one of {', '.join(sorted(allowed))}"
            yield Defect(f"{place}/ground", "GROUND_NOT_ALLOWED", detail)
        if not one.reason.strip():
            yield Defect(f"{place}/reason", "REASON_MISSING", "a letter gives the reason")
        yield from _cause_defects(one, place)
        if one.ground == GROUND_II and never_alone.issuperset(one.causes):
            detail = "neither a confidentiality clause nor volume is a hindrance by itself"
            yield Defect(f"{place}/causes", "GROUND_II_ALONE", detail)


def _cause_defects(one: Withholding, place: str) -> Iterator[Defect]:
    known = CAUSES.get(one.ground)
    if known is None:
        return  # The ground itself is refused.
    for m, cause in enumerate(one.causes):
        if cause not in known:
            detail = f"give one of {', '.join(known)}"
            yield Defect(f"{place}/causes/{m}", "CAUSE_UNKNOWN", detail)


def submit(step: Submit, state: State) -> CaseSubmitted:
    """Return the event that asks another person to approve.

    Raises:
        MalformedError: the hashes or the code are none.
    """
    defects = [*_rendered_defects(step.rendered)]
    if not _CODE.fullmatch(step.verification_code):
        detail = "five groups of four of Crockford's base 32"
        defects.append(Defect("/verification_code", "SCHEMA", detail))
    if defects:
        raise MalformedError(tuple(defects))
    content = content_of(state, step.rendered, step.verification_code)
    return CaseSubmitted(content, step.verification_code)


def approve(step: Approve, state: State, actor: str) -> CaseApproved:
    """Return the event of the approval.

    Raises:
        SeparationOfDutiesError: the actor decided or submitted what is to be approved.
        StaleApprovalError: it is not any more what was submitted, or the documents are others.
    """
    if actor in state.preparers:
        raise SeparationOfDutiesError
    content = _same(step.rendered, state)
    if documents_digest(step.documents) != step.rendered.letter:
        raise StaleApprovalError
    return CaseApproved(content, step.sheets)


def dispatch(step: Dispatch, state: State, today: date) -> CaseDispatched:
    """Return the event of the dispatch of what is kept since its approval.

    Raises:
        StaleApprovalError: the records are others by now, and it is not in the post already; or
            its documents are not kept.
        CameOfAgeError: a minor's representative would receive it, and there is no minor.
        MalformedError: a day of the future or before the approval, no sheet;
            `ITEM_NUMBER_MALFORMED`, no number that the post gives to a registered item.
    """
    assert state.approved_on is not None, "the status says that it is approved"
    assert state.submission is not None, "the status says that it was submitted"
    content = state.submission.content
    is_same = step.rendered is not None and _is_same(step.rendered, state)
    if content not in state.kept or not (is_same or step.already_posted):
        raise StaleApprovalError
    sheets = (state.sheets or 0) if step.sheets is None else step.sheets
    defects = [*future("/dispatched_on", step.dispatched_on, today)]
    if step.dispatched_on < state.approved_on:
        detail = "nothing goes out before its approval"
        defects.append(Defect("/dispatched_on", "BEFORE_THE_APPROVAL", detail))
    if not ITEM_NUMBER.fullmatch(step.item_number):
        detail = "give the 11 digits of the registered item, as 123-45-67890-1"
        defects.append(Defect("/item_number", "ITEM_NUMBER_MALFORMED", detail))
    if sheets < 1:
        defects.append(Defect("/sheets", "SCHEMA", "count the sheets, at least one"))
    if defects:
        raise MalformedError(tuple(defects))
    if dispatch_on(identity_request(state, today), step.dispatched_on) == "hold":
        raise CameOfAgeError
    changed_since = None if is_same else True
    return CaseDispatched(content, step.dispatched_on, step.item_number, sheets, changed_since)


def kept(step: Approve, state: State, content: bytes) -> tuple[ReplyStored, ...]:
    """The events that keep what is approved, from which it is sent; none when it is kept."""
    if content in state.kept:
        return ()
    pieces = [
        (name, document[at : at + PIECE_BYTES_MAX])
        for name, document in sorted(step.documents.items())
        for at in range(0, len(document), PIECE_BYTES_MAX)
    ]
    parts = [pieces[at : at + PIECES_MAX] for at in range(0, len(pieces), PIECES_MAX)]
    return tuple(
        ReplyStored(
            content,
            number,
            len(parts),
            tuple(name for name, _ in part),
            tuple(piece for _, piece in part),
        )
        for number, part in enumerate(parts, 1)
    )


def _same(rendered: Rendered, state: State) -> bytes:
    """The content that stands, if it is what `rendered` gives."""
    if not _is_same(rendered, state):
        raise StaleApprovalError
    assert state.submission is not None, "it is the same as what was submitted"
    return state.submission.content


def _is_same(rendered: Rendered, state: State) -> bool:
    assert state.submission is not None, "the status says that it was submitted"
    code, content = state.submission.verification_code, state.submission.content
    return content_of(state, rendered, code) == content


def _rendered_defects(rendered: Rendered) -> Iterator[Defect]:
    for name, value in (("rows", rendered.rows), ("letter", rendered.letter)):
        if len(value) != _HASH_BYTES:
            yield Defect(f"/rendered/{name}", "SCHEMA", "32 bytes")
