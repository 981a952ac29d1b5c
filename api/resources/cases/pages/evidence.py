"""証跡一式: all of a case in one file, for a reason; for who hands replies out, and auditors."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.cases.dispatch.evidence import REASON_CHARACTERS_MAX, Evidence
from api.resources.cases.pages.case_documents import document
from api.resources.cases.pages.step_view import case_of
from api.web.pages.form_result import FIRST, FormResult, form_page, invalid
from api.web.pages.form_values import EMPTY, PLAIN, by_field
from api.web.pages.guard import Visit, signed
from api.web.pages.route import EvenPageRoute
from ledger.errors import MalformedError

router = APIRouter(prefix="/desk/cases/{case}/evidence", route_class=EvenPageRoute)

# The page itself shows nothing of a person. What is handed out depends on the role: an auditor
# gets no name and no letter, so a fresh proof is asked of everybody alike.
Reader = Annotated[Visit, Depends(signed("reply:download", "audit:read"))]
Taker = Annotated[Visit, Depends(signed("reply:download", "audit:read", proved=True))]

LABELS: Final = {"reason": "理由"}
_TOO_LONG: Final = f"{REASON_CHARACTERS_MAX}字以内で入力してください。"


@router.get("")
async def get_page(case: UUID, visit: Reader) -> Response:
    """What the file would hold, and the reason that is asked for."""
    return await _page(case, visit, FIRST)


@router.post("")
async def take(case: UUID, visit: Taker) -> Response:
    """The file, once the look with its reason is on record."""
    form = await visit.form()
    reason = form.text("reason")
    if not reason or len(reason) > REASON_CHARACTERS_MAX:
        wrong = {"reason": EMPTY if not reason else _TOO_LONG}
        return await _page(case, visit, invalid(form, wrong))
    evidence = Evidence(case, visit.caller, reason)
    try:
        made = await visit.run(
            lambda ledger, at: evidence.handed(ledger, visit.services.replies, at)
        )
    except MalformedError as error:
        shown = invalid(form, by_field(error.defects, LABELS, codes=PLAIN))
        return await _page(case, visit, shown)
    return document(made)


async def _page(case: UUID, visit: Visit, shown: FormResult) -> Response:
    state = await visit.run(lambda ledger, _: case_of(ledger, case))
    caller = visit.caller
    return form_page(
        visit,
        "cases/evidence.html",
        shown,
        LABELS,
        case=case,
        number=state.number,
        sees_case=caller.may("cases:read"),
        sees_letters=caller.may("reply:download"),
        audits=caller.may("audit:read"),
        reason_max=REASON_CHARACTERS_MAX,
    )
