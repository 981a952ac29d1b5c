"""本人確認: parts of its page, the draft of its form, and its letter."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import DocumentRequest
from api.resources.cases.forms import papers
from api.resources.cases.pages.paper_page import DRAFTS, WRITER, Desk, showing, told
from api.services import Services, ServicesDep, services_of
from api.web.pages.draft_recovery import draft_routes
from api.web.pages.form_result import FormResult
from api.web.pages.forms import form_of
from api.web.pages.renderer import document, is_part, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import PAPERS
from api.web.pages.step_view import case_of, frame, seen_of, show
from ledger.errors import NotFoundError
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}/papers", route_class=EvenPageRoute)


@router.post("/rows/{row}")
async def show_row(
    case: UUID, row: int, request: Request, visitor: Desk, services: ServicesDep
) -> Response:
    """One row with the fields of the kind of paper that was chosen; shows nothing of the case."""
    return await _part(request, visitor, case, services, "parts/paper_row.html", row)


@router.post("/result")
async def show_result(
    case: UUID, request: Request, visitor: Desk, services: ServicesDep
) -> Response:
    """What the look amounts to as it is typed, before it is put down."""
    return await _part(request, visitor, case, services, "parts/paper_result.html")


async def _check(request: Request, _: Visitor) -> None:
    case = UUID(request.path_params["case"])
    await services_of(request).run(lambda ledger, _: case_of(ledger, case))


async def _show(request: Request, visitor: Visitor, again: FormResult) -> Response:
    """The page with its draft; a number in the form of the look is told at its field."""
    case, services = UUID(request.path_params["case"]), services_of(request)
    if (named := DRAFTS.named(request)) == PAPERS.code:
        numbers = DRAFTS.drafts(request, named).my_numbers(again.shown)
        again = replace(again, defects=papers.numbers_told(numbers), told=None)
    return await show(request, visitor, case, services, showing(services), again)


drafts: Final = draft_routes(DRAFTS, WRITER, router.prefix, _check, _show)


@router.get("/correction.pdf")
async def get_correction(case: UUID, visitor: Desk, services: ServicesDep) -> Response:
    """The letter that asks for a correction, to be printed. That it was fetched is on record."""
    asked = DocumentRequest(case, visitor.caller, "correction.pdf")
    make = handout.letter(services.replies, "correction")
    return document(await services.run(lambda ledger, at: asked.handed(ledger, make, at)))


async def _part(
    request: Request,
    visitor: Visitor,
    case: UUID,
    services: Services,
    template: str,
    row: int | None = None,
) -> Response:
    """A part for a script; whoever asks for it otherwise gets the page."""
    again = FormResult(form=await form_of(request))
    if not is_part(request):
        return await show(request, visitor, case, services, showing(services), again)

    def shown(ledger: Ledger, at: datetime) -> Response:
        seen = seen_of(ledger, case, visitor, at)
        known = {**frame(seen, PAPERS, again), **told(ledger, seen, again)}
        if row is not None:
            known["row"] = next((one for one in known["rows"] if one.n == row), None)
            if known["row"] is None:
                raise NotFoundError
        return page(request, template, **known)

    return await services.run(shown)
