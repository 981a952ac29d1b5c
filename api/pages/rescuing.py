"""What somebody sends whose time is up waits for them on its page, once.

For forms that are short: nothing is kept while they are typed.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request

from api.pages.drafting import Drafting
from api.pages.forms import Form, form_of
from api.pages.looking import FIRST, Again
from api.pages.steps.order import StepPage
from api.people import Visitor
from api.services import Services, services_of

_NOTHING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rescuing:
    """The rescue of the forms of one step.

    Attributes:
        names: fields that hold names of things: eleven or twelve digits mean something else there.
    """

    step: StepPage
    names: Collection[str] = ()

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        inside = services_of(request)
        with suppress(ValueError):
            case = UUID(request.path_params["case"])
            form = await form_of(request)
            await self._drafting(inside, case).keep(actor, form, inside.now())

    async def first(self, inside: Services, case: UUID, visitor: Visitor) -> Again:
        """How the page is shown first: with what was kept, which is then kept no more."""
        drafts, actor, at = self._drafting(inside, case), visitor.caller.actor, inside.now()
        found = await drafts.find(actor, at)
        if found is None:
            return FIRST
        await drafts.forget(actor, at)
        return Again(form=found[0], kept_at=found[1])

    def _drafting(self, inside: Services, case: UUID) -> Drafting:
        return Drafting(inside, case, self.step.code, self.names)


@dataclass(frozen=True, slots=True)
class PageRescuing:
    """The rescue of the forms of a page that is no step.

    Attributes:
        of: the path parameter that holds the id of what the page is about; it names the drafts.
            Empty: the page is about nothing of its own, and `page` names them alone.
        page: what the forms of one page are called together; empty: the last part of the address,
            where each form has a page of its own.
        only: the fields that are kept; empty: all of them.
    """

    of: str
    page: str = ""
    only: Collection[str] = ()

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        with suppress(ValueError):
            drafting = self._drafting(request)
            form = await form_of(request)
            fields = {name: texts for name, texts in form.fields.items() if name in self.only}
            kept = Form(fields) if self.only else form
            await drafting.keep(actor, kept, services_of(request).now())

    async def taken(self, request: Request, visitor: Visitor) -> tuple[Form, datetime] | None:
        """What waits for the visitor and since when; it is then kept no more."""
        drafting, actor = self._drafting(request), visitor.caller.actor
        at = drafting.inside.now()
        found = await drafting.find(actor, at)
        if found is not None:
            await drafting.forget(actor, at)
        return found

    def _drafting(self, request: Request) -> Drafting:
        subject = UUID(request.path_params[self.of]) if self.of else _NOTHING
        page = self.page or request.url.path.rpartition("/")[2]
        return Drafting(services_of(request), subject, page, kind=self.of or "page")
