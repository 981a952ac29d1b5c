"""監査ログ, 操作の記録: who did what, and when; never for whom."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.accesses import act_forms, forms
from api.resources.accesses.act_forms import KINDS, LABELS, ActFilter
from api.services import Services, ServicesDep
from api.web.items import MARKING
from api.web.pages import days
from api.web.pages.forms import form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from ledger.accesses.acts import Acts, AskedActs, RecordedAct
from ledger.clock import day_in_japan
from ledger.errors import MalformedError

LIST: Final = "acts"


@dataclass(frozen=True, slots=True)
class ListedActs:
    """A page of acts.

    Attributes:
        cursor: of the next page; None at the end.
    """

    acts: tuple[RecordedAct, ...]
    cursor: str | None


async def listed_acts(
    services: Services, asked: AskedActs, cursor: str | None, limit: int, *, sees_all: bool
) -> ListedActs:
    """The next acts, in the order of the ledger, as of the first page's head.

    Args:
        cursor: of the page before, with the same question; None: the first page.
        sees_all: whether the reader may know of records that are hidden under Order 11.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
    """
    question = _question(asked)
    if cursor is None:
        up_to, after = await services.run(lambda ledger, _: ledger.streams.reads.head()), 0
    else:
        up_to, after = services.cursors.read(cursor, "/cursor", LIST, *question)
    page = await services.run(
        lambda ledger, _: Acts(ledger.streams).page(asked, after, up_to, limit, sees_all=sees_all)
    )
    following = None
    if page.after is not None:
        following = services.cursors.made((up_to, page.after), LIST, *question)
    return ListedActs(page.acts, following)


def _question(asked: AskedActs) -> list[bytes]:
    days = [None if day is None else day.isoformat() for day in (asked.first, asked.last)]
    return [(one or "").encode() for one in (*days, asked.case, asked.actor, asked.kind)]


# It looks at records, hidden ones too, so it answers on the grid.
router = APIRouter(prefix="/desk/audit/acts", route_class=EvenPageRoute)

# As the looks.
Auditor = Annotated[Visitor, Depends(signed("audit:read"))]

PAGE: Final = 100
_UNPROCESSABLE: Final = 422
_OTHER_QUESTION: Final = "条件が変わったため、続きを表示できません。もう一度絞り込んでください。"


@router.get("")
async def get_acts(request: Request, visitor: Auditor, services: ServicesDep) -> Response:
    """The acts of the last days. Reading them is no look: no person is shown."""
    question = act_forms.read(forms.first(day_in_japan(services.now())))
    return await _shown(request, visitor, services, question)


@router.post("")
async def find(request: Request, visitor: Auditor, services: ServicesDep) -> Response:
    """The acts that are asked for; by POST, so that no case and nobody stands in an address."""
    return await _shown(request, visitor, services, act_forms.read(await form_of(request)))


async def _shown(
    request: Request, visitor: Visitor, services: Services, question: ActFilter
) -> Response:
    defects, found = dict(question.defects), None
    sees_all = visitor.caller.may(MARKING)
    if not defects:
        try:
            found = await listed_acts(
                services, question.asked, question.cursor, PAGE, sees_all=sees_all
            )
        except MalformedError:
            defects["cursor"] = _OTHER_QUESTION
    return page(
        request,
        "watching/acts.html",
        _UNPROCESSABLE if defects else 200,
        form=question.form,
        labels=LABELS,
        defects=defects,
        eras=days.ERAS,
        calendar=days.CALENDAR,
        kinds=KINDS,
        question=question,
        sees_all=sees_all,
        **_told(visitor, found),
    )


def _told(visitor: Visitor, found: ListedActs | None) -> dict[str, Any]:
    if found is None:
        return {"is_listed": False}
    caller = visitor.caller
    told = act_forms.rows(
        found.acts,
        sees_cases=caller.may("cases:read"),
        # Who finds a record unknown there, though its act was told, would know that it is hidden.
        sees_records=caller.may(MARKING) and caller.may("records:write"),
    )
    return {"is_listed": True, "rows": told, "cursor": found.cursor}
