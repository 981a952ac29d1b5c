"""To the step that a case waits for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.cases.pages.step_order import OVERVIEW, next_step, opens
from api.resources.cases.pages.step_view import case_of
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute

router = APIRouter(route_class=EvenPageRoute)


@router.get("/desk/cases/{case}/next")
async def get_next(case: UUID, visit: Annotated[Visit, Depends(signed("cases:read"))]) -> Response:
    """Lead to the first step that is not done, or to the case, where that is others' to do.

    Nothing of the case is shown by it.
    """
    state = await visit.run(lambda ledger, _: case_of(ledger, case))
    step = next_step(state)
    shown = step if opens(visit.caller, step, state) else OVERVIEW
    return go(shown.address(state))
