"""本人確認: what is on the papers, what it amounts to, and what comes of it (S2)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.cases.forms import further, papers
from api.resources.cases.forms.papers import PapersForm
from api.resources.cases.forms.papers_view import says_the_same
from api.resources.cases.pages.paper_page import DRAFTS, Desk, Reader, showing
from api.resources.cases.schemas.papers import Further, PapersCheck
from api.services import ServicesDep
from api.web.pages.form_result import FIRST, FormResult
from api.web.pages.forms import Form, form_of
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import PAPERS, next_step
from api.web.pages.step_submission import Done, PageTake, PageTaking, again_after, answered, stated
from api.web.pages.step_view import case_of, show
from ledger.cases.case import State, Step, taken_over
from ledger.cases.refusals import StaleVersionError
from ledger.cases.step_availability import is_open
from ledger.cases.steps import CheckDocuments, Refuse, RequestCorrection, Verify
from ledger.errors import LedgerError
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}/papers", route_class=EvenPageRoute)

_UNPROCESSABLE: Final = 422
_LOOK: Final = "/documents"


@router.get("")
async def get_papers(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """The papers as they were looked at last, or as somebody was typing."""
    again = FIRST
    if visitor.caller.may("cases:write"):
        again = await DRAFTS.first(request, visitor)
    return await show(request, visitor, case, services, showing(services), again)


@router.post("")
async def look(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Put down what was seen; or show the form again with more rows, or other kinds of paper."""
    form = await form_of(request)
    if form.text("action") in ("more", "kinds", "compare"):
        again = FormResult(form=form)
        return await show(
            request, visitor, taking.case, taking.inside, showing(taking.inside), again
        )
    return await _after_looking(request, visitor, taking, None)


@router.post("/verification")
async def verify(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Who asks may ask."""
    return await _after_looking(request, visitor, taking, Verify())


@router.post("/correction")
async def request_correction(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Ask for everything that is short."""
    return await _after_looking(request, visitor, taking, RequestCorrection())


@router.post("/refusal")
async def refuse(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Refuse without a search."""
    return await _after_looking(request, visitor, taking, Refuse())


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed, and the case that it is about.

    Attributes:
        is_saved: the look that stands says the same.
        is_checkable: a look may be put down.
    """

    read: PapersForm
    is_saved: bool
    is_checkable: bool


def _typed(ledger: Ledger, case: UUID, form: Form) -> _Typed:
    state = case_of(ledger, case)
    procedure = ledger.procedure_of(state)
    read = papers.read(form, state, procedure)
    is_checkable = is_open(CheckDocuments, state, procedure)
    return _Typed(read, says_the_same(read, state, procedure), is_checkable)


async def _after_looking(
    request: Request, visitor: Visitor, taking: PageTaking, step: Step | None
) -> Response:
    """Take the step on the look that stands; a look that was changed is put down first.

    A letter is about a look that somebody has seen the result of: what is typed but not yet put
    down is put down, its result is shown, and the letter is asked for from there. Who asks may ask
    at once, when the look that is put down says so.
    """
    form = await form_of(request)
    services, case = taking.inside, taking.case
    typed = await services.run(lambda ledger, _: _typed(ledger, case, form))
    if typed.is_checkable and typed.read.defects:
        again = FormResult(_UNPROCESSABLE, form, defects=typed.read.defects)
        return await _again(request, visitor, taking, again)
    try:
        done = await _taken(visitor, taking, typed, step)
    except LedgerError as error:
        fields = partial(papers.told, places=typed.read.places)
        again = again_after(error, form, await taking.version(), fields)
        return await _again(request, visitor, taking, again)
    await DRAFTS.sent(request, visitor)
    is_here = next_step(done.state) is PAPERS
    return go(f"/desk/cases/{case}/{'papers#result' if is_here else 'next'}")


async def _taken(visitor: Visitor, taking: PageTaking, typed: _Typed, step: Step | None) -> Done:
    if not typed.is_checkable and step is not None:
        return await taking.take(step, visitor)
    seen = stated(PapersCheck, typed.read.body).step()
    if step is not None and typed.is_saved:
        try:
            return await taking.take(step, visitor)
        except StaleVersionError:
            # The same form may have put the look down a moment ago: then it is told that again.
            return await taking.take(seen, visitor, part=_LOOK)
    done = await taking.take(seen, visitor, part=_LOOK)
    check = done.state.check
    if isinstance(step, Verify) and check is not None and check.outcome == "verified":
        return await taking.take(step, visitor, after=done, part="")
    return done


async def _again(
    request: Request, visitor: Visitor, taking: PageTaking, again: FormResult
) -> Response:
    """The page once more; what was typed is kept, too."""
    await DRAFTS.refused(request, visitor, again)
    return await show(request, visitor, taking.case, taking.inside, showing(taking.inside), again)


@router.post("/resubmission")
async def resubmit(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Take further papers in; they are looked at next."""
    found = further.read(await form_of(request))

    async def act() -> Done:
        return await taking.take(stated(Further, found.body).step(), visitor)

    page, told = showing(taking.inside), further.told
    return await answered(request, visitor, taking, act, page, told, defects=found.defects)


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
