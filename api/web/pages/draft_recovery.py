"""What is typed waits for who typed it: kept as they type, when it is refused, when time is up.

The forms of a step are kept as they are typed, each by itself, until they are sent or thrown away
(0064, 0066). Of a page that is no step, what is sent when the time is up waits there, once.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import SignedInUser
from api.web.pages.conflict import SINCE, VERSION, as_draft, version_in
from api.web.pages.form_drafts import StepDrafts
from api.web.pages.form_result import FIRST, UNPROCESSABLE, FormResult
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import PageGuard, Visit
from api.web.pages.renderer import go, is_part, page
from api.web.pages.route import EvenPageRoute
from api.web.services import services_of
from ledger.errors import LedgerError, NotFoundError

_log: Final = logging.getLogger(__name__)

_NOTHING: Final = UUID(int=0)
_REFUSED: Final = 400
# Before the address of a form below that of its case: "", "desk", "cases" and the case.
_BELOW: Final = 4

SavedForm = tuple[Form, datetime]
"""What was kept, and when."""


@dataclass(frozen=True, slots=True)
class PageDrafts:
    """What is kept of the forms of one page, each under who typed it.

    Attributes:
        of: the path parameter that holds the id of what the page is about; it names the drafts.
            Empty: the page is about nothing of its own, and `page` names them alone.
        page: what the forms of one page are called together; empty: the last part of the address,
            where each form has a page of its own.
        forms: those that wait each by itself: the address of each below that of the case. Any other
            form is the page's own, if it has one.
        has_own: the page has a form that is called as the page itself.
        only: the fields that are kept; empty: all of them.
        names: fields that hold names of things: twelve digits mean something else there.
        is_hushed: nothing is logged of it.
    """

    of: str
    page: str = ""
    only: Collection[str] = ()
    names: Collection[str] = ()
    forms: Collection[str] = ()
    has_own: bool = True
    is_hushed: bool = False

    def named(self, request: Request) -> str:
        """What the form of a request is called; empty: nothing is kept of it.

        What is asked of a draft is asked at the address of the page, which names the form besides.
        """
        form_name = request.query_params.get("form", "")
        named = form_name or request.url.path.split("/", _BELOW)[-1]
        if named in self.forms:
            return named
        own = self._own(request) if self.has_own else ""
        return own if form_name in ("", own) else ""

    def drafts(self, request: Request, form: str) -> StepDrafts:
        """The drafts of a form of the page, by what it is called.

        Raises:
            ValueError: the address is about nothing.
        """
        subject = UUID(request.path_params[self.of]) if self.of else _NOTHING
        page = self.page if self.forms else None
        services, kind = services_of(request), self.of or "page"
        return StepDrafts(services, subject, form, self.names, kind, page, self.is_hushed)

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        with suppress(ValueError):
            await self.put(request, actor, await form_of(request))

    async def put(self, request: Request, actor: str, form: Form) -> bool:
        """Keep a form of the page; whether it was kept, see `StepDrafts.keep`."""
        named = self.named(request)
        if not named:
            return False
        fields = {name: texts for name, texts in form.fields.items() if name in self.only}
        kept, drafts = Form(fields) if self.only else form, self.drafts(request, named)
        return await drafts.keep(actor, kept, drafts.inside.now())

    async def first(self, visit: Visit) -> FormResult:
        """How the page is shown first: with what was kept of its forms."""
        return resumed(await self.saved(visit))

    async def saved(self, visit: Visit) -> list[SavedForm]:
        """What was kept of each form of the page."""
        found = [
            await drafts.find(visit.actor, drafts.inside.now())
            for drafts in self._all(visit.request)
        ]
        return [one for one in found if one is not None]

    async def load_draft(self, visit: Visit) -> SavedForm | None:
        """What waits for the user and since when, of a page with one form."""
        return next(iter(await self.saved(visit)), None)

    async def take_draft(self, visit: Visit) -> SavedForm | None:
        """What waits for the user and since when; it is then kept no more."""
        found = await self.load_draft(visit)
        if found is not None:
            for drafts in self._all(visit.request):
                await drafts.forget(visit.actor, drafts.inside.now())
        return found

    async def refused(self, visit: Visit, again: FormResult) -> None:
        """Keep what was sent and refused, if it is a form of the page: it waits there."""
        if again.form is not None and again.status >= _REFUSED:
            await self.put(visit.request, visit.actor, as_draft(visit.request, again.form))

    async def sent(self, visit: Visit) -> None:
        """Forget what was kept of the form that the request brings: it is on record."""
        if named := self.named(visit.request):
            try:
                await self._mark_sent(visit, self.drafts(visit.request, named))
            except LedgerError as error:
                # The step stands; its draft says by its version that it was overtaken.
                _log.warning("a draft was not forgotten", extra={"code": error.code})

    async def discard(self, visit: Visit) -> None:
        """Forget what was typed into a form; without the name of one, into all of the page."""
        named = visit.request.query_params.get("form", "")
        is_one = named in self.forms
        for drafts in (self.drafts(visit.request, named),) if is_one else self._all(visit.request):
            await self._mark_sent(visit, drafts)

    async def _mark_sent(self, visit: Visit, drafts: StepDrafts) -> None:
        form = await visit.form()
        await drafts.sent(visit.actor, form, drafts.inside.now())

    def _all(self, request: Request) -> list[StepDrafts]:
        own = (self._own(request),) if self.has_own else ()
        return [self.drafts(request, one) for one in (*own, *self.forms)]

    def _own(self, request: Request) -> str:
        return self.page or request.url.path.rpartition("/")[2]


def resumed(found: Iterable[SavedForm]) -> FormResult:
    """How a page is shown first: with everything that was kept of its forms, each of its fields.

    The page is then made of the oldest version of them: none is passed over that others overtook.
    """
    kept = sorted(found, key=lambda one: one[1])
    if not kept:
        return FIRST
    fields = {name: texts for form, _ in kept for name, texts in form.fields.items()}
    for hidden in (VERSION, SINCE):
        versions = [number for form, _ in kept if (number := version_in(form, hidden))]
        if versions:
            fields[hidden] = (str(min(versions)),)
    return FormResult(form=Form(fields), kept_at=kept[-1][1])


NUMBER_SHOWN: Final = "個人番号（マイナンバー）が含まれるため、下書きを保存していません。"

Checks = Callable[[Visit], Awaitable[object]]
"""Refuses who may not have the page, or what is about nothing."""
Shows = Callable[[Visit, FormResult], Awaitable[Response]]
"""Shows the page with what was typed into it."""


def draft_routes(
    kept: PageDrafts, guard: PageGuard, address: str, checks: Checks, shows: Shows
) -> APIRouter:
    """The addresses of the drafts of one page: `draft` and `discard` below its own."""
    router = APIRouter(prefix=address, dependencies=[Depends(guard)], route_class=EvenPageRoute)

    async def checked(request: Request) -> Visit:
        visit = Visit(request, cast("SignedInUser", request.state.user))
        try:
            await checks(visit)
        except ValueError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        return visit

    @router.post("/draft")
    async def keep(request: Request) -> Response:
        """Keep what was typed so far; nothing of it is checked but for an individual number.

        What a page sends by itself is answered with the part that says whether it is kept.
        """
        visit, form, named = await checked(request), await form_of(request), kept.named(request)
        if not named:
            raise NotFoundError
        drafts, actor = kept.drafts(request, named), visit.actor
        at = drafts.inside.now()
        if is_part(request):
            kept_at = at if await drafts.autosave(actor, form, at) else None
            is_number = kept_at is None and bool(await drafts.my_numbers(form))
            return page(request, "parts/draft.html", kept_at=kept_at, is_number=is_number)
        if await drafts.keep(actor, form, at):
            return await shows(visit, FormResult(form=form, kept_at=at))
        again = FormResult(UNPROCESSABLE, form, message=NUMBER_SHOWN)
        return await shows(visit, again)

    @router.post("/discard")
    async def discard(request: Request) -> Response:
        """Forget what was typed into a form; without the name of one, into all of the page."""
        await kept.discard(await checked(request))
        return go(request.url.path.rpartition("/")[0])

    return router
