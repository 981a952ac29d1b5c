"""Documents of a case handed out: letters, the address sheet, the reply. Each fetch is on record.

What somebody was handed is put on record before they have it. File names tell of nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from typing import Final
from uuid import UUID

from api.auth import Caller
from api.case_replies import UNISSUED, Replies
from api.case_replies.values import paper_of
from api.resources.cases.dispatch.approver_access import name_of
from api.resources.cases.dispatch.steps import submitted
from api.resources.cases.schemas.files import CSV, JSON, PDF, packed
from api.resources.cases.steps import name_endpoints
from api.web.items import random_command
from ledger.accesses.access import LETTER, LETTER_PREVIEW, REPLY_FILE
from ledger.cases.case import WITHOUT_RECORDS, CaseStatus, State, content_of
from ledger.cases.letters.files import csv_of
from ledger.cases.refusals import CaseStatusError, StaleApprovalError
from ledger.commands import ViewDocument
from ledger.errors import NotFoundError
from ledger.service import Ledger

PDF_TYPE: Final = "application/pdf"
ZIP_TYPE: Final = "application/zip"

METHOD: Final = "method_change"
_STORED_JSON: Final = "reply.json"
_NAMES: Final = {METHOD: "method", "address_sheet": "address"}
"""Kind of a letter → what its file is called, where that is another word."""


@dataclass(frozen=True, slots=True)
class HandedDocument:
    """A document as somebody is handed it.

    Attributes:
        name: of the file.
        what: what a look at it is at (`ledger.accesses.access`); document: which file that was.
        number: which reply of the case; None of what is no reply yet.
    """

    content: bytes = field(repr=False)
    media_type: str
    name: str
    what: str
    document: str
    number: int | None = None


Make = Callable[[State, datetime], HandedDocument]
"""The document of the case as it stands, now."""


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Somebody asks for a document of a case. `endpoint`: where, to be named in a refusal."""

    case: UUID
    caller: Caller
    endpoint: str

    def handed(self, ledger: Ledger, make: Make, at: datetime) -> HandedDocument:
        """The document, once the look at it is on record. The look's reason is the status.

        Raises:
            NotFoundError: there is no such case, and what `make` raises.
        """
        state = ledger.case(self.case)
        if state is None:
            raise NotFoundError
        with name_endpoints(ledger, self.case, self.caller, self.endpoint):
            made = make(state, at)
        ledger.view(build_access(made, state, self.caller.actor), at)
        return made


def build_access(made: HandedDocument, state: State, actor: str) -> ViewDocument:
    """The look at a document that the actor is handed; why, is the status of its case."""
    return ViewDocument(
        random_command(),
        actor,
        state.case,
        made.what,
        made.number,
        made.document,
        state.status.value,
    )


def preview(replies: Replies) -> Make:
    """The reply as the case stands decided; until it is submitted its code is zeros.

    While it waits for an approval it is what waits, and the look at it is that of who approves.

    Raises:
        CaseStatusError: nothing was decided.
        StaleApprovalError: what would go out now is not what was submitted.
    """

    def make_document(state: State, at: datetime) -> HandedDocument:
        if state.decision is None:
            raise CaseStatusError(state.status.value, "preview")
        if state.status == CaseStatus.SUBMITTED:
            return replace(waiting(replies)(state, at), name=f"preview-{state.number}.pdf")
        dated = (at, UNISSUED) if state.submission is None else submitted(state)
        content = _printed(replies.document(state, *dated).documents)
        name = f"preview-{state.number}.pdf"
        return HandedDocument(content, PDF_TYPE, name, LETTER_PREVIEW, "preview.pdf")

    return make_document


def waiting(replies: Replies, document: str = PDF) -> Make:
    """What waits for an approval, exactly as it was submitted.

    The look names the submission, so that it tells of no other one.

    Raises:
        CaseStatusError: nothing waits for an approval.
        StaleApprovalError: what would go out now is not what was submitted.
        NotFoundError: no such document goes out with it.
    """

    def make_document(state: State, at: datetime) -> HandedDocument:
        del at
        if state.status != CaseStatus.SUBMITTED or state.submission is None:
            raise CaseStatusError(state.status.value, "approve")
        dated = submitted(state)
        rendered, made, _ = replies.prepared(state, *dated)
        if content_of(state, rendered, dated[1]) != state.submission.content:
            raise StaleApprovalError
        if document not in made.documents:
            raise NotFoundError
        content = _printed(made.documents) if document == PDF else made.documents[document]
        stem = document.removesuffix(".pdf")
        name = f"{stem}-{state.number}.pdf"
        seen = name_of(stem, state.submission.content)
        return HandedDocument(content, PDF_TYPE, name, LETTER_PREVIEW, seen)

    return make_document


