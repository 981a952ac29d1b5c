"""例外: records with findings, newest first; nobody is named, so there is no look to record."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.resources.transfers.forms import words
from api.web.bodies import POSITION_MAX
from api.web.items import MARKING
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from ledger.law.findings import FINDINGS
from projections.finding_list import FindingCounts, FindingFilter, FindingPage

router = APIRouter(route_class=EvenPageRoute)

# As `/v1/transfers/{transfer}/…`.
Officer = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes))]

ROWS_MAX: Final = 50
_CODES: Final = f"^({'|'.join(FINDINGS)})$"


@dataclass(frozen=True, slots=True)
class FindingQuery:
    """Which part of the list is shown.

    Attributes:
        tab: a code of `words.TABS`.
        unlawful: only records that are unlawful.
        code: only those with this finding; None: with any.
    """

    tab: str = "open"
    unlawful: bool = False
    code: str | None = None
    before: int | None = None

    def address(self, **changes: object) -> str:
        """The address of the list with some of it changed; it begins anew without `before`."""
        parameters = {"tab": self.tab, "only": self.unlawful, "code": self.code, **changes}
        query = {
            name: "unlawful" if value is True else value
            for name, value in parameters.items()
            if value and (name, value) != ("tab", "open")
        }
        return f"{EXCEPTIONS.address}?{urlencode(query)}" if query else EXCEPTIONS.address


async def _read_query(
    tab: Annotated[str, Query(pattern=f"^({'|'.join(words.TABS)})$")] = "open",
    only: Annotated[str | None, Query(pattern="^(unlawful)?$")] = None,
    code: Annotated[str | None, Query(pattern=f"{_CODES}|^$")] = None,
    before: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
) -> FindingQuery:
    """What the query asks for; a filter that is left open in the form comes in empty."""
    return FindingQuery(tab, bool(only), code or None, before)


@router.get(EXCEPTIONS.address)
async def get_finding_list(
    visit: Officer, query: Annotated[FindingQuery, Depends(_read_query)]
) -> Response:
    """Records to handle, those that were handled, or all; 50 a page."""
    includes_hidden = visit.caller.may(MARKING)
    filters = FindingFilter(
        before=query.before,
        limit=ROWS_MAX,
        state=None if query.tab == "all" else query.tab,
        unlawful=query.unlawful,
        code=query.code,
    )

    def read() -> tuple[FindingPage, FindingCounts]:
        found = visit.services.finding_list.page(filters, includes_hidden=includes_hidden)
        return found, visit.services.finding_list.counts(includes_hidden=includes_hidden)

    found, counts = await run_in_threadpool(read)
    return page(
        visit.request,
        "transfers/finding_list.html",
        found=found,
        counts=counts,
        findings=FINDINGS,
        wanted=query,
        tabs=words.TABS,
        exception_words=words,
    )
