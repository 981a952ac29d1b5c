"""証跡一式: all of a case in one file, for a reason; for who hands replies out, and auditors."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.cases.dispatch.evidence import REASON_CHARACTERS_MAX, Evidence
from api.services import Services, ServicesDep
from api.web.pages.form_result import FIRST, FormResult, invalid
from api.web.pages.form_values import EMPTY, PLAIN, by_field
from api.web.pages.forms import form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import document, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_view import case_of
from ledger.errors import MalformedError

router = APIRouter(prefix="/desk/cases/{case}/evidence", route_class=EvenPageRoute)

# The page itself shows nothing of a person. What is handed out depends on the role: an auditor
# gets no name and no letter, so a fresh proof is asked of everybody alike.
Reader = Annotated[Visitor, Depends(signed("reply:download", "audit:read"))]
Taker = Annotated[Visitor, Depends(signed("reply:download", "audit:read", proved=True))]

LABELS: Final = {"reason": "理由"}
_TOO_LONG: Final = f"{REASON_CHARACTERS_MAX}字以内で入力してください。"


@router.get("")
async def get_page(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """What the file would hold, and the reason that is asked for."""
    return await _page(case, request, visitor, services, FIRST)


@router.post("")
async def take(case: UUID, request: Request, visitor: Taker, services: ServicesDep) -> Response:
    """The file, once the look with its reason is on record."""
    form = await form_of(request)
    reason = form.text("reason")
    if not reason or len(reason) > REASON_CHARACTERS_MAX:
        wrong = {"reason": EMPTY if not reason else _TOO_LONG}
        return await _page(case, request, visitor, services, invalid(form, wrong))
    evidence = Evidence(case, visitor.caller, reason)
    try:
        made = await services.run(lambda ledger, at: evidence.handed(ledger, services.replies, at))
    except MalformedError as error:
        shown = invalid(form, by_field(error.defects, LABELS, codes=PLAIN))
        return await _page(case, request, visitor, services, shown)
    return document(made)


async def _page(
    case: UUID, request: Request, visitor: Visitor, services: Services, shown: FormResult
) -> Response:
    state = await services.run(lambda ledger, _: case_of(ledger, case))
    caller = visitor.caller
    return page(
        request,
        "evidence.html",
        shown.status,
        case=case,
        number=state.number,
        sees_case=caller.may("cases:read"),
        sees_letters=caller.may("reply:download"),
        audits=caller.may("audit:read"),
        labels=LABELS,
        form=shown.shown,
        defects=shown.defects,
        reason_max=REASON_CHARACTERS_MAX,
    )
