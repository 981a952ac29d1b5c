"""To the step that a case waits for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.pages.guard import signed
from api.pages.renderer import go
from api.pages.route import EvenPageRoute
from api.pages.step_view import case_of
from api.pages.steps.step_order import OVERVIEW, next_step, opens
from api.people import Visitor
from api.services import ServicesDep

router = APIRouter(route_class=EvenPageRoute)


@router.get("/desk/cases/{case}/next")
async def get_next(
    case: UUID, visitor: Annotated[Visitor, Depends(signed("cases:read"))], services: ServicesDep
) -> Response:
    """Lead to the first step that is not done, or to the case, where that is others' to do.

    Nothing of the case is shown by it.
    """
    state = await services.run(lambda ledger, _: case_of(ledger, case))
    step = next_step(state)
    shown = step if opens(visitor.caller, step, state) else OVERVIEW
    return go(shown.address(state))
