"""発送: what was approved is printed, goes into the post, and that is put down (S6)."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.case_replies.enclosures import is_on_medium
from api.resources.cases.dispatch import handout, medium
from api.resources.cases.dispatch.handout import DocumentRequest
from api.resources.cases.dispatch.steps import dispatching
from api.resources.cases.forms import post as forms
from api.services import Services, ServicesDep
from api.web.pages.draft_recovery import drafts_of_step
from api.web.pages.form_result import FormResult, invalid
from api.web.pages.form_values import filled
from api.web.pages.forms import form_of
from api.web.pages.guard import signed
from api.web.pages.renderer import document, go
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_order import POST
from api.web.pages.step_submission import PageTake, again_after, shown_again, step_draft_routes
from api.web.pages.step_view import CaseView, StepPageView, conflict_of, show
from api.web.pages.words import POST_CHANGED
from ledger.cases.events.reply import CaseDispatched
from ledger.cases.letters.addressee import addressee_of
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Dispatch
from ledger.clock import day_in_japan
from ledger.errors import LedgerError
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visitor, Depends(signed("cases:read"))]
_drafts: Final = drafts_of_step(POST)
_writer: Final = signed("cases:write", rescue=_drafts.keep)
Desk = Annotated[Visitor, Depends(_writer)]
Writer = Annotated[Visitor, Depends(signed("cases:write"))]
# What shows the records is opened by who has just proved who they are, as where they are decided.
Sender = Annotated[Visitor, Depends(signed("reply:download", proved=True))]
Printer = Annotated[Visitor, Depends(signed("cases:write", "reply:download"))]


@router.get("/post")
async def get_post(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """What is to be printed, where it goes, and the form for the post."""
    again = await _drafts.first(request, visitor)
    return await show(request, visitor, case, services, _showing(services), again)


@router.post("/post")
async def dispatch(request: Request, visitor: Desk, taking: PageTake) -> Response:
    """Put down that the reply, as it was approved, went into the post."""
    form = await form_of(request)
    read = forms.read(form)
    showing = _showing(taking.inside)
    if read.defects:
        again = invalid(form, read.defects)
        return await shown_again(request, visitor, taking, showing, again)
    try:
        await taking.make(Dispatch, dispatching(taking.inside.replies, read.posted), visitor)
    except StaleApprovalError:
        again = FormResult(409, form, told=POST_CHANGED)
    except LedgerError as error:
        again = again_after(error, form, await taking.version(), forms.told)
    else:
        await _drafts.sent(request, visitor)
        return go(f"/desk/cases/{taking.case}/keeping")
    return await shown_again(request, visitor, taking, showing, again)


@router.get("/post/reply.pdf")
async def print_reply(case: UUID, visitor: Sender, services: ServicesDep) -> Response:
    """The letter and its tables, as they were approved."""
    asked = DocumentRequest(case, visitor.caller, "reply.pdf")
    return await _handed(asked, services, handout.reply(services.replies, None, "reply.pdf"))


@router.get("/post/reply.zip")
async def keep_files(case: UUID, visitor: Sender, services: ServicesDep) -> Response:
    """The same with its records as files, for the medium of an electromagnetic reply."""
    asked = DocumentRequest(case, visitor.caller, "reply.zip")
    return await _handed(asked, services, handout.reply(services.replies, None, "reply.zip"))


@router.get("/post/medium.zip")
async def fill_medium(case: UUID, visitor: Sender, services: ServicesDep) -> Response:
    """The same files encrypted, to be put on the medium; the password goes by another post."""
    return await _handed(
        DocumentRequest(case, visitor.caller, medium.FILES),
        services,
        medium.files(services.replies, services.proving),
    )


@router.get("/post/password.pdf")
async def print_password(case: UUID, visitor: Sender, services: ServicesDep) -> Response:
    """The letter that tells what opens the medium, for an envelope of its own."""
    return await _handed(
        DocumentRequest(case, visitor.caller, medium.PASSWORD),
        services,
        medium.password(services.replies),
    )


@router.get("/post/label.pdf")
async def print_label(case: UUID, visitor: Printer, services: ServicesDep) -> Response:
    """The label of the medium; it names nobody."""
    return await _handed(
        DocumentRequest(case, visitor.caller, medium.LABEL),
        services,
        medium.label(services.replies),
    )


@router.get("/post/address.pdf")
async def print_address(case: UUID, visitor: Printer, services: ServicesDep) -> Response:
    """The sheet for the window of the envelope."""
    asked = DocumentRequest(case, visitor.caller, "address.pdf")
    approved_only = not visitor.caller.may("cases:write")
    sheet = handout.letter(services.replies, "address_sheet", approved_only=approved_only)
    return await _handed(asked, services, sheet)


@router.get("/post/method.pdf")
async def print_method(case: UUID, visitor: Writer, services: ServicesDep) -> Response:
    """The letter on the method that goes with the reply, where there is one."""
    asked = DocumentRequest(case, visitor.caller, "method.pdf")
    return await _handed(asked, services, handout.letter(services.replies, handout.METHOD))


async def _handed(asked: DocumentRequest, services: Services, make: handout.Make) -> Response:
    return document(await services.run(lambda ledger, at: asked.handed(ledger, make, at)))


def _showing(services: Services) -> StepPageView:
    def told(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
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
            "may_print": seen.visitor.caller.may("reply:download"),
            "may_write": seen.visitor.caller.may("cases:write"),
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
        is_same = state.revived is None and services.replies.still_reads(state)
        _, has_method = services.replies.goes_with(state)
        more = {"is_changed": not is_same, "has_method": has_method}
        return {**shown, **more, "addressee": addressee_of(state)}

    return StepPageView(POST, told)


drafts: Final = step_draft_routes(_drafts, POST, _writer, lambda services, _: _showing(services))
