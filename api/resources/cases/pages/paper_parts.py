"""本人確認: parts of its page, the draft of its form, and its letter."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.dispatch import handout
from api.resources.cases.forms import papers
from api.resources.cases.pages.case_documents import handed_out
from api.resources.cases.pages.paper_page import DRAFTS, VIEW, WRITER, Desk, build_context
from api.resources.cases.pages.step_order import PAPERS
from api.resources.cases.pages.step_view import case_of, case_view_of, frame, show
from api.web.pages.draft_recovery import draft_routes
from api.web.pages.form_result import FormResult
from api.web.pages.guard import Visit
from api.web.pages.renderer import is_part, page
from api.web.pages.route import EvenPageRoute
from ledger.errors import NotFoundError
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}/papers", route_class=EvenPageRoute)


@router.post("/rows/{row}")
async def show_row(case: UUID, row: int, visit: Desk) -> Response:
    """One row with the fields of the kind of paper that was chosen; shows nothing of the case."""
    return await _part(visit, case, "cases/parts/paper_row.html", row)


@router.post("/result")
async def show_result(case: UUID, visit: Desk) -> Response:
    """What the look amounts to as it is typed, before it is put down."""
    return await _part(visit, case, "cases/parts/paper_result.html")


async def _check(visit: Visit) -> None:
    await visit.run(lambda ledger, _: case_of(ledger, visit.id_of("case")))


async def _show(visit: Visit, again: FormResult) -> Response:
    """The page with its draft; a number in the form of the look is told at its field."""
    if (named := DRAFTS.named(visit.request)) == PAPERS.code:
        numbers = await DRAFTS.drafts(visit.request, named).my_numbers(again.current_form)
        again = replace(again, defects=papers.describe_my_numbers(numbers), message=None)
    return await show(visit, visit.id_of("case"), VIEW, again)


drafts: Final = draft_routes(DRAFTS, WRITER, router.prefix, _check, _show)


@router.get("/correction.pdf")
async def get_correction(case: UUID, visit: Desk) -> Response:
    """The letter that asks for a correction, to be printed. That it was fetched is on record."""
    make = handout.letter(visit.services.replies, "correction")
    return await handed_out(visit, case, "correction.pdf", make)


async def _part(
    visit: Visit,
    case: UUID,
    template: str,
    row: int | None = None,
) -> Response:
    """A part for a script; whoever asks for it otherwise gets the page."""
    again = FormResult(form=await visit.form())
    if not is_part(visit.request):
        return await show(visit, case, VIEW, again)

    def render_part(ledger: Ledger, at: datetime) -> Response:
        seen = case_view_of(ledger, case, visit, at)
        known = {**frame(seen, PAPERS, again), **build_context(ledger, seen, again)}
        if row is not None:
            known["row"] = next((one for one in known["rows"] if one.n == row), None)
            if known["row"] is None:
                raise NotFoundError
        return page(visit.request, template, **known)

    return await visit.run(render_part)
