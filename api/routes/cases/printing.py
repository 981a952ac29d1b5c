"""What leaves the house on paper or as a file: letters, the address sheet, the reply.

Each fetch is put on record before the document is handed out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems import problems
from api.replying import UNISSUED
from api.routes.cases.taking import PREFIX, TAGS, Desk, Either, Sender, naming_doors
from api.services import Inside, Services
from api.wire.bodies import EvenStrictRoute
from api.wire.cases.answers import document
from api.wire.cases.files import CSV, JSON, PDF, packed
from api.wire.items import random_command
from ledger.access import LETTER, LETTER_PREVIEW, REPLY_FILE
from ledger.application import Ledger
from ledger.case import FOR_MEASURES, State, Status, content_of
from ledger.case.refusals import CaseStatusError, StaleApprovalError
from ledger.commands import ViewDocument
from ledger.errors import NotFoundError
from ledger.letters.files import csv_of

router = APIRouter(
    prefix=f"{PREFIX}/{{case}}",
    tags=list(TAGS),
    route_class=EvenStrictRoute,
    default_response_class=Response,
)

PDF_TYPE: Final = "application/pdf"
ZIP_TYPE: Final = "application/zip"
_STORED_JSON: Final = "reply.json"

Printer = Annotated[Caller, Depends(requires("cases:write", "reply:download"))]
Number = Annotated[
    int | None, Query(ge=1, le=1_000, description="which reply of the case; absent: the newest")
]
Made = Callable[[State], bytes]
_REFUSALS = problems(401, 403, 404, 409, 410, 422, 503)


@router.get(
    "/preview.pdf",
    summary="The letter as it would go out",
    responses={**document("The letter (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_preview(case: UUID, caller: Either, inside: Inside) -> Response:
    """The reply as the case stands decided, before it is approved.

    Before it is submitted it bears no verification code but zeros.
    """

    def made(state: State, at: datetime) -> bytes:
        if state.decision is None:
            raise CaseStatusError(state.status.value, "preview")
        submission = state.submission
        dated = (at, UNISSUED)
        if submission is not None and state.submitted_at is not None:
            dated = (state.submitted_at, submission.verification_code)
        return inside.replies.document(state, *dated).pdf

    def seen(ledger: Ledger, at: datetime) -> Response:
        state = _state(ledger, case)
        with naming_doors(ledger, case, caller, "preview.pdf"):
            content = made(state, at)
        viewed = _look(state, caller, LETTER_PREVIEW, "preview.pdf")
        ledger.view(viewed, at)
        return _file(content, PDF_TYPE, f"preview-{state.number}.pdf")

    return await inside.run(seen)


@router.get(
    "/reply.pdf",
    summary="The reply on paper",
    responses={**document("The letter with its annexes (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_reply(case: UUID, caller: Sender, inside: Inside, reply: Number = None) -> Response:
    """The reply that was approved, or as it was sent; never before the approval."""
    return await _replied(case, caller, inside, reply, "reply.pdf")


@router.get(
    "/reply.zip",
    summary="The reply as files",
    responses={
        **document("The letter, records.csv, records.json and verify.txt", ZIP_TYPE),
        **_REFUSALS,
    },
)
async def get_reply_files(
    case: UUID, caller: Sender, inside: Inside, reply: Number = None
) -> Response:
    """The same with its records as files and their sums, for a reply by electromagnetic record.

    A request to stop or to erase is answered without records: no `records.csv`.
    """
    return await _replied(case, caller, inside, reply, "reply.zip")


async def _replied(
    case: UUID, caller: Caller, inside: Services, number: int | None, name: str
) -> Response:
    def fetched(ledger: Ledger, at: datetime) -> Response:
        state = _state(ledger, case)
        with naming_doors(ledger, case, caller, name):
            which, documents = _documents(state, inside, number)
        viewed = _look(state, caller, REPLY_FILE, name, which)
        ledger.view(viewed, at)
        stem = f"reply-{state.number}-{which}"
        if name == "reply.pdf":
            return _file(documents[PDF], PDF_TYPE, f"{stem}.pdf")
        return _file(packed(documents, state.number), ZIP_TYPE, f"{stem}.zip")

    return await inside.run(fetched)


def _documents(state: State, inside: Services, number: int | None) -> tuple[int, dict[str, bytes]]:
    """(which reply, its files by name): as it was sent, or as it was approved.

    Raises:
        CaseStatusError: nothing was approved.
        NotFoundError: there is no such reply.
        StaleApprovalError: the records are others than when it was approved.
    """
    sent = len(state.replies)
    is_waiting = state.status == Status.NOTICE_READY
    wanted = number or sent + is_waiting
    if is_waiting and wanted == sent + 1:
        assert state.submission is not None, "the status says that it was submitted"
        code = state.submission.verification_code
        rendered, kept = inside.replies.approved(state)
        if rendered is None or content_of(state, rendered, code) != state.submission.content:
            raise StaleApprovalError
        if state.revived is not None:
            raise StaleApprovalError
        return wanted, _named(dict(kept), state)
    if sent == 0:
        raise CaseStatusError(state.status.value, "download")
    if wanted > sent:
        raise NotFoundError
    return wanted, _named(dict(inside.replies.stored(state.case, wanted)), state)


def _named(documents: dict[str, bytes], state: State) -> dict[str, bytes]:
    """The files by the names that they have outside; the CSV follows from the JSON.

    A request for measures is answered with no record, so there is no table of records.
    """
    content = documents.pop(_STORED_JSON)
    tables = {} if state.application.kind in FOR_MEASURES else {CSV: csv_of(content)}
    return {**documents, **tables, JSON: content}


@router.get(
    "/address.pdf",
    summary="The address sheet",
    responses={**document("For a window envelope (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_address(case: UUID, caller: Printer, inside: Inside) -> Response:
    """The sheet for a window envelope: the address, the post, the enclosures with their pages.

    It names the letter, so that `reply:download` alone gets it after the approval only.
    """

    def approved(state: State) -> None:
        if state.approved_on is None and not caller.may("cases:write"):
            raise CaseStatusError(state.status.value, "download")

    return await _lettered(case, caller, inside, "address_sheet", "address", approved)


@router.get(
    "/letters/{kind}.pdf",
    summary="A letter beside the reply",
    responses={**document("The letter (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_letter(
    case: UUID,
    kind: Literal["correction", "receipt", "method"],
    caller: Desk,
    inside: Inside,
) -> Response:
    """A request for a correction, a note of receipt, or a change of the method."""
    letter = "method_change" if kind == "method" else kind
    return await _lettered(case, caller, inside, letter, kind)


async def _lettered(
    case: UUID,
    caller: Caller,
    inside: Services,
    letter: str,
    name: str,
    check: Callable[[State], None] | None = None,
) -> Response:
    def seen(ledger: Ledger, at: datetime) -> Response:
        state = _state(ledger, case)
        if check is not None:
            with naming_doors(ledger, case, caller, f"{name}.pdf"):
                check(state)
        content = inside.replies.letter(state, letter)
        viewed = _look(state, caller, LETTER, f"{name}.pdf")
        ledger.view(viewed, at)
        return _file(content, PDF_TYPE, f"{name}-{state.number}.pdf")

    return await inside.run(seen)


def _look(
    state: State, caller: Caller, what: str, document: str, number: int | None = None
) -> ViewDocument:
    """A look at a document of the case; its reason is where the case stands."""
    reason = state.status.value
    return ViewDocument(random_command(), caller.actor, state.case, what, number, document, reason)


def _state(ledger: Ledger, case: UUID) -> State:
    state = ledger.case(case)
    if state is None:
        raise NotFoundError
    return state


def _file(content: bytes, media_type: str, name: str) -> Response:
    """A file with a name that tells of nobody."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
