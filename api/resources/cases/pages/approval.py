"""承認: a second person looks at what goes out, and approves exactly it or sends it back (S5).

Nobody approves what they have not opened. That they have is a look on record, of this submission.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.case_replies import ReplyRecords
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.approver_access import find_accesses
from api.resources.cases.dispatch.steps import approving
from api.resources.cases.forms import points
from api.resources.cases.forms.approval import HELD_MAX, list_withheld, named
from api.resources.cases.forms.measures import offered
from api.resources.cases.pages.case_documents import handed_out
from api.resources.cases.pages.step_order import APPROVAL
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    answered,
    drafts_of_step,
    step_draft_routes,
)
from api.resources.cases.pages.step_view import CaseView, StepPageView, case_of, conflict_of, show
from api.resources.cases.schemas.replies import ReasonBody
from api.resources.cases.schemas.whole_case import render_whole_case
from api.resources.cases.search.decision import points_of
from api.web.bodies import POSITION_MAX
from api.web.padding_clock import SEARCH_STEPS, widen_padding
from api.web.pages.conflict import ConflictRow, FormField, conflict_rows
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import PLAIN, by_field, filled, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import HEADERS, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.words import APPROVAL_CHANGED, NOT_OPENED
from api.web.services import Services
from ledger.cases.case import FOR_MEASURES, CaseStatus, State
from ledger.cases.events.case import CaseSentBack
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.refusals import NotOpenedError, StaleApprovalError
from ledger.cases.steps import Approve, SendBack
from ledger.errors import Defect, MalformedError
from ledger.law.procedure.reasons import REASONS
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visit, Depends(signed("cases:read"))]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Opener = Annotated[Visit, Depends(signed("cases:write", "cases:approve", proved=True))]
_drafts: Final = drafts_of_step(APPROVAL)
_returner: Final = signed("cases:write", "cases:approve", rescue=_drafts.keep)
Returner = Annotated[Visit, Depends(_returner)]
Approver = Annotated[Visit, Depends(signed("cases:approve"))]
Preparer = Annotated[Visit, Depends(signed("cases:write"))]
Proved = Annotated[Visit, Depends(signed("cases:approve", proved=True))]
Version = Annotated[int, Query(ge=0, le=POSITION_MAX)]

LABELS: Final = {"opened": "書面の確認", "reason": "差戻しの理由"}
_OF_PREPARERS: Final = {**LABELS, "reason": "引戻しの理由"}
"""Nobody sends back to themselves: whoever prepared what waits takes it back."""


_CODES: Final = {**PLAIN, NotOpenedError.code: NOT_OPENED}
_by_field: Final = partial(by_field, labels=LABELS, codes=_CODES)


@router.get("/approval")
async def get_approval(case: UUID, visit: Reader) -> Response:
    """What waits for an approval: what goes out, where to, what is withheld, on what it rests."""
    again = await _drafts.first(visit)
    return await show(visit, case, VIEW, again)


@router.get("/approval/reply.pdf")
async def open_reply(case: UUID, visit: Opener) -> Response:
    """The letter with its annexes, exactly as it was submitted. That it was opened is on record."""
    return await _opened(case, "reply.pdf", visit)


@router.get("/approval/method.pdf")
async def open_method(case: UUID, visit: Opener) -> Response:
    """The letter on the method that goes with it, where there is one."""
    return await _opened(case, "method.pdf", visit)


@router.get("/approval/button")
async def get_button(case: UUID, visit: Approver, version: Version = 0) -> Response:
    """The button of an approval once everything was opened; until then nothing (204).

    A page asks for it while a document is open beside it. It shows nothing of the case, so it is no
    look. Of a case that is at another version the page is to be read anew.
    """
    actor = visit.actor

    def render_button(ledger: Ledger, at: datetime) -> Response:
        del at
        state = case_of(ledger, case)
        if state.version != version or state.status != CaseStatus.SUBMITTED:
            return Response(status_code=204, headers={**HEADERS, "HX-Redirect": _path(case)})
        opened = find_accesses(ledger, state, visit.services.replies, actor)
        if not all(opened.values()):
            return Response(status_code=204, headers=HEADERS)
        return page(
            visit.request, "cases/parts/approve.html", state=state, looks=opened, is_part=True
        )

    return await visit.run(render_button)


@router.get("/approval/waiting")
async def get_waiting(case: UUID, visit: Preparer, version: Version = 0) -> Response:
    """Nothing (204) while it waits; once somebody has approved or sent it back, the next step.

    A page asks for it on which its preparer waits. It shows nothing of the case, so it is no look.
    """
    state = await visit.run(lambda ledger, _: case_of(ledger, case))
    waits = state.version == version and state.status == CaseStatus.SUBMITTED
    more = {} if waits else {"HX-Redirect": f"/desk/cases/{case}/next"}
    return Response(status_code=204, headers={**HEADERS, **more})


@router.post("/approval")
async def approve(visit: Proved, taking: PageTake) -> Response:
    """Approve what was submitted, if it still is the same, and the visitor has opened it."""
    approved = approving(taking.inside.replies, visit.caller)

    async def act() -> Done:
        try:
            return await taking.make(Approve, approved, visit)
        except NotOpenedError:
            raise MalformedError((Defect("/opened", NotOpenedError.code, ""),)) from None

    showing = VIEW
    return await answered(
        visit, taking, act, showing, _by_field, changed=APPROVAL_CHANGED, then="approval"
    )


@router.post("/approval/return")
async def send_back(visit: Returner, taking: PageTake) -> Response:
    """Do not approve, or take an approval back; the reason goes to who prepared it."""
    form = await visit.form()

    async def act() -> Done:
        why = validate_body(ReasonBody, {"reason": form.text("reason")})
        return await taking.take(SendBack(why.reason), visit)

    showing = VIEW
    return await answered(visit, taking, act, showing, _by_field, then="approval")


async def _opened(case: UUID, name: str, visit: Visit) -> Response:
    make = handout.waiting(visit.services.replies, name)
    try:
        return await handed_out(visit, case, name, make)
    except StaleApprovalError:
        again = FormResult(409, message=APPROVAL_CHANGED)
        return await show(visit, case, VIEW, again)


def _view(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    state = seen.state
    waits = state.status == CaseStatus.SUBMITTED
    widen_padding(SEARCH_STEPS)
    is_preparer = not seen.caller.actors.isdisjoint(_preparers(seen))
    is_same = (
        waits and again.message != APPROVAL_CHANGED and seen.services.replies.still_reads(state)
    )
    shown: dict[str, Any] = {
        "labels": _OF_PREPARERS if waits and is_preparer else LABELS,
        "differing": conflict_of(
            seen, again, [CaseSentBack], _reasons, is_open=seen.is_open("return")
        ),
        "form": again.current_form,
        "waits": waits,
        "is_changed": waits and not is_same,
        "is_preparer": is_preparer,
        "whole": render_whole_case((state, seen.facts), seen.procedure, seen.caller, seen.at),
        # Of what changed no flag is told: no flag moves by an exclusion (Order 11).
        "flags": () if waits and not is_same else seen.services.replies.flags(state),
    }
    return {**shown, **(_rests_on(ledger, seen, seen.services) if is_same else {})}


VIEW: Final = StepPageView(APPROVAL, _view)


drafts: Final = step_draft_routes(_drafts, APPROVAL, _returner, lambda _: VIEW)


def _reasons(came: Sequence[CaseSentBack], typed: Form) -> Sequence[ConflictRow] | None:
    """A reason for sending it back, beside the one for which it was sent back meanwhile."""
    stored = filled({"reason": came[-1].reason if came else None})
    fields = {"reason": FormField(LABELS["reason"])}
    return conflict_rows(fields, stored, typed) if typed.text("reason") else None


def _rests_on(ledger: Ledger, seen: CaseView, services: Services) -> dict[str, Any]:
    """Everything that is approved, when it still is what was submitted."""
    state, procedure = seen.state, seen.procedure
    found = _find_records(ledger, state, services)
    coverage, _ = services.replies.goes_with(state)
    day = state.application.arrived_on
    return {
        "looks": find_accesses(ledger, state, services.replies, seen.caller.actor),
        "addressee": addressee_of(state),
        "post": procedure.reply_media_on(day).post,
        "held": list_withheld(state, found, procedure),
        "held_max": HELD_MAX,
        "named": named(state),
        "coverage": coverage,
        "points": points.build_point_views(points_of(state, services.replies), found, state),
        "points_by": state.step_actors.decided,
        "documents": {one.code: one.label for one in procedure.documents_on(day)},
        "reasons": {code: one.label for code, one in REASONS.items()},
        "offered": offered(state.application),
    }


def _find_records(ledger: Ledger, state: State, services: Services) -> ReplyRecords:
    """The records of the decision; of a request for measures, those that name the person."""
    if state.application.kind in FOR_MEASURES and state.person is not None:
        as_of = ledger.streams.reads.head()
        return services.replies.search(state.person.identifiers, as_of, state.application)
    return services.replies.find_records(state)


def _path(case: UUID) -> str:
    return f"/desk/cases/{case}/{APPROVAL.code}"


def _preparers(seen: CaseView) -> frozenset[str]:
    return seen.state.step_actors.preparers(seen.procedure.readings.preparers)
