"""Letters of a case that are printed beside its reply: that it arrived, that the search is long."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.case_dispatch import handout
from api.case_dispatch.handout import DocumentRequest
from api.pages.guard import signed
from api.pages.renderer import document
from api.pages.route import EvenPageRoute
from api.people import Visitor
from api.services import ServicesDep

router = APIRouter(prefix="/desk/cases/{case}/letters", route_class=EvenPageRoute)


@router.get("/{kind}.pdf")
async def get_letter(
    case: UUID,
    kind: Literal["receipt", "interim"],
    visitor: Annotated[Visitor, Depends(signed("cases:write"))],
    services: ServicesDep,
) -> Response:
    """One of them, to be printed. That it was fetched is on record."""
    asked = DocumentRequest(case, visitor.caller, f"{kind}.pdf")
    make = handout.letter(services.replies, kind)
    return document(await services.run(lambda ledger, at: asked.handed(ledger, make, at)))
