"""What somebody sends whose time is up waits for them on the page of the step, once.

For forms that are short: nothing is kept while they are typed.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from api.pages.drafting import Drafting
from api.pages.forms import form_of
from api.pages.looking import FIRST, Again
from api.pages.steps.order import StepPage
from api.people import Visitor
from api.services import Services, services_of


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
