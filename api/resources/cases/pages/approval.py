"""承認: a second person looks at what goes out, and approves exactly it or sends it back (S5).

Nobody approves what they have not opened. That they have is a look on record, of this submission.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.case_replies import ReplyRecords
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.approver_access import looks
from api.resources.cases.dispatch.handout import DocumentRequest
from api.resources.cases.dispatch.steps import approving
from api.resources.cases.forms import points
from api.resources.cases.forms.approval import HELD_MAX, held, named
from api.resources.cases.forms.measures import offered
from api.resources.cases.schemas.replies import ReasonBody
from api.resources.cases.schemas.whole_case import whole_shown
from api.resources.cases.search.decision import points_of
from api.services import Services, ServicesDep
from api.web.bodies import POSITION_MAX
from api.web.pages.conflict import ConflictRow, FormField, conflict_rows
from api.web.pages.draft_recovery import drafts_of_step
from api.web.pages.form_result import FormResult, invalid
from api.web.pages.form_values import PLAIN, by_field, filled
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import HEADERS, document, go, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import APPROVAL
from api.web.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    again_after,
    answered,
    stated,
    step_draft_routes,
)
from api.web.pages.step_view import CaseView, StepPageView, case_of, conflict_of, show
from api.web.pages.words import APPROVAL_CHANGED, NOT_OPENED
from ledger.cases.case import FOR_MEASURES, CaseStatus, State
from ledger.cases.events.case import CaseSentBack
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.refusals import NotOpenedError, StaleApprovalError
from ledger.cases.steps import Approve, SendBack
from ledger.errors import LedgerError
from ledger.law.procedure.reasons import REASONS
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visitor, Depends(signed("cases:read"))]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Opener = Annotated[Visitor, Depends(signed("cases:write", "cases:approve", proved=True))]
_drafts: Final = drafts_of_step(APPROVAL)
_returner: Final = signed("cases:write", "cases:approve", rescue=_drafts.keep)
Returner = Annotated[Visitor, Depends(_returner)]
Approver = Annotated[Visitor, Depends(signed("cases:approve"))]
Preparer = Annotated[Visitor, Depends(signed("cases:write"))]
Proved = Annotated[Visitor, Depends(signed("cases:approve", proved=True))]
Version = Annotated[int, Query(ge=0, le=POSITION_MAX)]

LABELS: Final = {"opened": "書面の確認", "reason": "差戻しの理由"}
_OF_PREPARERS: Final = {**LABELS, "reason": "引戻しの理由"}
"""Nobody sends back to themselves: whoever prepared what waits takes it back."""


_told: Final = partial(by_field, labels=LABELS, codes=PLAIN)


@router.get("/approval")
async def get_approval(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """What waits for an approval: what goes out, where to, what is withheld, on what it rests."""
    again = await _drafts.first(request, visitor)
    return await show(request, visitor, case, services, _showing(services), again)


@router.get("/approval/reply.pdf")
async def open_reply(
    case: UUID, request: Request, visitor: Opener, services: ServicesDep
) -> Response:
    """The letter with its annexes, exactly as it was submitted. That it was opened is on record."""
    return await _opened(case, "reply.pdf", request, visitor, services)


@router.get("/approval/method.pdf")
async def open_method(
    case: UUID, request: Request, visitor: Opener, services: ServicesDep
) -> Response:
    """The letter on the method that goes with it, where there is one."""
    return await _opened(case, "method.pdf", request, visitor, services)


@router.get("/approval/button")
async def get_button(
    case: UUID, request: Request, visitor: Approver, services: ServicesDep, version: Version = 0
) -> Response:
    """The button of an approval once everything was opened; until then nothing (204).

    A page asks for it while a document is open beside it. It shows nothing of the case, so it is no
    look. Of a case that is at another version the page is to be read anew.
    """
    actor = visitor.caller.actor

    def asked(ledger: Ledger, at: datetime) -> Response:
        del at
        state = case_of(ledger, case)
        if state.version != version or state.status != CaseStatus.SUBMITTED:
            return Response(status_code=204, headers={**HEADERS, "HX-Redirect": _path(case)})
        opened = looks(ledger, state, services.replies, actor)
        if not all(opened.values()):
            return Response(status_code=204, headers=HEADERS)
        return page(request, "parts/approve.html", state=state, looks=opened, is_part=True)

    return await services.run(asked)


@router.get("/approval/waiting")
async def get_waiting(
    case: UUID, visitor: Preparer, services: ServicesDep, version: Version = 0
) -> Response:
    """Nothing (204) while it waits; once somebody has approved or sent it back, the next step.

    A page asks for it on which its preparer waits. It shows nothing of the case, so it is no look.
    """
    del visitor
    state = await services.run(lambda ledger, _: case_of(ledger, case))
    waits = state.version == version and state.status == CaseStatus.SUBMITTED
    more = {} if waits else {"HX-Redirect": f"/desk/cases/{case}/next"}
    return Response(status_code=204, headers={**HEADERS, **more})


@router.post("/approval")
async def approve(request: Request, visitor: Proved, taking: PageTake) -> Response:
    """Approve what was submitted, if it still is the same, and the visitor has opened it."""
    approved = approving(taking.inside.replies, visitor.caller)

    async def act() -> Done:
        return await taking.make(Approve, approved, visitor)

    return await _answered(request, visitor, taking, act)


@router.post("/approval/return")
async def send_back(request: Request, visitor: Returner, taking: PageTake) -> Response:
    """Do not approve, or take an approval back; the reason goes to who prepared it."""
    form = await form_of(request)

    async def act() -> Done:
        why = stated(ReasonBody, {"reason": form.text("reason")})
        return await taking.take(SendBack(why.reason), visitor)

    showing = _showing(taking.inside)
    return await answered(request, visitor, taking, act, showing, _told, then="approval")


async def _answered(
    request: Request, visitor: Visitor, taking: PageTaking, act: Callable[[], Awaitable[Done]]
) -> Response:
    form = await form_of(request)
    try:
        await act()
    except NotOpenedError:
        again = invalid(form, {"opened": NOT_OPENED})
    except StaleApprovalError:
        again = FormResult(409, form, told=APPROVAL_CHANGED)
    except LedgerError as error:
        again = again_after(error, form, await taking.version(), _told)
    else:
        return go(_path(taking.case))
    return await show(request, visitor, taking.case, taking.inside, _showing(taking.inside), again)


async def _opened(
    case: UUID, name: str, request: Request, visitor: Visitor, services: Services
) -> Response:
    asked = DocumentRequest(case, visitor.caller, name)
    make = handout.waiting(services.replies, name)
    try:
        found = await services.run(lambda ledger, at: asked.handed(ledger, make, at))
    except StaleApprovalError:
        again = FormResult(409, told=APPROVAL_CHANGED)
        return await show(request, visitor, case, services, _showing(services), again)
    return document(found)


def _showing(services: Services) -> StepPageView:
    def told(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
        state = seen.state
        waits = state.status == CaseStatus.SUBMITTED
        is_preparer = not seen.visitor.caller.actors.isdisjoint(_preparers(seen))
        is_same = waits and again.told != APPROVAL_CHANGED and services.replies.still_reads(state)
        shown: dict[str, Any] = {
            "labels": _OF_PREPARERS if waits and is_preparer else LABELS,
            "differing": conflict_of(
                seen, again, [CaseSentBack], _reasons, is_open=seen.is_open("return")
            ),
            "form": again.shown,
            "waits": waits,
            "is_changed": waits and not is_same,
            "is_preparer": is_preparer,
            "whole": whole_shown((state, seen.facts), seen.procedure, seen.visitor.caller, seen.at),
            # Of what changed no flag is told: no flag moves by an exclusion (Order 11).
            "flags": () if waits and not is_same else services.replies.flags(state),
        }
        return {**shown, **(_rests_on(ledger, seen, services) if is_same else {})}

    return StepPageView(APPROVAL, told)


drafts: Final = step_draft_routes(
    _drafts, APPROVAL, _returner, lambda services, _: _showing(services)
)


def _reasons(came: Sequence[CaseSentBack], typed: Form) -> Sequence[ConflictRow] | None:
    """A reason for sending it back, beside the one for which it was sent back meanwhile."""
    stored = filled({"reason": came[-1].reason if came else None})
    fields = {"reason": FormField(LABELS["reason"])}
    return conflict_rows(fields, stored, typed) if typed.text("reason") else None


def _rests_on(ledger: Ledger, seen: CaseView, services: Services) -> dict[str, Any]:
    """Everything that is approved, when it still is what was submitted."""
    state, procedure = seen.state, seen.procedure
    found = _found(ledger, state, services)
    coverage, _ = services.replies.goes_with(state)
    day = state.application.arrived_on
    return {
        "looks": looks(ledger, state, services.replies, seen.visitor.caller.actor),
        "addressee": addressee_of(state),
        "post": procedure.reply_media_on(day).post,
        "held": held(state, found, procedure),
        "held_max": HELD_MAX,
        "named": named(state),
        "coverage": coverage,
        "points": points.shown(points_of(state, services.replies), found, state),
        "points_by": state.hands.decided,
        "documents": {one.code: one.label for one in procedure.documents_on(day)},
        "reasons": {code: one.label for code, one in REASONS.items()},
        "offered": offered(state.application),
    }


def _found(ledger: Ledger, state: State, services: Services) -> ReplyRecords:
    """The records of the decision; of a request for measures, those that name the person."""
    if state.application.kind in FOR_MEASURES and state.person is not None:
        as_of = ledger.streams.reads.head()
        return services.replies.search(state.person.identifiers, as_of, state.application)
    return services.replies.found(state)


def _path(case: UUID) -> str:
    return f"/desk/cases/{case}/{APPROVAL.code}"


def _preparers(seen: CaseView) -> frozenset[str]:
    return seen.state.hands.preparers(seen.procedure.readings.preparers)
