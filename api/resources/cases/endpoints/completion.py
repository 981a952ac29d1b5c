"""What comes after the dispatch, what ends a case, and the way back from a mistake."""

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.endpoints.step_request import (
    PREFIX,
    TAGS,
    Approver,
    Desk,
    Either,
    Take,
    documented,
)
from api.resources.cases.schemas.bodies import OfNothing
from api.resources.cases.schemas.completion import (
    OfClosing,
    OfDeath,
    OfDelivery,
    OfDismissal,
    OfEntry,
    OfMistakenEnd,
    OfReturn,
    OfWithdrawal,
)
from api.resources.cases.schemas.replies import OfReopening
from api.web.bodies import CommandRoute
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.cases.steps import Reopen

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=CommandRoute)


@router.post("/delivery", summary="The reply was delivered", **documented("The case is closed"))
async def deliver(body: OfDelivery, caller: Desk, take: Take) -> Response:
    """The post delivered the reply; this closes the case."""
    return await take.take(body.step(), caller)


@router.post("/returned-mail", summary="The reply came back", **documented("It is on record"))
async def bring_back(body: OfReturn, caller: Desk, take: Take) -> Response:
    """The post brought the reply back: send it again, look at the papers again, or close.

    It is the newest letter, unless `reply` gives the number of an earlier one; none comes back
    twice. Where the person has a later letter in hand, that one answers them: that an earlier one
    came back is put down, and the case is where it was, closed too.

    It may come back after its case was closed, also where it was put down as delivered, or while
    the records are looked at again: the case goes on as returned, and what was being prepared is
    void. What is submitted or approved is sent back first (`return`).
    """
    return await take.take(body.step(), caller)


@router.post("/close", summary="Close", **documented("The case is closed"))
async def close(body: OfClosing, caller: Desk, take: Take) -> Response:
    """Close without a report of the post; also a request for retained data, answered elsewhere.

    A case that was opened again ends with the reply that went out, where no supplement is due; also
    with one that came back.
    """
    return await take.take(body.step(), caller)


@router.post("/withdrawal", summary="The request is withdrawn", **documented("It is withdrawn"))
async def withdraw(body: OfWithdrawal, caller: Desk, take: Take) -> Response:
    """Who asked does not ask any more."""
    return await take.take(body.step(), caller)


@router.post("/death", summary="The principal is dead", **documented("It is on record"))
async def record_death(body: OfDeath, caller: Desk, take: Take) -> Response:
    """The principal is dead; whether the case ends with it, the procedure says."""
    return await take.take(body.step(), caller)


@router.post("/reopen", summary="Reopen", **documented("The records are looked at again"))
async def reopen(body: OfReopening, caller: Desk, take: Take) -> Response:
    """Look at the records again after a reply went out, on a flag or for a mistake of the desk.

    What follows is a supplementary reply, or `close` where none is due. The person reads `reason`:
    the supplementary reply prints it (改める理由).
    """
    return await take.take(Reopen(body.reason), caller)


@router.post(
    "/entry-mistake",
    summary="Say that the case should never have been opened",
    **documented("It waits for a second person"),
)
async def report_entry(body: OfEntry, caller: Desk, take: Take) -> Response:
    """A request was taken in twice, or with a wrong day, kind, requester or person.

    Nothing else is done with the case before another person confirms or dismisses it; its clocks
    run on. The case that replaces it is open, or closed with a reply, and that of a double the same
    request of the same person. Not after a reply went out: then `reopen`. What waits for an
    approval, or has it, is sent back first, and a stop that the case put in place is lifted first.
    """
    return await take.take(body.step(), caller)


@router.post(
    "/end-mistake",
    summary="Say that the case was ended by mistake",
    **documented("It waits for a second person"),
)
async def report_end(body: OfMistakenEnd, caller: Desk, take: Take) -> Response:
    """The withdrawal, the death or the closing that stands was put down by mistake.

    A closing after a reply is none: `reopen`, or `returned-mail` once the reply comes back.
    """
    return await take.take(ReportEnd(body.reason), caller)


@router.post(
    "/mistake-confirmation",
    summary="Confirm the mistake",
    **documented("The case is entered in error, or goes on"),
)
async def confirm_mistake(body: OfNothing, caller: Approver, take: Take) -> Response:
    """Confirm, as another person than who reported it.

    A case that should never have been opened ends as `entered_in_error`. One that was ended by
    mistake goes on where it was, with its clocks; no search from before counts, and of what was
    approved only that it is in the post already is put down. The time for a correction is longer by
    the days that the case was ended.
    """
    del body
    return await take.take(ConfirmMistake(), caller)


@router.post(
    "/mistake-dismissal",
    summary="Dismiss the report of a mistake",
    **documented("It is as it was before the report"),
)
async def dismiss_mistake(body: OfDismissal, caller: Either, take: Take) -> Response:
    """It is none; or who reported it takes it back."""
    return await take.take(DismissMistake(body.reason), caller)
