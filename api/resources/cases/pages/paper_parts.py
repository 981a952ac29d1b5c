"""本人確認: parts of its page, the draft of its form, and its letter."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import DocumentRequest
from api.resources.cases.forms import papers
from api.resources.cases.pages.paper_page import RESCUING, Desk, drafting, showing, told
from api.services import Services, ServicesDep
from api.web.pages.draft_recovery import form_named, kept
from api.web.pages.form_result import FormResult
from api.web.pages.forms import form_of
from api.web.pages.renderer import document, go, is_part, page
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


@router.post("/draft")
async def keep_draft(
    case: UUID, request: Request, visitor: Desk, services: ServicesDep
) -> Response:
    """Keep what was typed so far; nothing of it is checked but for an individual number."""
    form, named = await form_of(request), form_named(request)
    await services.run(lambda ledger, _: case_of(ledger, case))
    is_of_look = named not in PAPERS.forms
    drafts = drafting(services, case) if is_of_look else RESCUING.drafting(services, case, named)

    async def shown(again: FormResult) -> Response:
        if is_of_look:
            found = papers.numbers_told(drafts.my_numbers(form))
            again = replace(again, defects=found, told=None)
        return await show(request, visitor, case, services, showing(services), again)

    return await kept(request, drafts, visitor, form, shown)


@router.post("/discard")
async def discard(case: UUID, request: Request, visitor: Desk, services: ServicesDep) -> Response:
    """Forget what was typed: into one of the other forms if one is named, else into all of them."""
    actor, named = visitor.caller.actor, form_named(request)
    await services.run(lambda ledger, _: case_of(ledger, case))
    is_of_page = named not in PAPERS.forms
    given = await form_of(request)
    for form in PAPERS.forms if is_of_page else (named,):
        await RESCUING.drafting(services, case, form).sent(actor, given, services.now())
    if is_of_page:
        await drafting(services, case).sent(actor, given, services.now())
    return go(f"/desk/cases/{case}/papers")


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
