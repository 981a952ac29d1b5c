"""How a page takes a step of a case, and what is answered when that is refused.

A form brings, in hidden fields, the version of the case that the page was made of, and a key of its
own: sent twice it is one command, as at the endpoints of the API. The macro `hidden` of
`parts/fields.html` writes both, anew for each form.

A view answers its forms by `answered`:

    @router.post("/desk/cases/{case}/papers")
    async def look(request: Request, visitor: Desk, taking: PageTake) -> Response:
        async def act() -> Done:
            return await taking.take(step, visit)

        return await answered(request, visitor, taking, act, SHOWING, by_field)
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.problems.refusals import IdempotencyKeyReusedError
from api.resources.cases.pages.step_order import StepPage
from api.resources.cases.pages.step_view import StepPageView, case_of, show
from api.resources.cases.step_endpoints import ENDPOINTS
from api.resources.cases.steps import Make, StepRequest
from api.web.pages.conflict import note_version, version_in
from api.web.pages.draft_recovery import PageDrafts, draft_routes
from api.web.pages.form_result import CONFLICT, FIRST, ByField, FormResult, invalid
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import PageGuard, Visit
from api.web.pages.once import once_or_before
from api.web.pages.renderer import go
from api.web.services import Services, ServicesDep
from ledger.cases.case import State, Step
from ledger.cases.refusals import CaseStatusError, StaleApprovalError, StaleVersionError
from ledger.errors import LedgerError, NotFoundError
from ledger.service import CommandReceipt, Ledger

_REFUSALS: Final = frozenset((403, 409, 412, 422))


@dataclass(frozen=True, slots=True)
class Done:
    """A step that stands.

    Attributes:
        state: the case as the step left it.
        position: where its last event stands.
    """

    case: UUID
    state: State
    position: int


Taken = Callable[[StepRequest, Ledger, datetime], CommandReceipt]


class PageTaking:
    """One form for a step of a case."""

    def __init__(self, case: UUID, services: ServicesDep, request: Request) -> None:
        self.case = case
        self.inside: Services = services
        self._request = request

    async def version(self) -> int:
        """The version of the case that the form was made of; 0, which none has, without one."""
        return version_in(await form_of(self._request))

    async def take(
        self, step: Step, visit: Visit, *, after: Done | None = None, part: str | None = None
    ) -> Done:
        """Take a step that the form states.

        Args:
            after: the step that the same form has just become; this one is taken on it.
            part: names this step, when one form may become several; by itself the first one has
                no name, and the next one that of its endpoint.

        Raises:
            LedgerError: as the endpoint of the step.
            IdempotencyKeyReusedError: the form was sent before, with something else in it.
        """

        def take_step(step_request: StepRequest, ledger: Ledger, at: datetime) -> CommandReceipt:
            return step_request.take(ledger, step, at)

        return await self._once(type(step), take_step, visit, after, part)

    async def make(
        self, kind: type[Step], make: Make, visit: Visit, after: Done | None = None
    ) -> Done:
        """Take a step that is made of the case itself: of its records, of the letter; as `take`."""

        def take_step(step_request: StepRequest, ledger: Ledger, at: datetime) -> CommandReceipt:
            return step_request.make(ledger, kind, make, at)

        return await self._once(kind, take_step, visit, after, None)

    async def _once(
        self, kind: type[Step], taken: Taken, visit: Visit, after: Done | None, part: str | None
    ) -> Done:
        """Carry the form out, unless it was before: then what became of it is told again."""
        endpoint = ENDPOINTS[kind].path
        version = await self.version() if after is None else after.state.version
        if part is None:
            part = "" if after is None else f"/{endpoint}"

        async def carried_out(command: UUID) -> Done:
            step_request = StepRequest(self.case, version, command, visit.caller, endpoint)
            return await visit.run(
                lambda ledger, at: _done(ledger, taken(step_request, ledger, at), command)
            )

        async def before(command: UUID) -> Done:
            return await visit.run(lambda ledger, _: self._load_done(ledger, command))

        done = await once_or_before(visit, carried_out, before, part)
        # Whoever shows the page of the form again knows what the form itself did.
        note_version(visit.request, done.state.version)
        return done

    def _load_done(self, ledger: Ledger, command: UUID) -> Done:
        receipt = ledger.case_first(command)
        if receipt is None:
            raise NotFoundError
        return _done(ledger, receipt, command)


def _done(ledger: Ledger, receipt: CommandReceipt, command: UUID) -> Done:
    state, position = ledger.case_after(receipt, command)
    return Done(state.case, state, position)


PageTake = Annotated[PageTaking, Depends()]
"""What a page takes a step by."""


async def answered(  # noqa: PLR0913 -- one form, its page and its fields
    visit: Visit,
    taking: PageTaking,
    act: Callable[[], Awaitable[Done]],
    showing: StepPageView,
    by_field: ByField,
    *,
    defects: Mapping[str, str] | None = None,
    changed: str = "",
    then: str = "next",
) -> Response:
    """Take the step and lead on; or show its page again, with all that was typed.

    Bad input is answered with 422 and told at its fields. A version that is not the newest, or a
    step that is not open any more, is answered with 409 and with what others did since; other
    refusals with their own status and words. What was typed is kept then, and forgotten once the
    step stands.

    Args:
        defects: field → what is wrong with the form before the step can be asked for.
        changed: what is told where what was approved is not the same any more.
        then: where it leads: a page below the case; empty for the case itself.
    """
    form = await visit.form()
    if defects:
        return await show_form_result(visit, taking, showing, invalid(form, defects))
    try:
        await act()
    except LedgerError as error:
        if changed and isinstance(error, StaleApprovalError):
            again = FormResult(CONFLICT, form, message=changed)
        else:
            again = form_result_of(error, form, await taking.version(), by_field)
        return await show_form_result(visit, taking, showing, again)
    await drafts_of_step(showing.step).sent(visit)
    return go(f"/desk/cases/{taking.case}{f'/{then}' if then else ''}")


async def show_form_result(
    visit: Visit, taking: PageTaking, showing: StepPageView, again: FormResult
) -> Response:
    """Show the page of a form once more; what was refused is kept, too, if its step keeps it."""
    await drafts_of_step(showing.step).refused(visit, again)
    return await show(visit, taking.case, showing, again)


def form_result_of(error: LedgerError, form: Form, version: int, by_field: ByField) -> FormResult:
    """How the page is shown again after a refusal.

    Raises:
        LedgerError: the refusal itself, when the page could not be shown either.
    """
    if isinstance(error, StaleVersionError | CaseStatusError | IdempotencyKeyReusedError):
        return FormResult(CONFLICT, form, since=version)
    return FIRST.refused(error, form, by_field, _REFUSALS)


def drafts_of_step(step: StepPage, names: Collection[str] = ()) -> PageDrafts:
    """The drafts of the forms of a step; `names`: besides those of the step."""
    all_names = (*step.names, *names)
    return PageDrafts("case", step.code, (), all_names, step.forms, step.has_own_form)


def step_draft_routes(
    drafts: PageDrafts,
    step: StepPage,
    guard: PageGuard,
    view: Callable[[Form], StepPageView],
) -> APIRouter:
    """The addresses of the drafts of a step; `view`: its page, with what was typed into it."""

    async def checks(visit: Visit) -> None:
        await visit.run(lambda ledger, _: case_of(ledger, visit.id_of("case")))

    async def shows(visit: Visit, again: FormResult) -> Response:
        return await show(visit, visit.id_of("case"), view(again.current_form), again)

    address = f"/desk/cases/{{case}}{step.code and f'/{step.code}'}"
    return draft_routes(drafts, guard, address, checks, shows)
