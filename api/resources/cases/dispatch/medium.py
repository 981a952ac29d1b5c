"""What goes with a reply on a medium: its files encrypted, the label, the letter with the password.

The password stands in that letter and nowhere else: no page shows it, and nothing keeps it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from api.case_replies import Replies, ReplyProofs
from api.case_replies.enclosures import file_of, is_on_medium
from api.resources.cases.dispatch.handout import (
    PDF_TYPE,
    ZIP_TYPE,
    HandedDocument,
    Make,
    documents_of,
)
from api.resources.cases.schemas.encrypted_reply import locked
from ledger.accesses.access import LETTER, REPLY_FILE
from ledger.cases.case import State
from ledger.errors import NotFoundError

FILES: Final = "medium.zip"
LABEL: Final = "label.pdf"
PASSWORD: Final = "password.pdf"  # noqa: S105 -- the name of a file


def files(replies: Replies, proving: ReplyProofs) -> Make:
    """The files of the newest reply as one encrypted file, with the proof of its records.

    Raises:
        CaseStatusError: nothing was approved.
        NotFoundError: it goes out without a medium.
        StaleApprovalError: the records are others than when it was approved.
    """

    def made(state: State, at: datetime) -> HandedDocument:
        del at
        which, documents = documents_of(state, replies, None)
        if not is_on_medium(state):
            raise NotFoundError
        whole = {**documents, **proving.documents(state)}
        content = locked(whole, state.number, replies.enclosing.password(state))
        return HandedDocument(content, ZIP_TYPE, file_of(state), REPLY_FILE, FILES, which)

    return made


def label(replies: Replies) -> Make:
    """The label; raises as `files`."""
    return _sheet(replies, replies.enclosing.label, LABEL)


def password(replies: Replies) -> Make:
    """The letter with the password, for a post of its own; raises as `files`."""
    return _sheet(replies, replies.enclosing.password_letter, PASSWORD)


def _sheet(replies: Replies, make: Callable[[State], bytes], document: str) -> Make:
    """What goes with the medium of the newest reply, as long as that reply may go out."""
    stem = document.removesuffix(".pdf")

    def made(state: State, at: datetime) -> HandedDocument:
        del at
        documents_of(state, replies, None)
        return HandedDocument(make(state), PDF_TYPE, f"{stem}-{state.number}.pdf", LETTER, document)

    return made
