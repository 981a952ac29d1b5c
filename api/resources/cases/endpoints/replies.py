"""The reply: what is withheld, approved by a second person, posted."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.resources.cases.dispatch.steps import (
    PostedReply,
    approving,
    dispatching,
    posting_password,
    submitting,
)
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
from api.resources.cases.schemas.replies import OfDecision, OfPasswordPost, OfPost, OfReason
from api.resources.cases.search.decision import decided
from api.web.bodies import EvenCommandRoute
from api.web.services import ServicesDep
from ledger.cases.case import State
from ledger.cases.events.reply import PasswordPosted
from ledger.cases.steps import Approve, Decide, Dispatch, PostPassword, SendBack, Submit
from ledger.service import Ledger

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)


@router.post("/decisions", summary="Decide on the records", **documented("It is decided"))
async def decide(body: OfDecision, caller: Desk, take: Take, services: ServicesDep) -> Response:
    """Whatever is not withheld is disclosed; what is withheld has a ground and a reason.

    The records are those that were identified; the ledger finds them anew.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> Decide:
        del ledger, at
        return decided(body, state, services.replies)

    return await take.make(Decide, make_step, caller)


@router.post("/submit", summary="Ask for approval", **documented("It waits for approval"))
async def submit(body: OfNothing, caller: Desk, take: Take, services: ServicesDep) -> Response:
    """Make the letter, and ask another person to approve exactly it.

    After a reply that the person may have in hand it is a supplement, and made only if it tells
    something else: what was excluded since is compared as if it were not. Else the case is closed.
    """
    del body
    return await take.make(Submit, submitting(services.replies), caller)


@router.post("/approve", summary="Approve", **documented("It may go out"))
async def approve(body: OfNothing, caller: Approver, take: Take, services: ServicesDep) -> Response:
    """Approve what was submitted, by somebody who did not prepare it, if it still is the same.

    What is approved is kept, sealed: it is what is printed and goes out.
    """
    del body
    return await take.make(Approve, approving(services.replies, caller), caller)


@router.post("/return", summary="Send back", **documented("It was sent back"))
async def send_back(body: OfReason, caller: Either, take: Take) -> Response:
    """Do not approve, or take an approval back."""
    return await take.take(SendBack(body.reason), caller)


@router.post("/dispatch", summary="It went into the post", **documented("The reply is kept"))
async def dispatch(body: OfPost, caller: Desk, take: Take, services: ServicesDep) -> Response:
    """Put down that the reply, as it was approved, went into the post.

    When the records have changed since the approval it is refused, unless the body says that it was
    in the post already.
    """
    other = body.password_letter
    apart = None if other is None else PasswordPosted(other.dispatched_on, other.item_number)
    posted = PostedReply(
        body.dispatched_on, body.item_number, body.sheets, body.already_posted, apart
    )
    return await take.make(Dispatch, dispatching(services.replies, posted), caller)


@router.post(
    "/password-letter",
    summary="The password went into the post",
    **documented("It is kept with the reply"),
)
async def post_password(body: OfPasswordPost, caller: Desk, take: Take) -> Response:
    """Put down the item by which the password of the newest reply went, where `dispatch` did not.

    Once for a reply; also when the case is closed by then, which it stays.
    """
    item = PasswordPosted(body.dispatched_on, body.item_number)
    return await take.make(PostPassword, posting_password(item), caller)
