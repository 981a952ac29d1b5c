"""By which letter the person is told of what stands, when a case ends.

A stop stands with its approval, so it may stand while the letter that tells it came back, and the
person has an older letter in hand that says otherwise.

Source: Act Art. 35(7).
"""

from ledger.cases.dispatched_replies import Reply
from ledger.cases.events.case import CaseClosed, CaseWithdrawn
from ledger.cases.state import State
from ledger.cases.steps import ON_ITS_WAY
from ledger.policies.identifiers import says_something

TRIES_MIN = 2
"""Letters that came back before a case is closed although the person has an older one in hand."""


def telling(state: State, end: CaseClosed | CaseWithdrawn) -> tuple[Reply, ...] | None:
    """The letters that each tell every stop that stands, or the case does not end so.

    That is the one that the person has in hand. Nobody who withdraws is out of reach, so without
    such a letter nothing is told. At a closing it is the newest where every letter came back; and
    where those after the one in hand came back, two at least, and a note says what was tried (a
    dot or なし says nothing), they are these two: who cannot be reached keeps the stop, and the
    case ends.

    Returns:
        None: the newest letter is on its way, or came back and no other is in hand. An empty tuple:
            no letter tells anything.
    """
    held = state.held
    if isinstance(end, CaseWithdrawn):
        return () if held is None else (held,)
    newest = state.replies[-1:]
    is_as_sent = state.status in ON_ITS_WAY and state.submission is not None
    if held is None:
        return None if is_as_sent else newest
    if is_as_sent and (held,) == newest:
        return None
    came_back = [one for one in state.replies if one.position > held.position]
    is_said = says_something(end.note or "")
    if len(came_back) >= TRIES_MIN and is_said:
        return tuple(came_back[-TRIES_MIN:])
    return (held,)
