"""What the letters print for characters that cannot be printed as they are written."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Take, documented
from api.resources.cases.schemas.print_choices import OfPrintedForms
from api.web.bodies import EvenCommandRoute
from api.web.services import ServicesDep
from ledger.cases.case import State
from ledger.cases.print_step import PrintAs
from ledger.service import Ledger

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)


@router.post("/print-as", summary="Print in another form", **documented("The letters print it"))
async def print_as(
    body: OfPrintedForms, caller: Desk, take: Take, services: ServicesDep
) -> Response:
    """Say which form the letters print for each character that the font lacks, and why.

    What is submitted is void by it; what is approved is sent back first.
    """
    chosen = body.values()

    def make_step(ledger: Ledger, state: State, at: datetime) -> PrintAs:
        del ledger
        return services.replies.print_as(state, chosen, at)

    return await take.make(PrintAs, make_step, caller)
