"""What goes with a reply on a medium: its files encrypted, the label, the letter with the password.

The password stands in that letter and nowhere else: no page shows it, and nothing keeps it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final, cast

from api.case_replies import Replies, ReplyProofs
from api.case_replies.enclosures import file_of, is_on_medium
from api.resources.cases.dispatch.handout import (
    PDF_TYPE,
    ZIP_TYPE,
    HandedDocument,
    Make,
    documents_of,
)
from api.resources.cases.schemas.files import NO_TIME, READABLE, with_sums
from ledger.accesses.access import LETTER, REPLY_FILE
from ledger.cases.case import State
from ledger.errors import NotFoundError

_AES_BITS: Final = 256


def locked(documents: Mapping[str, bytes], number: str, password: str) -> bytes:
    """The files and their sums, each encrypted with AES-256.

    The bytes are other ones each time, as each encryption has a new salt. Names and sizes of the
    files stay readable without the password; the names tell of nobody.

    Args:
        documents: ASCII name → bytes.
        number: of the case.
        password: ASCII.
    """
    # Every start would be slower for it, and the library tells no types of its own.
    import pyzipper.zipfile_aes  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] -- above

    packing = BytesIO()
    with cast("Any", pyzipper.AESZipFile)(packing, "w", encryption=pyzipper.WZ_AES) as into:
        into.setpassword(password.encode("ascii"))
        into.setencryption(pyzipper.WZ_AES, nbits=_AES_BITS)
        for name, content in with_sums(documents, number).items():
            member = pyzipper.zipfile_aes.AESZipInfo(name, NO_TIME)
            member.compress_type = pyzipper.ZIP_DEFLATED
            member.external_attr = READABLE
            into.writestr(member, content)
    return packing.getvalue()


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

    def make_document(state: State, at: datetime) -> HandedDocument:
        del at
        which, documents = documents_of(state, replies, None)
        if not is_on_medium(state):
            raise NotFoundError
        whole = {**documents, **proving.documents(state)}
        content = locked(whole, state.number, replies.enclosing.password(state))
        return HandedDocument(content, ZIP_TYPE, file_of(state), REPLY_FILE, FILES, which)

    return make_document


def label(replies: Replies) -> Make:
    """The label; raises as `files`."""
    return _sheet(replies, replies.enclosing.label, LABEL)


def password(replies: Replies) -> Make:
    """The letter with the password, for a post of its own; raises as `files`."""
    return _sheet(replies, replies.enclosing.password_letter, PASSWORD)


def _sheet(replies: Replies, make: Callable[[State], bytes], document: str) -> Make:
    """What goes with the medium of the newest reply, as long as that reply may go out."""
    stem = document.removesuffix(".pdf")

    def make_document(state: State, at: datetime) -> HandedDocument:
        del at
        documents_of(state, replies, None)
        return HandedDocument(make(state), PDF_TYPE, f"{stem}-{state.number}.pdf", LETTER, document)

    return make_document
