"""完了・保存: what became of the reply, the end of the case, and how long its file is kept (S7)."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.handout import DocumentRequest
from api.resources.cases.dispatch.steps import posting_password
from api.resources.cases.forms import completion as forms
from api.resources.cases.pages.case_timeline import happened
from api.resources.cases.schemas.case_view import owes_password
from api.resources.cases.schemas.whole_case import whole_shown
from api.services import Services, ServicesDep
from api.web.pages.draft_recovery import drafts_of_step
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import filled
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import document
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import KEEPING
from api.web.pages.step_submission import Done, PageTake, PageTaking, answered, step_draft_routes
from api.web.pages.step_view import CaseView, StepPageView, case_of, conflict_of, show
from ledger.cases.events.reply import PasswordPosted
from ledger.cases.steps import PostPassword
from ledger.clock import day_in_japan
from ledger.law.requests import OUTCOMES
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visitor, Depends(signed("cases:read"))]
_drafts: Final = drafts_of_step(KEEPING)
_writer: Final = signed("cases:write", rescue=_drafts.keep)
Desk = Annotated[Visitor, Depends(_writer)]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Sender = Annotated[Visitor, Depends(signed("reply:download", proved=True))]
# As at the doors of the API.
Number = Annotated[int | None, Query(ge=1, le=1_000)]

_OWN: Final = {
    "password_number": "password-letter",
    "delivered_on_year": "delivery",
    "returned_on_year": "returned-mail",
    "note": "close",
    "reason": "reopen",
}
"""A field of each form of the page → the door to which it leads."""


@router.get("/keeping")
async def get_keeping(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """What went out and what became of it, what may be done now, and how long all this is kept."""
    again = await _drafts.first(request, visitor)
    return await show(request, visitor, case, services, _showing(services), again)


@router.post("/keeping/password-letter")
async def post_password(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """The password of a medium went into the post, after the dispatch was put down."""
    return await _taken(request, visitor, taking, forms.password_posted)


@router.post("/keeping/delivery")
async def deliver(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """The post delivered the reply; this closes the case."""
    return await _taken(request, visitor, taking, forms.delivered)


@router.post("/keeping/returned-mail")
async def bring_back(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """The post brought the reply back: it is sent again, or who asked is written to."""
    state = await taking.inside.run(lambda ledger, _: case_of(ledger, taking.case))
    read = partial(forms.returned, is_one_of_several=len(forms.letters_out(state)) > 1)
    return await _taken(request, visitor, taking, read)


@router.post("/keeping/close")
async def close(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Close without a report of the post; also a request that is answered elsewhere."""
    return await _taken(request, visitor, taking, forms.closed)


@router.post("/keeping/reopen")
async def reopen(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Look at the records again; what follows is a supplementary reply."""
    return await _taken(request, visitor, taking, forms.reopened, then="next")


@router.get("/keeping/reply.pdf")
async def get_reply(
    case: UUID, visitor: Sender, services: ServicesDep, reply: Number = None
) -> Response:
    """A reply as it was sent: the letter and its tables."""
    return await _handed(case, visitor, services, reply, "reply.pdf")


@router.get("/keeping/reply.zip")
async def get_files(
    case: UUID, visitor: Sender, services: ServicesDep, reply: Number = None
) -> Response:
    """The evidence of a reply: all its files and the sums by which they are checked."""
    return await _handed(case, visitor, services, reply, "reply.zip")


async def _handed(
    case: UUID, visitor: Visitor, services: Services, number: int | None, name: str
) -> Response:
    asked = DocumentRequest(case, visitor.caller, name)
    make = handout.reply(services.replies, number, name)
    return document(await services.run(lambda ledger, at: asked.handed(ledger, make, at)))


async def _taken(
    request: Request,
    visitor: Visitor,
    taking: PageTaking,
    read: Callable[[Form], forms.CompletionForm],
    then: str = "keeping",
) -> Response:
    found = read(await form_of(request))

    async def act() -> Done:
        step = found.step
        if isinstance(step, PostPassword):
            item = PasswordPosted(step.dispatched_on, step.item_number)
            return await taking.make(PostPassword, posting_password(item), visitor)
        return await taking.take(step, visitor)

    page, told = _showing(taking.inside), forms.told
    return await answered(
        request, visitor, taking, act, page, told, defects=found.defects, then=then
    )


def _showing(services: Services) -> StepPageView:
    def told(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
        del ledger
        state = seen.state
        letters = forms.letters_out(state)
        today = day_in_japan(seen.at)
        shown = filled({"returned_on": today, "password_on": today}).fields
        form = again.shown
        return {
            "differing": conflict_of(
                seen,
                again,
                get_args(forms.Ending),
                lambda came, typed: forms.conflict(came, typed, state),
                is_open=any(form.has(name) and seen.is_open(door) for name, door in _OWN.items()),
            ),
            "labels": forms.LABELS,
            "form": Form({**shown, **form.fields}),
            "whole": whole_shown((state, seen.facts), seen.procedure, seen.visitor.caller, seen.at),
            "measures": {code: one.label for code, one in OUTCOMES.items()},
            "letters": letters,
            "owes_password": owes_password(state),
            "flags": services.replies.flags(state),
            "kept_through": forms.kept_through(state),
            "may_fetch": seen.visitor.caller.may("reply:download"),
            "timeline": happened(seen.facts, seen.visitor.caller.actor),
        }

    return StepPageView(KEEPING, told)


drafts: Final = step_draft_routes(_drafts, KEEPING, _writer, lambda services, _: _showing(services))