def reply(replies: Replies, number: int | None, name: str) -> Make:
    """A reply as it was approved, or as it was sent.

    Args:
        number: which reply of the case; None: the newest.
        name: `reply.pdf`, or `reply.zip` for all its files.

    Raises:
        CaseStatusError: nothing was approved.
        NotFoundError: there is no such reply.
        StaleApprovalError: the records are others than when it was approved.
    """

    def make_document(state: State, at: datetime) -> HandedDocument:
        del at
        which, documents = documents_of(state, replies, number)
        stem = f"reply-{state.number}-{which}"
        if name == "reply.pdf":
            content, kind = _printed(documents), PDF_TYPE
        else:
            content, kind = packed(documents, state.number), ZIP_TYPE
        suffix = name.rpartition(".")[2]
        return HandedDocument(content, kind, f"{stem}.{suffix}", REPLY_FILE, name, which)

    return make_document


def method(replies: Replies) -> Make:
    """The letter on the method; while it waits for an approval, as it was submitted.

    Raises:
        NotFoundError: no such letter is due as the case stands.
        StaleApprovalError: what would go out now is not what was submitted.
    """

    def make_document(state: State, at: datetime) -> HandedDocument:
        if state.status != CaseStatus.SUBMITTED:
            return letter(replies, METHOD)(state, at)
        _, has_method = replies.goes_with(state)
        if not has_method:
            raise NotFoundError
        return waiting(replies, "method.pdf")(state, at)

    return make_document


def letter(replies: Replies, kind: str, *, approved_only: bool = False) -> Make:
    """A letter beside the reply, or the address sheet.

    Args:
        kind: `receipt`, `correction`, `interim`, `method_change` or `address_sheet`.
        approved_only: for whoever may have nothing before the approval.

    Raises:
        CaseStatusError: it was not approved.
        NotFoundError: no such letter is due as the case stands.
    """

    def make_document(state: State, at: datetime) -> HandedDocument:
        if approved_only and state.approved_on is None:
            raise CaseStatusError(state.status.value, "download")
        content = replies.letter(state, kind, at)
        name = _NAMES.get(kind, kind)
        return HandedDocument(
            content, PDF_TYPE, f"{name}-{state.number}.pdf", LETTER, f"{name}.pdf"
        )

    return make_document


def documents_of(
    state: State, replies: Replies, number: int | None
) -> tuple[int, dict[str, bytes]]:
    """(which reply, its files by name): as it was sent, or approved; raises as `reply`."""
    sent = len(state.replies)
    is_waiting = state.status == CaseStatus.NOTICE_READY
    reply_number = number or sent + is_waiting
    if is_waiting and reply_number == sent + 1:
        assert state.submission is not None, "the status says that it was submitted"
        code = state.submission.verification_code
        rendered, kept = replies.approved(state)
        if rendered is None or content_of(state, rendered, code) != state.submission.content:
            raise StaleApprovalError
        if state.revived is not None:
            raise StaleApprovalError
        return reply_number, _named(dict(kept), state)
    if sent == 0:
        raise CaseStatusError(state.status.value, "download")
    if reply_number > sent:
        raise NotFoundError
    return reply_number, _named(dict(replies.stored(state.case, reply_number)), state)


def _printed(documents: Mapping[str, bytes]) -> bytes:
    """The reply to be looked at or printed: one PDF, of a long one the documents joined.

    The joined one is no document that is kept: it has neither tags nor the letter's standard.
    """
    paper = paper_of(documents)
    if len(paper) == 1:
        return paper[0]
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 -- every start would be slower for it

    writer = PdfWriter()
    for one in paper:
        for page in PdfReader(BytesIO(one)).pages:
            writer.add_page(page)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _named(documents: dict[str, bytes], state: State) -> dict[str, bytes]:
    """The files by the names that they have outside; the CSV follows from the JSON.

    What no record answers has no table of records.
    """
    content = documents.pop(_STORED_JSON)
    tables = {} if state.application.kind in WITHOUT_RECORDS else {CSV: csv_of(content)}
    return {**documents, **tables, JSON: content}
