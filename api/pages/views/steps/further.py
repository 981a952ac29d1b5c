"""本人確認: further papers, and the look at the papers of the same envelope."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.pages.forms import form_of
from api.pages.route import EvenPageRoute
from api.pages.step_submission import Done, PageTake, answered, shown_again, stated
from api.pages.step_view import StepFormResult
from api.pages.steps import further
from api.pages.views.steps.paper_page import Desk, showing
from api.wire.cases.papers import Further
from ledger.cases.case import State, Step, taken_over
from ledger.cases.steps import CheckDocuments
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}/papers", route_class=EvenPageRoute)

_UNPROCESSABLE: Final = 422


@router.post("/resubmission")
async def resubmit(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Take further papers in; they are looked at next."""
    form = await form_of(request)
    found = further.read(form)
    fields = further.by_field

    async def act() -> Done:
        return await taking.take(stated(Further, found.body).step(), visitor)

    if found.defects:
        again = StepFormResult(_UNPROCESSABLE, form, defects=found.defects)
        return await shown_again(request, visitor, taking, showing(taking.inside), again)
    return await answered(request, visitor, taking, act, showing(taking.inside), fields)


@router.post("/same-papers")
async def take_over(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Take the look at the papers over from the case of the same envelope."""
    form = await form_of(request)
    covers = {"yes": True, "no": False}.get(form.text("same_covers"))
    is_checked = form.has("same_form_checked")

    def made(ledger: Ledger, state: State, at: datetime) -> Step:
        del at
        first = state.application.same_envelope_as
        other = None if first is None else ledger.case(first)
        return taken_over(state, other, form_checked=is_checked, covers_this_request=covers)

    async def act() -> Done:
        return await taking.make(CheckDocuments, made, visitor)

    fields = further.of_envelope
    return await answered(
        request, visitor, taking, act, showing(taking.inside), fields, then="papers#result"
    )
