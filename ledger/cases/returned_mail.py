"""A letter that the post brings back: which one it is, and what that leaves of its case."""

from dataclasses import replace
from datetime import date

from ledger.cases.dispatched_replies import Reply
from ledger.cases.events.reply import CaseReturned
from ledger.cases.intake import check_day
from ledger.cases.invalidation import undecided
from ledger.cases.mistakes import check_lives
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus, Return
from ledger.errors import Defect, MalformedError

RETURNED_FOR = ("not_collected", "unknown_address", "refused", "lost")
"""Why the person has no letter; what the post lost does not come back, and is as if it had."""
_CLOSED = frozenset({CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL})
_WITH_ITS_LETTER = (
    frozenset({CaseStatus.DISPATCHED, CaseStatus.DELIVERED, CaseStatus.RETURNED}) | _CLOSED
)
"""The newest letter is what the case stands decided on, or nothing is any more."""


def bring_back(step: Return, state: State, today: date) -> CaseReturned:
    """Return the event of a letter that came back. No letter comes back twice.

    Raises:
        MalformedError: no reason that there is; a day of the future or before that letter was
            posted; `REPLY_UNKNOWN`, no such letter went out; `REPLY_CAME_BACK`, it has come back
            already.
        CaseExpiringError: the key of the case dies today, or should have died.
    """
    check_lives(state, today)
    if step.reason not in RETURNED_FOR:
        detail = f"give one of {', '.join(RETURNED_FOR)}"
        raise MalformedError((Defect("/reason", "SCHEMA", detail),))
    sent = len(state.replies)
    number = sent if step.reply is None else step.reply
    if not 1 <= number <= sent:
        detail = f"{sent} went out: give the number of one of them"
        raise MalformedError((Defect("/reply", "REPLY_UNKNOWN", detail),))
    letter = state.replies[number - 1]
    if letter.returned is not None:
        detail = "it came back already: give the number of the letter that comes back now"
        raise MalformedError((Defect("/reply", "REPLY_CAME_BACK", detail),))
    check_day("returned_on", step.returned_on, letter.dispatched_on, today)
    return CaseReturned(step.returned_on, step.reason, None if number == sent else number)


def stays_closed(state: State, event: CaseReturned) -> bool:
    """Whether the case ends with the letter that the person has in hand: an older one came back."""
    return state.status in _CLOSED and _letter(state, event) != state.current_reply


def returned(state: State, event: CaseReturned) -> State:
    """The case with that letter back, wherever it stood.

    What came back was not delivered, also when that had been put down. Where it is the one that the
    person had in hand, the case is returned, and what was being prepared instead of it is void: it
    has not gone out, and the person may live elsewhere. Where a later one is in hand, that one
    answers the person, and the case is where it was.
    """
    came = _letter(state, event)
    back = replace(came, returned=event.reason, delivered_on=None)
    replies = tuple(back if one is came else one for one in state.replies)
    if came != state.current_reply:
        return replace(state, replies=replies)
    found = state if state.status in _WITH_ITS_LETTER else undecided(state)
    found = replace(found, status=CaseStatus.RETURNED, replies=replies)
    return replace(found, ended_at=None, ended_from=None)


def _letter(state: State, event: CaseReturned) -> Reply:
    return state.replies[(event.reply or len(state.replies)) - 1]
