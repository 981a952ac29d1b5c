"""What comes after the dispatch, and what ends a case."""

from fastapi import APIRouter
from starlette.responses import Response

from api.routes.cases.taking import PREFIX, TAGS, Desk, Take, documented
from api.wire.bodies import CommandRoute
from api.wire.cases.ending import OfClosing, OfDeath, OfDelivery, OfReturn, OfWithdrawal
from api.wire.cases.replying import OfReason
from ledger.case.steps import Reopen

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=CommandRoute)


@router.post("/delivery", summary="The reply was delivered", **documented("The case is closed"))
async def deliver(body: OfDelivery, caller: Desk, take: Take) -> Response:
    """The post delivered the reply; this closes the case."""
    return await take.take(body.step(), caller)


@router.post("/returned-mail", summary="The reply came back", **documented("It is on record"))
async def bring_back(body: OfReturn, caller: Desk, take: Take) -> Response:
    """The post brought the reply back: send it again, look at the papers again, or close."""
    return await take.take(body.step(), caller)


@router.post("/close", summary="Close", **documented("The case is closed"))
async def close(body: OfClosing, caller: Desk, take: Take) -> Response:
    """Close without a report of the post; also a request for retained data, answered elsewhere."""
    return await take.take(body.step(), caller)


@router.post("/withdrawal", summary="The request is withdrawn", **documented("It is withdrawn"))
async def withdraw(body: OfWithdrawal, caller: Desk, take: Take) -> Response:
    """Who asked does not ask any more."""
    return await take.take(body.step(), caller)


@router.post("/death", summary="The principal is dead", **documented("It is on record"))
async def die(body: OfDeath, caller: Desk, take: Take) -> Response:
    """The principal is dead; whether the case ends with it, the procedure says."""
    return await take.take(body.step(), caller)


@router.post("/reopen", summary="Reopen", **documented("The records are looked at again"))
async def reopen(body: OfReason, caller: Desk, take: Take) -> Response:
    """Look at the records again after a reply went out; what follows is a supplementary reply."""
    return await take.take(Reopen(body.reason), caller)
