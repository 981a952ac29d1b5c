"""What is sent out on paper or as a file: letters, the address sheet, the reply.

Each fetch is put on record before the document is handed out.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import PDF_TYPE, ZIP_TYPE, DocumentRequest
from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Either, Sender
from api.resources.cases.schemas.answers import document
from api.web.bodies import EvenStrictRoute
from api.web.services import Services, ServicesDep

router = APIRouter(
    prefix=f"{PREFIX}/{{case}}",
    tags=list(TAGS),
    route_class=EvenStrictRoute,
    default_response_class=Response,
)

Printer = Annotated[Caller, Depends(requires("cases:write", "reply:download"))]
Number = Annotated[
    int | None, Query(ge=1, le=1_000, description="which reply of the case; absent: the newest")
]
_REFUSALS = problems(401, 403, 404, 409, 410, 422, 503)


@router.get(
    "/preview.pdf",
    summary="The letter as it would go out",
    responses={**document("The letter (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_preview(case: UUID, caller: Either, services: ServicesDep) -> Response:
    """The reply as the case stands decided, before it is approved.

    Before it is submitted it bears no verification code but zeros. While it waits for an approval
    it is what waits: who approves has fetched it here, or opened it on the page.
    """
    request = DocumentRequest(case, caller, "preview.pdf")
    return await _handed(request, services, handout.preview(services.replies))


@router.get(
    "/reply.pdf",
    summary="The reply on paper",
    responses={**document("The letter with its annexes (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_reply(
    case: UUID, caller: Sender, services: ServicesDep, reply: Number = None
) -> Response:
    """The reply that was approved, or as it was sent; never before the approval."""
    request = DocumentRequest(case, caller, "reply.pdf")
    return await _handed(request, services, handout.reply(services.replies, reply, "reply.pdf"))


@router.get(
    "/reply.zip",
    summary="The reply as files",
    responses={
        **document("The letter, records.csv, records.json and verify.txt", ZIP_TYPE),
        **_REFUSALS,
    },
)
async def get_reply_files(
    case: UUID, caller: Sender, services: ServicesDep, reply: Number = None
) -> Response:
    """The same with its records as files and their sums, for a reply by electromagnetic record.

    A request to stop or to erase is answered without records: no `records.csv`.
    """
    request = DocumentRequest(case, caller, "reply.zip")
    return await _handed(request, services, handout.reply(services.replies, reply, "reply.zip"))


@router.get(
    "/address.pdf",
    summary="The address sheet",
    responses={**document("For a window envelope (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_address(case: UUID, caller: Printer, services: ServicesDep) -> Response:
    """The sheet for a window envelope: the address, the post, the enclosures with their pages.

    It names the letter, so that `reply:download` alone gets it after the approval only.
    """
    request = DocumentRequest(case, caller, "address.pdf")
    approved_only = not caller.may("cases:write")
    sheet = handout.letter(services.replies, "address_sheet", approved_only=approved_only)
    return await _handed(request, services, sheet)


@router.get(
    "/letters/method.pdf",
    summary="The letter on the method",
    responses={**document("The letter (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_method(case: UUID, caller: Either, services: ServicesDep) -> Response:
    """A change of the method, where one goes with the reply.

    While the reply waits for an approval, who approves has fetched this one too.
    """
    request = DocumentRequest(case, caller, "method.pdf")
    return await _handed(request, services, handout.method(services.replies))


@router.get(
    "/letters/{kind}.pdf",
    summary="A letter beside the reply",
    responses={**document("The letter (PDF/A-3a)", PDF_TYPE), **_REFUSALS},
)
async def get_letter(
    case: UUID,
    kind: Literal["correction", "interim", "receipt"],
    caller: Desk,
    services: ServicesDep,
) -> Response:
    """A request for a correction, a note of receipt, or one that the search takes long.

    The last one is there while who asks is verified and nothing is decided; it is of its day.
    """
    request = DocumentRequest(case, caller, f"{kind}.pdf")
    return await _handed(request, services, handout.letter(services.replies, kind))


async def _handed(request: DocumentRequest, services: Services, make: handout.Make) -> Response:
    """The document as a file to keep, with a name that tells of nobody."""
    found = await services.run(lambda ledger, at: request.handed(ledger, make, at))
    headers = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)
