"""The addresses of the drafts of a step: what is typed is kept there, and thrown away.

One mechanism for every step whose forms `StepPage.forms` names. A page writes what asks for it by
`form_drafts` of `parts/fields.html`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages.draft_recovery import DraftRecovery, form_named
from api.pages.form_drafts import StepDrafts
from api.pages.forms import Form, form_of
from api.pages.guard import PageGuard
from api.pages.renderer import go, is_part, page
from api.pages.route import EvenPageRoute
from api.pages.step_view import StepFormResult, StepPageView, show
from api.people import Visitor
from api.services import Services, ServicesDep
from ledger.cases.case import State
from ledger.errors import NotFoundError
from ledger.service import Ledger

Shows = Callable[[Services, Form], StepPageView]
"""How the page of a step is shown with what was typed into it."""

NUMBER_SHOWN: Final = "個人番号（マイナンバー）が含まれるため、下書きを保存していません。"
_UNPROCESSABLE: Final = 422


def drafts_of(rescuing: DraftRecovery, guard: PageGuard, shows: Shows) -> APIRouter:
    """The addresses of the drafts of one step: `draft` and `discard` below that of its page."""
    step = rescuing.step
    router = APIRouter(
        prefix=f"/desk/cases/{{case}}{step.code and f'/{step.code}'}",
        dependencies=[Depends(guard)],
        route_class=EvenPageRoute,
    )

    @router.post("/draft")
    async def keep(case: UUID, request: Request, services: ServicesDep) -> Response:
        """Keep what was typed so far; nothing of it is checked but for an individual number."""
        form, named, visitor = await form_of(request), form_named(request), _visitor(request)
        await services.run(lambda ledger, _: _check_there(ledger, case))
        if named not in step.forms:
            raise NotFoundError
        at = services.now()
        drafts, actor = rescuing.drafting(services, case, named), visitor.caller.actor
        if is_part(request):
            return await kept_by_itself(request, drafts, actor, form, at)
        is_kept = await drafts.keep(actor, form, at)
        kept_at = at if is_kept else None
        told = None if is_kept else NUMBER_SHOWN
        again = StepFormResult(200 if is_kept else _UNPROCESSABLE, form, told=told, kept_at=kept_at)
        return await show(request, visitor, case, services, shows(services, form), again)

    @router.post("/discard")
    async def discard(case: UUID, request: Request, services: ServicesDep) -> Response:
        """Forget what was typed into a form; without the name of one, into all of the page."""
        actor, named = _visitor(request).caller.actor, form_named(request)
        given = await form_of(request)
        state = await services.run(lambda ledger, _: _check_there(ledger, case))
        for form in (named,) if named in step.forms else step.forms:
            await rescuing.drafting(services, case, form).sent(actor, given, services.now())
        return go(step.address(state))

    return router


async def kept_by_itself(
    request: Request, drafts: StepDrafts, actor: str, form: Form, at: datetime
) -> Response:
    """Keep what a page sends by itself; the part that says whether it is kept, and why not."""
    kept_at = at if await drafts.typed(actor, form, at) else None
    is_number = kept_at is None and bool(drafts.my_numbers(form))
    return page(request, "parts/draft.html", kept_at=kept_at, is_number=is_number)


def _visitor(request: Request) -> Visitor:
    return cast("Visitor", request.state.visitor)


def _check_there(ledger: Ledger, case: UUID) -> State:
    state = ledger.case(case)
    if state is None:
        raise NotFoundError
    return state
