"""Several replies that wait to be posted, printed in one run: each behind a sheet of its own.

All of it is made before anything is handed out: what one request lacks is told of all, and then
nothing is printed. Each document of each request is a look on record, as where it is printed alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Final
from uuid import UUID

from api.auth import Caller
from api.case_replies import Replies
from api.case_replies.enclosures import ELECTRONIC, is_on_medium
from api.documents import Separator
from api.problems.kinds import kind_of
from api.resources.cases.dispatch import handout, medium
from api.resources.cases.dispatch.handout import HandedDocument, build_access
from ledger.cases.case import CaseStatus, State
from ledger.cases.refusals import CaseStatusError
from ledger.errors import LedgerError, NotFoundError
from ledger.service import Ledger

CASES_MAX: Final = 20
"""Requests in one run: each takes a second or two, and a drawer of a printer holds no more."""

_FAULTS: Final = 500
_REPLY: Final = "回答"
_PASSWORD: Final = "パスワードのお知らせ"  # noqa: S105 -- what the letter is called
_OF_A_MEDIUM: Final = (
    "媒体は、この請求の「発送」の画面でファイルを作り、ラベルを貼って同封します。"
    "パスワードのお知らせは、この封筒に入れません。"
)
_ENCLOSED_MEDIUM: Final = (
    "媒体は、回答書に媒体で送ると記載されているときに限り、"
    "この請求の「発送」の画面で作って同封します。"
)
_BY_ITSELF: Final = "媒体とは別の日に、別の郵便で送ります。"


class BatchRefusedError(Exception):
    """Something cannot be printed; nothing was handed out.

    Attributes:
        refused: case → why; ready: the cases that can be printed.
    """

    def __init__(self, refused: Mapping[UUID, LedgerError], ready: Sequence[UUID]) -> None:
        super().__init__("some of the cases cannot be printed")
        self.refused = refused
        self.ready = ready


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes into one envelope.

    Attributes:
        what: the envelope is, in words; post: how it is sent.
        documents: (what it is called, the document), from above to below.
        others: (what, how many) goes in besides the paper.
    """

    state: State
    what: str
    post: str
    documents: tuple[tuple[str, HandedDocument], ...] = field(repr=False)
    others: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PrintBatch:
    """Somebody prints several cases in one run; `cases` without repeats."""

    cases: tuple[UUID, ...]
    caller: Caller

    def handed(self, ledger: Ledger, replies: Replies, at: datetime) -> bytes:
        """One PDF, to be printed and not to be kept: it is no letter, and has no tags.

        Raises:
            BatchRefusedError: names each case that cannot be printed.
            LedgerError: the ledger or the typesetter cannot be reached.
        """
        envelopes: list[Envelope] = []
        refused: dict[UUID, LedgerError] = {}
        for case in self.cases:
            try:
                envelopes += self._envelopes(ledger, replies, case, at)
            except LedgerError as error:
                if kind_of(error)[0].status >= _FAULTS:
                    raise
                refused[case] = error
        if refused:
            raise BatchRefusedError(refused, [one for one in self.cases if one not in refused])
        pdf = _joined(envelopes, replies, at)
        for one in envelopes:
            for _, document in one.documents:
                ledger.view(build_access(document, one.state, self.caller.actor), at)
        return pdf

    def _envelopes(
        self, ledger: Ledger, replies: Replies, case: UUID, at: datetime
    ) -> list[Envelope]:
        state = ledger.case(case)
        if state is None:
            raise NotFoundError
        if state.status != CaseStatus.NOTICE_READY:
            raise CaseStatusError(state.status.value, "download")
        return [*_of_the_case(state, replies, at)]


def _of_the_case(state: State, replies: Replies, at: datetime) -> Iterator[Envelope]:
    """The envelope of the reply; of one on a medium, the one of its password, too."""
    made = [("宛名", handout.letter(replies, "address_sheet", approved_only=True))]
    if replies.goes_with(state)[1]:
        made.append(("開示方法の変更のお知らせ", handout.letter(replies, handout.METHOD)))
    made.append(("回答書（別紙を含みます）", handout.reply(replies, None, "reply.pdf")))
    others, note = (), ""
    if is_on_medium(state):
        made.append(("媒体のラベル（切って貼ります）", medium.label(replies)))
        others = (("電磁的記録の媒体", "1個"),)
        is_electronic = getattr(state.decision, "medium", None) == ELECTRONIC
        note = _OF_A_MEDIUM if is_electronic else _ENCLOSED_MEDIUM
    post = replies.enclosing.post(state)
    documents = tuple((name, make(state, at)) for name, make in made)
    yield Envelope(state, _REPLY, post, documents, others, note)
    if is_on_medium(state):
        letter = ((_PASSWORD, medium.password(replies)(state, at)),)
        yield Envelope(state, _PASSWORD, post, letter, (), _BY_ITSELF)


def _joined(envelopes: Sequence[Envelope], replies: Replies, at: datetime) -> bytes:
    """Separator, documents, separator, documents …, as one PDF."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 -- every start would be slower for it

    readers = [
        [(name, PdfReader(BytesIO(one.content))) for name, one in envelope.documents]
        for envelope in envelopes
    ]
    sheets = [
        Separator(
            at=at,
            number=number,
            total=len(envelopes),
            case_number=one.state.number,
            what=one.what,
            post=one.post,
            contents=(
                *((name, f"{len(reader.pages):,}枚") for name, reader in documents),
                *one.others,
            ),
            note=one.note,
        )
        for number, (one, documents) in enumerate(zip(envelopes, readers, strict=True), 1)
    ]
    writer = PdfWriter()
    for sheet, documents in zip(replies.enclosing.separators(sheets), readers, strict=True):
        for reader in (PdfReader(BytesIO(sheet)), *(reader for _, reader in documents)):
            for page in reader.pages:
                writer.add_page(page)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()
