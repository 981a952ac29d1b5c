"""What is submitted, approved by a second person, and goes out.

Source: Act Art. 33(2)(5); the published procedure.
"""

import re
from collections.abc import Iterator
from datetime import date

from ledger.cases.content import content_of, documents_digest
from ledger.cases.events.case import CaseApproved, CaseDispatched, CaseSubmitted, ReplyStored
from ledger.cases.events.reply import AnswerCommitted, CasePasswordPosted, PasswordPosted
from ledger.cases.intake import future
from ledger.cases.papers import identity_request
from ledger.cases.refusals import CameOfAgeError, StaleApprovalError
from ledger.cases.state import State
from ledger.cases.steps import Approve, Dispatch, PostPassword, RenderedHashes, Submit
from ledger.clock import day_in_japan
from ledger.errors import AlreadyActiveError, Defect, MalformedError, SeparationOfDutiesError
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.verdict import dispatch_on

_HASH_BYTES = 32
PIECE_BYTES_MAX = 16 * 1024 * 1024 - 4
"""Bytes of one attachment of an event: 16 MiB with its length (event format, section 2)."""
PIECES_MAX = 8
"""Attachments of one event. Source: event format, section 1."""
ITEM_NUMBER = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{5}-?[0-9]")
"""引受番号 of a 簡易書留 as the post prints it: 11 digits, with or without its hyphens."""
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4}")


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


def approve(
    step: Approve, state: State, procedure: Procedure, actors: frozenset[str]
) -> CaseApproved:
    """Return the event of the approval.

    Args:
        actors: all that are the person who approves.

    Raises:
        SeparationOfDutiesError: the person prepared what is to be approved.
        StaleApprovalError: it is not any more what was submitted, or the documents are others.
    """
    if not actors.isdisjoint(state.step_actors.preparers(procedure.readings.preparers)):
        raise SeparationOfDutiesError
    content = _same(step.rendered, state)
    if documents_digest(step.documents) != step.rendered.letter:
        raise StaleApprovalError
    return CaseApproved(content, step.sheets)


def dispatch(step: Dispatch, state: State, today: date) -> CaseDispatched:
    """Return the event of the dispatch of what is kept since its approval.

    Raises:
        StaleApprovalError: the records are others by now, or its search is from before an end that
            was undone, and it is not in the post already; or its documents are not kept.
        CameOfAgeError: a minor's representative would receive it, and there is no minor.
        MalformedError: a day of the future or before the approval, no sheet;
            `AFTER_THE_RESUMPTION`, a mistaken end was undone, and since then it does not go out;
            `ITEM_NUMBER_MALFORMED`, no number that the post gives to a registered item;
            `ITEM_NUMBER_TWICE`, the password would lie in the envelope of what it opens.
    """
    assert state.approved_on is not None, "the status says that it is approved"
    assert state.submission is not None, "the status says that it was submitted"
    content = state.submission.content
    is_same = step.rendered is not None and _is_same(step.rendered, state)
    is_current = is_same and state.revived is None
    if content not in state.kept or not (is_current or step.already_posted):
        raise StaleApprovalError
    sheets = (state.sheets or 0) if step.sheets is None else step.sheets
    defects = [*_item_defects("", step, state, today)]
    if step.password_letter is not None:
        defects += _item_defects("/password_letter", step.password_letter, state, today)
        other = step.password_letter.item_number
        defects += _twice("/password_letter", other, step.item_number)
    if sheets < 1:
        defects.append(Defect("/sheets", "SCHEMA", "count the sheets, at least one"))
    if defects:
        raise MalformedError(tuple(defects))
    if dispatch_on(identity_request(state, today), step.dispatched_on) == "hold":
        raise CameOfAgeError
    changed_since = None if is_same else True
    return CaseDispatched(
        content,
        step.dispatched_on,
        step.item_number,
        sheets,
        changed_since,
        step.password_letter,
    )


