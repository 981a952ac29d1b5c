"""The reply: what is withheld, approved by a second person, posted."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.replying import check_still_named, verification_code
from api.routes.cases.taking import (
    PREFIX,
    TAGS,
    Approver,
    Desk,
    Either,
    Take,
    documented,
)
from api.services import Inside, Services
from api.wire.bodies import EvenCommandRoute
from api.wire.cases.bodies import OfNothing
from api.wire.cases.replying import (
    OfDecision,
    OfPost,
    OfReason,
)
from ledger.application import Ledger
from ledger.case import State
from ledger.case.steps import Approve, Decide, Dispatch, SendBack, Submit
from ledger.errors import (
    MalformedError,
    SeparationOfDutiesError,
)
from ledger.letters.withholding import emptied, whole_of, withheld_defects

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)


@router.post("/decisions", summary="Decide on the records", **documented("It is decided"))
async def decide(body: OfDecision, caller: Desk, take: Take, inside: Inside) -> Response:
    """Whatever is not withheld is disclosed; what is withheld has a ground and a reason.

    The records are those that were identified; the ledger finds them anew.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> Decide:
        del ledger, at
        found = inside.replies.unchanged(state)
        withheld = tuple(one.value() for one in body.withheld)
        known = {*found.provided, *found.received}
        if all(one.record in known for one in withheld) and (
            defects := tuple(withheld_defects(withheld, found.entries))
        ):
            raise MalformedError(defects)
        withheld = whole_of(withheld, found.entries)
        records = (found.provided, found.received)
        nothing_left = emptied(withheld, found.entries)
        return Decide(*records, withheld, body.medium, body.medium_reason, nothing_left)

    return await take.make(Decide, made, caller)


@router.post("/submit", summary="Ask for approval", **documented("It waits for approval"))
async def submit(body: OfNothing, caller: Desk, take: Take, inside: Inside) -> Response:
    """Make the letter, and ask another person to approve exactly it.

    After a reply that the person may have in hand it is a supplement, and made only if it tells
    something else: what was excluded since is compared as if it were not. Else the case is closed.
    """
    del body

    def made(ledger: Ledger, state: State, at: datetime) -> Submit:
        _check_person(ledger, state, inside)
        code = verification_code()
        return Submit(inside.replies.to_submit(state, at, code), code)

    return await take.make(Submit, made, caller)


@router.post("/approve", summary="Approve", **documented("It may go out"))
async def approve(body: OfNothing, caller: Approver, take: Take, inside: Inside) -> Response:
    """Approve what was submitted, by somebody who did not prepare it, if it still is the same.

    What is approved is kept, sealed: it is what is printed and goes out.
    """
    del body

    def made(ledger: Ledger, state: State, at: datetime) -> Approve:
        del at
        reading = ledger.procedure_of(state).readings.preparers
        if caller.actor in state.hands.preparers(reading):
            raise SeparationOfDutiesError
        _check_person(ledger, state, inside)
        rendered, document = inside.replies.prepared(state, *_submitted(state))
        return Approve(rendered, document.documents, document.sheets)

    return await take.make(Approve, made, caller)


@router.post("/return", summary="Send back", **documented("It was sent back"))
async def send_back(body: OfReason, caller: Either, take: Take) -> Response:
    """Do not approve, or take an approval back."""
    return await take.take(SendBack(body.reason), caller)


@router.post("/dispatch", summary="It went into the post", **documented("The reply is kept"))
async def dispatch(body: OfPost, caller: Desk, take: Take, inside: Inside) -> Response:
    """Put down that the reply, as it was approved, went into the post.

    When the records have changed since the approval it is refused, unless the body says that it was
    in the post already.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> Dispatch:
        del ledger, at
        rendered, _ = inside.replies.approved(state)
        posted = (body.dispatched_on, body.item_number, body.sheets, body.already_posted)
        return Dispatch(rendered, *posted)

    return await take.make(Dispatch, made, caller)


def _check_person(ledger: Ledger, state: State, inside: Services) -> None:
    """Pass when whom a stop would reach is whom the form names; see `check_still_named`."""
    if state.person is not None:
        as_of = ledger.streams.reads.head()
        found = inside.replies.search(state.person.identifiers, as_of, state.application)
        check_still_named(state, found, ledger.streams)


def _submitted(state: State) -> tuple[datetime, str]:
    """The letter's own date and its code: what stands since it was submitted."""
    assert state.submission is not None, "the status says that it was submitted"
    assert state.submitted_at is not None, "the status says that it was submitted"
    return state.submitted_at, state.submission.verification_code
