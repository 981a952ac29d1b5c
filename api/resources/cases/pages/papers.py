"""本人確認: what is on the papers, what it amounts to, and what comes of it (S2)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.forms import further, papers
from api.resources.cases.forms.paper_rows import FITS
from api.resources.cases.forms.papers import PapersForm
from api.resources.cases.forms.papers_view import says_the_same
from api.resources.cases.pages.paper_page import DRAFTS, VIEW, Desk, Reader
from api.resources.cases.pages.step_order import PAPERS, next_step
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    answered,
    form_result_of,
)
from api.resources.cases.pages.step_view import case_of, show
from api.resources.cases.schemas.papers import Further, PapersCheck
from api.web.pages.form_result import FIRST, FormResult
from api.web.pages.form_values import validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute
from ledger.cases.case import State, Step, copy_check
from ledger.cases.refusals import StaleVersionError
from ledger.cases.step_availability import is_open
from ledger.cases.steps import CheckDocuments, Refuse, RequestCorrection, Verify
from ledger.errors import LedgerError
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}/papers", route_class=EvenPageRoute)

_UNPROCESSABLE: Final = 422
_EXAMINATION: Final = "/documents"


@router.get("")
async def get_papers(case: UUID, visit: Reader) -> Response:
    """The papers as they were looked at last, or as somebody was typing."""
    again = FIRST
    if visit.caller.may("cases:write"):
        again = await DRAFTS.first(visit)
    return await show(visit, case, VIEW, again)


@router.post("")
async def check_documents(visit: Desk, taking: PageTake) -> Response:
    """Put down what was seen; or show the form again with more rows, or other kinds of paper.

    Or with a row filled in, which is not put down yet.
    """
    form = await visit.form()
    action = form.text("action")
    if action in ("more", "kinds", "compare") or action.startswith(FITS):
        again = FormResult(form=form)
        return await show(visit, taking.case, VIEW, again)
    return await _save_then_step(visit, taking, None)


@router.post("/verification")
async def verify(visit: Desk, taking: PageTake) -> Response:
    """Who asks may ask."""
    return await _save_then_step(visit, taking, Verify())


@router.post("/correction")
async def request_correction(visit: Desk, taking: PageTake) -> Response:
    """Ask for everything that is short."""
    return await _save_then_step(visit, taking, RequestCorrection())


@router.post("/refusal")
async def refuse(visit: Desk, taking: PageTake) -> Response:
    """Refuse without a search."""
    return await _save_then_step(visit, taking, Refuse())


@dataclass(frozen=True, slots=True)
class _SubmittedPapers:
    """What was typed, and the case that it is about.

    Attributes:
        is_saved: the look that stands says the same.
        is_checkable: a look may be put down.
    """

    read: PapersForm
    is_saved: bool
    is_checkable: bool


def _read_papers(ledger: Ledger, case: UUID, form: Form) -> _SubmittedPapers:
    state = case_of(ledger, case)
    procedure = ledger.procedure_of(state)
    read = papers.read(form, state, procedure)
    is_checkable = is_open(CheckDocuments, state, procedure)
    return _SubmittedPapers(read, says_the_same(read, state, procedure), is_checkable)


async def _save_then_step(visit: Visit, taking: PageTaking, step: Step | None) -> Response:
    """Take the step on the look that stands; a look that was changed is put down first.

    A letter is about a look that somebody has seen the result of: what is typed but not yet put
    down is put down, its result is shown, and the letter is asked for from there. Who asks may ask
    at once, when the look that is put down says so.
    """
    form = await visit.form()
    services, case = taking.inside, taking.case
    typed = await services.run(lambda ledger, _: _read_papers(ledger, case, form))
    if typed.is_checkable and typed.read.defects:
        again = FormResult(_UNPROCESSABLE, form, defects=typed.read.defects)
        return await _show_page(visit, taking, again)
    try:
        done = await _take_step(visit, taking, typed, step)
    except LedgerError as error:
        fields = partial(papers.describe_defects, places=typed.read.places)
        again = form_result_of(error, form, await taking.version(), fields)
        return await _show_page(visit, taking, again)
    await DRAFTS.sent(visit)
    is_here = next_step(done.state) is PAPERS
    return go(f"/desk/cases/{case}/{'papers#result' if is_here else 'next'}")


async def _take_step(
    visit: Visit, taking: PageTaking, typed: _SubmittedPapers, step: Step | None
) -> Done:
    if not typed.is_checkable and step is not None:
        return await taking.take(step, visit)
    seen = validate_body(PapersCheck, typed.read.body).step()
    if step is not None and typed.is_saved:
        try:
            return await taking.take(step, visit)
        except StaleVersionError:
            # The same form may have put the look down a moment ago: then it is told that again.
            return await taking.take(seen, visit, part=_EXAMINATION)
    done = await taking.take(seen, visit, part=_EXAMINATION)
    check = done.state.check
    if isinstance(step, Verify) and check is not None and check.outcome == "verified":
        return await taking.take(step, visit, after=done, part="")
    return done


async def _show_page(visit: Visit, taking: PageTaking, again: FormResult) -> Response:
    """The page once more; what was typed is kept, too."""
    await DRAFTS.refused(visit, again)
    return await show(visit, taking.case, VIEW, again)


@router.post("/resubmission")
async def resubmit(visit: Desk, taking: PageTake) -> Response:
    """Take further papers in; they are looked at next."""
    found = further.read(await visit.form())

    async def act() -> Done:
        return await taking.take(validate_body(Further, found.body).step(), visit)

    page, by_field = VIEW, further.describe_defects
    return await answered(visit, taking, act, page, by_field, defects=found.defects)


@router.post("/same-papers")
async def take_over(visit: Desk, taking: PageTake) -> Response:
    """Take the look at the papers over from the case of the same envelope."""
    form = await visit.form()
    covers = {"yes": True, "no": False}.get(form.text("same_covers"))
    is_checked = form.has("same_form_checked")

    def make_step(ledger: Ledger, state: State, at: datetime) -> Step:
        del at
        first = state.application.same_envelope_as
        other = None if first is None else ledger.case(first)
        return copy_check(state, other, form_checked=is_checked, covers_this_request=covers)

    async def act() -> Done:
        return await taking.make(CheckDocuments, make_step, visit)

    fields = further.of_envelope
    return await answered(visit, taking, act, VIEW, fields, then="papers#result")
