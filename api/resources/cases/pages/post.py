"""発送: what was approved is printed, goes into the post, and that is put down (S6)."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.case_replies.enclosures import is_on_medium
from api.resources.cases.dispatch import handout, medium
from api.resources.cases.dispatch.steps import dispatching
from api.resources.cases.forms import post as forms
from api.resources.cases.pages.case_documents import handed_out
from api.resources.cases.pages.step_order import POST
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    answered,
    drafts_of_step,
    step_draft_routes,
)
from api.resources.cases.pages.step_view import CaseView, StepPageView, conflict_of, show
from api.web.padding_clock import SEARCH_STEPS, widen_padding
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import filled
from api.web.pages.guard import Visit, signed
from api.web.pages.route import EvenPageRoute
from api.web.pages.words import POST_CHANGED
from ledger.cases.events.reply import CaseDispatched
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.steps import Dispatch
from ledger.clock import day_in_japan
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visit, Depends(signed("cases:read"))]
_drafts: Final = drafts_of_step(POST)
_writer: Final = signed("cases:write", rescue=_drafts.keep)
Desk = Annotated[Visit, Depends(_writer)]
Writer = Annotated[Visit, Depends(signed("cases:write"))]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Sender = Annotated[Visit, Depends(signed("reply:download", proved=True))]
Printer = Annotated[Visit, Depends(signed("cases:write", "reply:download"))]


@router.get("/post")
async def get_post(case: UUID, visit: Reader) -> Response:
    """What is to be printed, where it goes, and the form for the post."""
    again = await _drafts.first(visit)
    return await show(visit, case, VIEW, again)


@router.post("/post")
async def dispatch(visit: Desk, taking: PageTake) -> Response:
    """Put down that the reply, as it was approved, went into the post."""
    read = forms.read(await visit.form())

    async def act() -> Done:
        return await taking.make(Dispatch, dispatching(taking.inside.replies, read.posted), visit)

    return await answered(
        visit,
        taking,
        act,
        VIEW,
        forms.describe_defects,
        defects=read.defects,
        changed=POST_CHANGED,
        then="keeping",
    )


@router.get("/post/reply.pdf")
async def print_reply(case: UUID, visit: Sender) -> Response:
    """The letter and its tables, as they were approved."""
    make = handout.reply(visit.services.replies, None, "reply.pdf")
    return await handed_out(visit, case, "reply.pdf", make)


@router.get("/post/reply.zip")
async def keep_files(case: UUID, visit: Sender) -> Response:
    """The same with its records as files, for the medium of an electromagnetic reply."""
    make = handout.reply(visit.services.replies, None, "reply.zip")
    return await handed_out(visit, case, "reply.zip", make)


@router.get("/post/medium.zip")
async def fill_medium(case: UUID, visit: Sender) -> Response:
    """The same files encrypted, to be put on the medium; the password goes by another post."""
    make = medium.files(visit.services.replies, visit.services.proving)
    return await handed_out(visit, case, medium.FILES, make)


@router.get("/post/password.pdf")
async def print_password(case: UUID, visit: Sender) -> Response:
    """The letter that tells what opens the medium, for an envelope of its own."""
    make = medium.password(visit.services.replies)
    return await handed_out(visit, case, medium.PASSWORD, make)


@router.get("/post/label.pdf")
async def print_label(case: UUID, visit: Printer) -> Response:
    """The label of the medium; it names nobody."""
    return await handed_out(visit, case, medium.LABEL, medium.label(visit.services.replies))


@router.get("/post/address.pdf")
async def print_address(case: UUID, visit: Printer) -> Response:
    """The sheet for the window of the envelope."""
    approved_only = not visit.caller.may("cases:write")
    sheet = handout.letter(visit.services.replies, "address_sheet", approved_only=approved_only)
    return await handed_out(visit, case, "address.pdf", sheet)


@router.get("/post/method.pdf")
async def print_method(case: UUID, visit: Writer) -> Response:
    """The letter on the method that goes with the reply, where there is one."""
    make = handout.letter(visit.services.replies, handout.METHOD)
    return await handed_out(visit, case, "method.pdf", make)


def _view(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    del ledger
    state, day = seen.state, seen.state.application.arrived_on
    waits, today = seen.is_open("dispatch"), day_in_japan(seen.at)
    shown: dict[str, Any] = {
        "labels": forms.LABELS,
        "differing": conflict_of(
            seen,
            again,
            [CaseDispatched],
            lambda came, typed: forms.conflict(came, typed, state.sheets),
            is_open=waits,
            is_replaced=True,
        ),
        "form": again.form or filled({"dispatched_on": today, "password_on": today}),
        "waits": waits,
        "may_print": seen.caller.may("reply:download"),
        "may_write": seen.caller.may("cases:write"),
        "is_waiting": state.approved_on is not None and state.status == "notice_ready",
        "post": seen.procedure.reply_media_on(day).post,
        "is_on_medium": is_on_medium(state),
        "is_changed": False,
    }
    if not waits:
        # Without the form there is nothing to mend: what others did comes first.
        shown["defects"] = {}
    if not (waits or shown["is_waiting"]):
        return shown
    widen_padding(SEARCH_STEPS)
    is_same = state.revived is None and seen.services.replies.still_reads(state)
    _, has_method = seen.services.replies.goes_with(state)
    more = {"is_changed": not is_same, "has_method": has_method}
    return {**shown, **more, "addressee": addressee_of(state)}


VIEW: Final = StepPageView(POST, _view)


drafts: Final = step_draft_routes(_drafts, POST, _writer, lambda _: VIEW)
