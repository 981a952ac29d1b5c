"""Where what is typed about a notice waits for who typed it."""

from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request

from api.pages.form_drafts import StepDrafts
from api.pages.forms import form_of
from api.pages.oversight.notices.about import subject
from api.pages.oversight.notices.fields import NAMES
from api.services import services_of


@dataclass(frozen=True, slots=True)
class NoticeDrafts:
    """The drafts of the forms of one page; each notice has its own.

    Attributes:
        page: what is done there: `publication` or `withdrawal`.
    """

    page: str

    async def keep(self, request: Request, actor: str) -> None:
        """Keep what the request brings, under the actor: a `Rescue` of the guard."""
        with suppress(ValueError):
            drafting = self.of(request)
            await drafting.keep(actor, await form_of(request), drafting.inside.now())

    def of(self, request: Request) -> StepDrafts:
        """The drafts of the notice that the address is about.

        Raises:
            ValueError: it is about none.
        """
        code = request.path_params["notice"]
        # The two kinds of new notices are about nothing yet, so the page tells them apart.
        page = self.page if code.isdigit() else f"{self.page}-{code}"
        return StepDrafts(services_of(request), subject(code), page, NAMES, "notice")
