"""The label of a case, to be stuck on its papers: its number, also as a barcode (S1)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages.barcode import code_39
from api.pages.guard import signed
from api.pages.renderer import page
from api.pages.route import EvenPageRoute
from api.people import Visitor
from api.services import ServicesDep
from ledger.errors import NotFoundError

router = APIRouter(route_class=EvenPageRoute)


@router.get("/desk/cases/{case}/label")
async def get_label(
    case: UUID,
    request: Request,
    visitor: Annotated[Visitor, Depends(signed("cases:read"))],
    services: ServicesDep,
) -> Response:
    """The number and the day of arrival. It names nobody, so it is no look at the case."""
    del visitor
    state = await services.run(lambda ledger, _: ledger.case(case))
    if state is None:
        raise NotFoundError
    return page(request, "label.html", state=state, barcode=code_39(state.number))
