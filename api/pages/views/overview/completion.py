"""What is done with a case as a whole: a mistake of the desk, a withdrawal, a death."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages.drafts import drafts_of
from api.pages.forms import form_of
from api.pages.guard import signed
from api.pages.route import EvenPageRoute
from api.pages.step_submission import Done, PageTake, PageTaking, answered, shown_again, stated
from api.pages.step_view import StepFormResult
from api.pages.steps import whole_case
from api.pages.views.overview.case_page import RESCUING, showing
from api.people import Visitor
from api.wire.cases.completion import DeceasedPrincipal, EnteredInError, Withdrawn
from api.wire.cases.replies import ReasonBody
from ledger.cases.case import Step
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Desk = Annotated[Visitor, Depends(signed("cases:write", rescue=RESCUING.keep))]
_either: Final = signed("cases:write", "cases:approve", rescue=RESCUING.keep)
Either = Annotated[Visitor, Depends(_either)]
Approver = Annotated[Visitor, Depends(signed("cases:approve", proved=True))]

_UNPROCESSABLE: Final = 422


@router.post("/entry-mistake")
async def report_entry(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Say that the case should never have been opened; another person confirms it."""
    services = taking.inside
    states = await services.run(lambda _, at: services.caseload.states(at))
    numbers = {state.number: str(state.case) for state in states}
    read = whole_case.entry(await form_of(request), numbers)

    def step() -> Step:
        return stated(EnteredInError, read.body).step()

    return await _taken(request, visitor, taking, read, step, ("entry", "entry_reason"))


@router.post("/end-mistake")
async def report_end(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Say that the end that stands was put down by mistake; another person confirms it."""
    read = whole_case.reason(await form_of(request), "end_reason")

    def step() -> Step:
        return ReportEnd(stated(ReasonBody, read.body).reason)

    return await _taken(request, visitor, taking, read, step, ("end", "end_reason"))


@router.post("/mistake-confirmation")
async def confirm(request: Request, visitor: Approver, taking: PageTake) -> Response:
    """Confirm the mistake, as another person than who reported it."""
    nothing = whole_case.WholeCaseForm({}, {})
    return await _taken(request, visitor, taking, nothing, ConfirmMistake, ("confirm", "confirm"))


@router.post("/mistake-dismissal")
async def dismiss(request: Request, visitor: Either, taking: PageTake) -> Response:
    """It is none; or who reported it takes it back."""
    read = whole_case.reason(await form_of(request), "dismiss_reason")

    def step() -> Step:
        return DismissMistake(stated(ReasonBody, read.body).reason)

    return await _taken(request, visitor, taking, read, step, ("dismiss", "dismiss_reason"))


@router.post("/withdrawal")
async def withdraw(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Who asked does not ask any more."""
    read = whole_case.withdrawal(await form_of(request))

    def step() -> Step:
        return stated(Withdrawn, read.body).step()

    return await _taken(request, visitor, taking, read, step, ("withdrawn", "withdrawn_on"))


@router.post("/death")
async def die(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """The principal is dead; whether the case ends with it, the procedure says."""
    read = whole_case.death(await form_of(request))

    def step() -> Step:
        return stated(DeceasedPrincipal, read.body).step()

    return await _taken(request, visitor, taking, read, step, ("learned", "learned_on"))


async def _taken(
    request: Request,
    visitor: Visitor,
    taking: PageTaking,
    read: whole_case.WholeCaseForm,
    step: Callable[[], Step],
    fields: tuple[str, str],
) -> Response:
    """Take the step, and show the case; or show it with what is wrong with the form.

    Args:
        fields: the prefix of the form's fields, and the first of them.
    """
    page = showing(taking.inside)
    if read.defects:
        again = StepFormResult(_UNPROCESSABLE, await form_of(request), defects=read.defects)
        return await shown_again(request, visitor, taking, page, again)

    async def act() -> Done:
        return await taking.take(step(), visitor)

    return await answered(
        request, visitor, taking, act, page, whole_case.by_field(*fields), then=""
    )


drafts: Final = drafts_of(RESCUING, _either, lambda services, _: showing(services))
