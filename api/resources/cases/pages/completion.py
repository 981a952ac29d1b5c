"""完了・保存: what became of the reply, the end of the case, and how long its file is kept (S7)."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.resources.cases.dispatch import handout
from api.resources.cases.dispatch.steps import posting_password
from api.resources.cases.forms import completion as forms
from api.resources.cases.pages.case_documents import handed_out
from api.resources.cases.pages.case_timeline import build_timeline
from api.resources.cases.pages.step_order import KEEPING
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    answered,
    drafts_of_step,
    step_draft_routes,
)
from api.resources.cases.pages.step_view import CaseView, StepPageView, case_of, conflict_of, show
from api.resources.cases.schemas.whole_case import render_whole_case
from api.resources.cases.step_endpoints import owes_password
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import filled
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.route import EvenPageRoute
from ledger.cases.events.reply import PasswordPosted
from ledger.cases.steps import PostPassword
from ledger.clock import day_in_japan
from ledger.law.requests import OUTCOMES
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visit, Depends(signed("cases:read"))]
_drafts: Final = drafts_of_step(KEEPING)
_writer: Final = signed("cases:write", rescue=_drafts.keep)
Desk = Annotated[Visit, Depends(_writer)]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Sender = Annotated[Visit, Depends(signed("reply:download", proved=True))]
# As at the endpoints of the API.
Number = Annotated[int | None, Query(ge=1, le=1_000)]

_OWN: Final = {
    "password_number": "password-letter",
    "delivered_on_year": "delivery",
    "returned_on_year": "returned-mail",
    "note": "close",
    "reason": "reopen",
}
"""A field of each form of the page → the endpoint to which it leads."""


@router.get("/keeping")
async def get_completion(case: UUID, visit: Reader) -> Response:
    """What went out and what became of it, what may be done now, and how long all this is kept."""
    again = await _drafts.first(visit)
    return await show(visit, case, VIEW, again)


@router.post("/keeping/password-letter")
async def post_password(visit: Desk, taking: PageTake) -> Response:
    """The password of a medium went into the post, after the dispatch was put down."""
    return await _take_step(visit, taking, forms.password_posted)


@router.post("/keeping/delivery")
async def deliver(visit: Desk, taking: PageTake) -> Response:
    """The post delivered the reply; this closes the case."""
    return await _take_step(visit, taking, forms.delivered)


@router.post("/keeping/returned-mail")
async def bring_back(visit: Desk, taking: PageTake) -> Response:
    """The post brought the reply back: it is sent again, or who asked is written to."""
    state = await taking.inside.run(lambda ledger, _: case_of(ledger, taking.case))
    read = partial(forms.returned, is_one_of_several=len(forms.letters_out(state)) > 1)
    return await _take_step(visit, taking, read)


@router.post("/keeping/close")
async def close(visit: Desk, taking: PageTake) -> Response:
    """Close without a report of the post; also a request that is answered elsewhere."""
    return await _take_step(visit, taking, forms.closed)


@router.post("/keeping/reopen")
async def reopen(visit: Desk, taking: PageTake) -> Response:
    """Look at the records again; what follows is a supplementary reply."""
    return await _take_step(visit, taking, forms.reopened, then="next")


@router.get("/keeping/reply.pdf")
async def get_reply(case: UUID, visit: Sender, reply: Number = None) -> Response:
    """A reply as it was sent: the letter and its tables."""
    return await _handed(case, visit, reply, "reply.pdf")


@router.get("/keeping/reply.zip")
async def get_files(case: UUID, visit: Sender, reply: Number = None) -> Response:
    """The evidence of a reply: all its files and the sums by which they are checked."""
    return await _handed(case, visit, reply, "reply.zip")


async def _handed(case: UUID, visit: Visit, number: int | None, name: str) -> Response:
    make = handout.reply(visit.services.replies, number, name)
    return await handed_out(visit, case, name, make)


async def _take_step(
    visit: Visit,
    taking: PageTaking,
    read: Callable[[Form], forms.CompletionForm],
    then: str = "keeping",
) -> Response:
    found = read(await visit.form())

    async def act() -> Done:
        step = found.step
        if isinstance(step, PostPassword):
            item = PasswordPosted(step.dispatched_on, step.item_number)
            return await taking.make(PostPassword, posting_password(item), visit)
        return await taking.take(step, visit)

    page, by_field = VIEW, forms.describe_defects
    return await answered(visit, taking, act, page, by_field, defects=found.defects, then=then)


def _view(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    del ledger
    state = seen.state
    letters = forms.letters_out(state)
    today = day_in_japan(seen.at)
    shown = filled({"returned_on": today, "password_on": today}).fields
    form = again.current_form
    return {
        "differing": conflict_of(
            seen,
            again,
            get_args(forms.Ending),
            lambda came, typed: forms.conflict(came, typed, state),
            is_open=any(
                form.has(name) and seen.is_open(endpoint) for name, endpoint in _OWN.items()
            ),
        ),
        "labels": forms.LABELS,
        "form": Form({**shown, **form.fields}),
        "whole": render_whole_case((state, seen.facts), seen.procedure, seen.caller, seen.at),
        "measures": {code: one.label for code, one in OUTCOMES.items()},
        "letters": letters,
        "owes_password": owes_password(state),
        "flags": seen.services.replies.flags(state),
        "kept_through": forms.retained_through(state),
        "may_fetch": seen.caller.may("reply:download"),
        "timeline": build_timeline(seen.facts, seen.caller.actor),
    }


VIEW: Final = StepPageView(KEEPING, _view)


drafts: Final = step_draft_routes(_drafts, KEEPING, _writer, lambda _: VIEW)