def post_password(step: PostPassword, state: State, today: date) -> CasePasswordPosted:
    """Return the event of the letter with the password, of the newest reply.

    Raises:
        AlreadyStandsError: its item is on record.
        MalformedError: a day of the future or before the approval (before the letter's own date,
            where the approval stands no more);
            `ITEM_NUMBER_MALFORMED`, `ITEM_NUMBER_TWICE` as at the dispatch.
    """
    reply = state.replies[-1]
    if reply.password_letter is not None:
        raise AlreadyActiveError
    defects = [*_item_defects("", step, state, today, day_in_japan(reply.lettered_at))]
    defects += _twice("", step.item_number, reply.item_number)
    if defects:
        raise MalformedError(tuple(defects))
    return CasePasswordPosted(step.dispatched_on, step.item_number)


def _twice(place: str, number: str, of_reply: str) -> Iterator[Defect]:
    if _digits(number) == _digits(of_reply):
        detail = "the password goes by a post of its own: give the number of its item"
        yield Defect(f"{place}/item_number", "ITEM_NUMBER_TWICE", detail)


def _item_defects(
    place: str,
    item: Dispatch | PasswordPosted | PostPassword,
    state: State,
    today: date,
    lettered_on: date | None = None,
) -> Iterator[Defect]:
    """The defects of the day and the number of one registered item.

    Args:
        lettered_on: the day of the letter, where the approval stands no more.
    """
    first, last = state.approved_on or lettered_on, state.posted_until
    day = item.dispatched_on
    pointer = f"{place}/dispatched_on"
    yield from future(pointer, day, today)
    if first is not None and day < first:
        yield Defect(pointer, "BEFORE_THE_APPROVAL", "nothing goes out before its approval")
    if last is not None and day > last:
        detail = f"a mistaken end was undone on {last}: what is in the post left by that day"
        yield Defect(pointer, "AFTER_THE_RESUMPTION", detail)
    if not ITEM_NUMBER.fullmatch(item.item_number):
        detail = "give the 11 digits of the registered item, as 123-45-67890-1"
        yield Defect(f"{place}/item_number", "ITEM_NUMBER_MALFORMED", detail)


def _digits(item_number: str) -> str:
    """The number without its hyphens."""
    return item_number.replace("-", "")


def store_reply(
    step: Approve, state: State, content: bytes
) -> tuple[ReplyStored | AnswerCommitted, ...]:
    """The events that keep what is approved, and bind what it tells; none when it is kept."""
    if content in state.kept:
        return ()
    pieces = [
        (name, document[at : at + PIECE_BYTES_MAX])
        for name, document in sorted(step.documents.items())
        for at in range(0, len(document), PIECE_BYTES_MAX)
    ]
    parts = [pieces[at : at + PIECES_MAX] for at in range(0, len(pieces), PIECES_MAX)]
    stored = (
        ReplyStored(
            content,
            number,
            len(parts),
            tuple(name for name, _ in part),
            tuple(piece for _, piece in part),
        )
        for number, part in enumerate(parts, 1)
    )
    answer = step.answer
    if answer is None:
        return tuple(stored)
    return (*stored, AnswerCommitted(answer.as_of, answer.value, content, answer.salt))


def _same(rendered: RenderedHashes, state: State) -> bytes:
    """The content that stands, if it is what `rendered` gives."""
    if not _is_same(rendered, state):
        raise StaleApprovalError
    assert state.submission is not None, "it is the same as what was submitted"
    return state.submission.content


def _is_same(rendered: RenderedHashes, state: State) -> bool:
    assert state.submission is not None, "the status says that it was submitted"
    code, content = state.submission.verification_code, state.submission.content
    return content_of(state, rendered, code) == content


def _rendered_defects(rendered: RenderedHashes) -> Iterator[Defect]:
    for name, value in (("rows", rendered.rows), ("letter", rendered.letter)):
        if len(value) != _HASH_BYTES:
            yield Defect(f"/rendered/{name}", "SCHEMA", "32 bytes")
