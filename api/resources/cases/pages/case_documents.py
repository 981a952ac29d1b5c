"""Documents of a case, handed to the browser."""

from uuid import UUID

from starlette.responses import Response

from api.resources.cases.dispatch.handout import PDF_TYPE, DocumentRequest, HandedDocument, Make
from api.web.pages.guard import Visit
from api.web.pages.renderer import HEADERS


def document(handed: HandedDocument) -> Response:
    """A document: paper to be read and printed in the browser, files to be kept."""
    how = "inline" if handed.media_type == PDF_TYPE else "attachment"
    headers = {**HEADERS, "Content-Disposition": f'{how}; filename="{handed.name}"'}
    return Response(handed.content, headers=headers, media_type=handed.media_type)


async def handed_out(visit: Visit, case: UUID, name: str, make: Make) -> Response:
    """A document of a case, as `make` makes it; the look at it is put on record.

    Args:
        name: of the document, to be named in a refusal.

    Raises:
        NotFoundError: there is no such case, and what `make` raises.
    """
    request = DocumentRequest(case, visit.caller, name)
    return document(await visit.run(lambda ledger, at: request.handed(ledger, make, at)))
