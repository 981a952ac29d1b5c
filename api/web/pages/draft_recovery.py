"""What is typed waits for who typed it: kept as they type, when it is refused, when time is up.

The forms of a step are kept as they are typed, each by itself, until they are sent or thrown away
(0064, 0066). Of a page that is no step, what is sent when the time is up waits there, once.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.services import Services, ServicesDep, services_of
from api.web.pages.conflict import SINCE, VERSION, version_in
from api.web.pages.form_drafts import StepDrafts
from api.web.pages.form_result import FIRST, UNPROCESSABLE, FormResult
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import PageGuard
from api.web.pages.renderer import go, is_part, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import StepPage
from api.web.pages.step_view import StepPageView, as_taken, case_of, show
from ledger.errors import LedgerError, NotFoundError

_log: Final = logging.getLogger(__name__)

_NOTHING: Final = UUID(int=0)
_REFUSED: Final = 400
# Before the address of a form below that of its case: "", "desk", "cases" and the case.
_BELOW: Final = 4
_OF_DRAFTS: Final = frozenset(("draft", "discard"))

SavedForm = tuple[Form, datetime]
"""What was kept, and when."""


def form_named(request: Request) -> str:
    """What the form of a request is called: its address below that of the case.

    What is asked of a draft is asked at the address of the page, which names the form besides.
    """
    below = request.url.path.split("/", _BELOW)[-1]
    if below.rpartition("/")[2] in _OF_DRAFTS:
        return request.query_params.get("form", "")
    return below


@dataclass(frozen=True, slots=True)
class DraftRecovery:
    """The drafts of the forms of one step.

    Attributes:
        names: fields that hold names of things, besides those of the step: eleven or twelve digits
            mean something else there.
    """

    step: StepPage
    names: Collection[str] = ()

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        services, named = services_of(request), form_named(request)
        if named not in self.step.forms:
            if self.step.forms:
                return
            named = self.step.code
        with suppress(ValueError):
            case = UUID(request.path_params["case"])
            form = await form_of(request)
            await self.drafting(services, case, named).keep(actor, form, services.now())

    async def first(self, services: Services, case: UUID, visitor: Visitor) -> FormResult:
        """How the page is shown first: with what was kept of its forms."""
        return resumed(await self.found(services, case, visitor))

    async def found(
        self, services: Services, case: UUID, visitor: Visitor
    ) -> tuple[SavedForm, ...]:
        """What was kept of each form of the step."""
        actor, at = visitor.caller.actor, services.now()
        kept = [await self.drafting(services, case, one).find(actor, at) for one in self.step.forms]
        return tuple(one for one in kept if one is not None)

    async def refused(
        self, request: Request, visitor: Visitor, case: UUID, again: FormResult
    ) -> None:
        """Keep what was sent and refused, if it was a form of the step: it waits on the page."""
        named = form_named(request)
        if again.form is None or again.status < _REFUSED or named not in self.step.forms:
            return
        services = services_of(request)
        form = as_taken(request, again.form)
        await self.drafting(services, case, named).keep(visitor.caller.actor, form, services.now())

    async def sent(self, request: Request, visitor: Visitor, case: UUID) -> None:
        """Forget what was kept of the form that the request brings: it is on record."""
        services, named = services_of(request), form_named(request)
        if named not in self.step.forms:
            return
        try:
            form = await form_of(request)
            await self.drafting(services, case, named).sent(
                visitor.caller.actor, form, services.now()
            )
        except LedgerError as error:
            # The step stands; its draft says by its version that it was overtaken.
            _log.warning("a draft was not forgotten", extra={"code": error.code})

    def drafting(self, services: Services, case: UUID, form: str) -> StepDrafts:
        """The drafts of one form of the step, by what it is called."""
        names = (*self.step.names, *self.names)
        return StepDrafts(services, case, form, names, page=self.step.code)


def resumed(found: Iterable[SavedForm]) -> FormResult:
    """How a page is shown first: with everything that was kept of its forms, each of its fields.

    The page is then made of the oldest version of them: none is passed over that others overtook.
    """
    kept = sorted(found, key=lambda one: one[1])
    if not kept:
        return FIRST
    fields = {name: texts for form, _ in kept for name, texts in form.fields.items()}
    for hidden in (VERSION, SINCE):
        told = [number for form, _ in kept if (number := version_in(form, hidden))]
        if told:
            fields[hidden] = (str(min(told)),)
    return FormResult(form=Form(fields), kept_at=kept[-1][1])


@dataclass(frozen=True, slots=True)
class PageRescuing:
    """The rescue of the forms of a page that is no step.

    Attributes:
        of: the path parameter that holds the id of what the page is about; it names the drafts.
            Empty: the page is about nothing of its own, and `page` names them alone.
        page: what the forms of one page are called together; empty: the last part of the address,
            where each form has a page of its own.
        only: the fields that are kept; empty: all of them.
        names: fields that hold names of things: twelve digits mean something else there.
        is_hushed: nothing is logged of it.
    """

    of: str
    page: str = ""
    only: Collection[str] = ()
    names: Collection[str] = ()
    is_hushed: bool = False

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        with suppress(ValueError):
            await self.put(request, actor, await form_of(request))

    async def put(self, request: Request, actor: str, form: Form) -> bool:
        """Keep a form of the page; whether it was kept, see `StepDrafts.keep`."""
        fields = {name: texts for name, texts in form.fields.items() if name in self.only}
        kept = Form(fields) if self.only else form
        return await self._drafting(request).keep(actor, kept, services_of(request).now())

    async def found(self, request: Request, visitor: Visitor) -> SavedForm | None:
        """What waits for the visitor and since when."""
        drafting = self._drafting(request)
        return await drafting.find(visitor.caller.actor, drafting.inside.now())

    async def taken(self, request: Request, visitor: Visitor) -> SavedForm | None:
        """What waits for the visitor and since when; it is then kept no more."""
        drafting, actor = self._drafting(request), visitor.caller.actor
        found = await self.found(request, visitor)
        if found is not None:
            await drafting.forget(actor, drafting.inside.now())
        return found

    def _drafting(self, request: Request) -> StepDrafts:
        subject = UUID(request.path_params[self.of]) if self.of else _NOTHING
        page = self.page or request.url.path.rpartition("/")[2]
        kind, services = self.of or "page", services_of(request)
        return StepDrafts(services, subject, page, self.names, kind, is_hushed=self.is_hushed)


Shows = Callable[[Services, Form], StepPageView]
"""How the page of a step is shown with what was typed into it."""

NUMBER_SHOWN: Final = "個人番号（マイナンバー）が含まれるため、下書きを保存していません。"


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
        await services.run(lambda ledger, _: case_of(ledger, case))
        if named not in step.forms:
            raise NotFoundError
        drafts = rescuing.drafting(services, case, named)

        async def shown(again: FormResult) -> Response:
            return await show(request, visitor, case, services, shows(services, form), again)

        return await kept(request, drafts, visitor, form, shown)

    @router.post("/discard")
    async def discard(case: UUID, request: Request, services: ServicesDep) -> Response:
        """Forget what was typed into a form; without the name of one, into all of the page."""
        actor, named = _visitor(request).caller.actor, form_named(request)
        given = await form_of(request)
        state = await services.run(lambda ledger, _: case_of(ledger, case))
        for form in (named,) if named in step.forms else step.forms:
            await rescuing.drafting(services, case, form).sent(actor, given, services.now())
        return go(step.address(state))

    return router


async def kept(
    request: Request,
    drafts: StepDrafts,
    visitor: Visitor,
    form: Form,
    shown: Callable[[FormResult], Awaitable[Response]],
) -> Response:
    """Keep what was typed so far, and show the page; or why it is not kept.

    What a page sends by itself is answered with the part that says whether it is kept.
    """
    at, actor = drafts.inside.now(), visitor.caller.actor
    if is_part(request):
        kept_at = at if await drafts.typed(actor, form, at) else None
        is_number = kept_at is None and bool(drafts.my_numbers(form))
        return page(request, "parts/draft.html", kept_at=kept_at, is_number=is_number)
    if await drafts.keep(actor, form, at):
        return await shown(FormResult(form=form, kept_at=at))
    return await shown(FormResult(UNPROCESSABLE, form, told=NUMBER_SHOWN))


def _visitor(request: Request) -> Visitor:
    return cast("Visitor", request.state.visitor)
