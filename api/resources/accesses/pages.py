"""監査ログ: who looked at what, under which case and why; never whom."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.accesses import forms
from api.resources.accesses.forms import LABELS, AuditFilter
from api.resources.accesses.views import ListedAccesses, listed
from api.services import Services, ServicesDep
from api.web.items import MARKING
from api.web.pages import days
from api.web.pages.forms import form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import page
from api.web.pages.route import PageRoute
from ledger.clock import day_in_japan
from ledger.errors import MalformedError

router = APIRouter(prefix="/desk/audit", route_class=PageRoute)

# As `GET /v1/accesses`.
Auditor = Annotated[Visitor, Depends(signed("audit:read"))]

PAGE: Final = 100
_UNPROCESSABLE: Final = 422
_OTHER_QUESTION: Final = "条件が変わったため、続きを表示できません。もう一度絞り込んでください。"


@router.get("")
async def get_looks(request: Request, visitor: Auditor, services: ServicesDep) -> Response:
    """The looks of the last days. Reading them is no look: no person is shown."""
    question = forms.read(forms.first(day_in_japan(services.now())))
    return await _shown(request, visitor, services, question)


@router.post("")
async def find(request: Request, visitor: Auditor, services: ServicesDep) -> Response:
    """The looks that are asked for; by POST, so that no case and nobody stands in an address."""
    return await _shown(request, visitor, services, forms.read(await form_of(request)))


async def _shown(
    request: Request, visitor: Visitor, services: Services, question: AuditFilter
) -> Response:
    defects, found = dict(question.defects), None
    if not defects:
        try:
            found = await listed(services, question.asked, question.cursor, PAGE)
        except MalformedError:
            defects["cursor"] = _OTHER_QUESTION
    return page(
        request,
        "watching/audit.html",
        _UNPROCESSABLE if defects else 200,
        form=question.form,
        labels=LABELS,
        defects=defects,
        eras=days.ERAS,
        calendar=days.CALENDAR,
        kinds=forms.WHAT,
        question=question,
        **_told(visitor, question, found, services.settings.kinds),
    )


def _told(
    visitor: Visitor, question: AuditFilter, found: ListedAccesses | None, kinds: Mapping[str, str]
) -> dict[str, Any]:
    if found is None:
        return {"is_listed": False}
    told = found.shown(sees_all=visitor.caller.may(MARKING))
    rows = forms.rows(told, kinds)
    return {
        "is_listed": True,
        "rows": rows,
        "evidence": next(
            (one.case_id for one in rows if one.case_id and question.asked.case), None
        ),
        "expired": told["expired"],
        "as_of": told["as_of"],
        "cursor": told["cursor"],
    }
