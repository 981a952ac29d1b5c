"""Whether an approver has opened what waits for their approval: the look on record is the proof.

A mark in a form could be sent by anybody. The look is an event, and names the submission by what
stands for all that is approved: a look at an earlier submission proves nothing of a later one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from api.case_replies import Replies
from ledger.accesses.access import LETTER_PREVIEW
from ledger.cases.case import State
from ledger.cases.events.case import CaseSubmitted
from ledger.cases.refusals import NotOpenedError
from ledger.service import Ledger

_PATHS: Final = {"reply": "preview.pdf", "method": "letters/method.pdf"}
"""Document that goes out → the endpoint of a case where it is opened."""
_DIGITS: Final = 16
"""Of the content's hash in the name of what was opened: no two submissions of a case share them."""


def name_of(document: str, content: bytes) -> str:
    """What a look at a document of a submission is called: `reply-3f0a….pdf`."""
    return f"{document}-{content.hex()[:_DIGITS]}.pdf"


def opened_at(ledger: Ledger, state: State, actor: str, document: str = "reply") -> datetime | None:
    """When the actor first opened that document of the standing submission; None: they have not."""
    case_with_facts = ledger.case_with_facts(state.case)
    if state.submission is None or case_with_facts is None:
        return None
    submitted = [one.position for one in case_with_facts[1] if isinstance(one.event, CaseSubmitted)]
    name = name_of(document, state.submission.content)
    return ledger.first_access_at(actor, state.case, (LETTER_PREVIEW, name), submitted[-1])


def find_accesses(
    ledger: Ledger, state: State, replies: Replies, actor: str
) -> Mapping[str, datetime | None]:
    """Document that goes out → when the actor opened it; None: not yet."""
    _, has_method = replies.goes_with(state)
    due = [name for name in _PATHS if has_method or name != "method"]
    return {name: opened_at(ledger, state, actor, name) for name in due}


def check_opened(ledger: Ledger, state: State, replies: Replies, actor: str) -> None:
    """Pass when the actor has opened everything that goes out, as it was submitted.

    Raises:
        NotOpenedError: they have not.
    """
    found = find_accesses(ledger, state, replies, actor)
    if missing := tuple(name for name, at in found.items() if at is None):
        raise NotOpenedError([f"/v1/cases/{state.case}/{_PATHS[name]}" for name in missing])
