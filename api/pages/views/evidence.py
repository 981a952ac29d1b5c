"""証跡一式: all of a case in one file, for a reason; for who hands replies out, and auditors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.case_dispatch.evidence import REASON_CHARACTERS_MAX, Evidence
from api.pages.forms import Form, form_of
from api.pages.guard import signed
from api.pages.renderer import document, page
from api.pages.route import EvenPageRoute
from api.pages.steps.form_values import EMPTY, by_field
from api.people import Visitor
from api.services import Services, ServicesDep
from ledger.errors import MalformedError, NotFoundError

router = APIRouter(prefix="/desk/cases/{case}/evidence", route_class=EvenPageRoute)

# The page itself shows nothing of a person. What is handed out depends on the role: an auditor
# gets no name and no letter, so a fresh proof is asked of everybody alike.
Reader = Annotated[Visitor, Depends(signed("reply:download", "audit:read"))]
Taker = Annotated[Visitor, Depends(signed("reply:download", "audit:read", proved=True))]

LABELS: Final = {"reason": "理由"}
_UNPROCESSABLE: Final = 422
_TOO_LONG: Final = f"{REASON_CHARACTERS_MAX}字以内で入力してください。"


@dataclass(frozen=True, slots=True)
class _Shown:
    """How the page is shown: the first time, or again with what was typed."""

    form: Form
    defects: Mapping[str, str]


@router.get("")
async def get_page(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """What the file would hold, and the reason that is asked for."""
    return await _page(case, request, visitor, services, _Shown(Form({}), {}))


@router.post("")
async def take(case: UUID, request: Request, visitor: Taker, services: ServicesDep) -> Response:
    """The file, once the look with its reason is on record."""
    form = await form_of(request)
    reason = form.text("reason")
    if not reason or len(reason) > REASON_CHARACTERS_MAX:
        wrong = {"reason": EMPTY if not reason else _TOO_LONG}
        return await _page(case, request, visitor, services, _Shown(form, wrong))
    evidence = Evidence(case, visitor.caller, reason)
    try:
        made = await services.run(lambda ledger, at: evidence.handed(ledger, services.replies, at))
    except MalformedError as error:
        shown = _Shown(form, by_field(LABELS)(error.defects))
        return await _page(case, request, visitor, services, shown)
    return document(made)


async def _page(
    case: UUID, request: Request, visitor: Visitor, services: Services, shown: _Shown
) -> Response:
    state = await services.run(lambda ledger, _: ledger.case(case))
    if state is None:
        raise NotFoundError
    caller = visitor.caller
    return page(
        request,
        "evidence.html",
        _UNPROCESSABLE if shown.defects else 200,
        case=case,
        number=state.number,
        sees_case=caller.may("cases:read"),
        sees_letters=caller.may("reply:download"),
        audits=caller.may("audit:read"),
        labels=LABELS,
        form=shown.form,
        defects=shown.defects,
        reason_max=REASON_CHARACTERS_MAX,
    )
