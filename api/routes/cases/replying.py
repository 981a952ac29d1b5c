"""The reply: who the person is, what is withheld, approved by a second person, posted."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.http.answers import JsonResponse
from api.problems import AsOfBeyondHeadError, problems
from api.replying import Replies, verification_code
from api.routes.cases.taking import (
    PREFIX,
    TAGS,
    Approver,
    Desk,
    Either,
    Take,
    documented,
)
from api.services import Inside
from api.wire.bodies import EvenCommandRoute, EvenStrictRoute, refs
from api.wire.cases.answers import CANDIDATES
from api.wire.cases.bodies import OfNothing
from api.wire.cases.examples import CANDIDATES_EXAMPLE
from api.wire.cases.replying import (
    OfCandidates,
    OfDecision,
    OfPost,
    OfPrincipal,
    OfReason,
    Principal,
)
from api.wire.items import random_command
from api.wire.schemas import answer
from ledger.application import Ledger
from ledger.case import State
from ledger.case.steps import Approve, Decide, Dispatch, IdentifyRecords, SendBack, Submit
from ledger.commands import ViewHistory
from ledger.errors import (
    Defect,
    MalformedError,
    NotFoundError,
    PositionBeyondHeadError,
    SeparationOfDutiesError,
)
from ledger.history import HistoryEntry
from ledger.values import Json, PrincipalRef
from projections.names import Called

CALLED_MAX = 50
"""Persons of one name that are proposed; nobody pages through strangers."""
# Why somebody looked, as an auditor reads it. The name itself is not kept: whom it found is.
_BY_NAME = "氏名による検索"

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)
looking = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenStrictRoute)


@looking.post(
    "/candidates",
    summary="Who may be meant",
    responses={
        **answer(CANDIDATES, "What is recorded under each identifier", CANDIDATES_EXAMPLE),
        **problems(400, 401, 403, 404, 413, 415, 422, 503),
    },
)
async def candidates(case: UUID, body: OfCandidates, caller: Desk, inside: Inside) -> Response:
    """Who has an identifier or bears a name, and the records of that person the case asks for.

    Counts and days only, after exclusion. Of a name at most 50 persons are proposed; `more` says
    that there are others, and only an identifier finds those. Who the person is, you decide. The
    look is itself put on record.
    """
    given = refs(body.identifiers)

    def looked(ledger: Ledger, at: datetime) -> Response:
        state = ledger.case(case)
        if state is None:
            raise NotFoundError
        as_of = ledger.streams.reads.head()
        called = Called((), more=False)
        if body.name is not None:
            inside.histories.wait(as_of)
            called = inside.names.called(body.name, as_of, CALLED_MAX, given)
        asked = {"identifier": given, "name": called.identifiers}
        found = [
            _candidate(one, matched, _Case(ledger, state, as_of, inside.replies))
            for matched, those in asked.items()
            for one in those
        ]
        command = ViewHistory(
            random_command(),
            caller.actor,
            state.number,
            given + called.identifiers,
            as_of,
            sum(entries for _, entries in found),
            None if body.name is None else _BY_NAME,
        )
        viewed = ledger.view(command, at)
        return JsonResponse(
            {
                "as_of": as_of,
                "candidates": [shown for shown, _ in found],
                "more": called.more,
                "viewed_at_position": viewed.position,
            }
        )

    return await inside.run(looked)


@dataclass(frozen=True, slots=True)
class _Case:
    """Where candidates are looked for."""

    ledger: Ledger
    state: State
    as_of: int
    replies: Replies


def _candidate(asked: PrincipalRef, matched: str, case: _Case) -> tuple[Json, int]:
    """One identifier: what is linked to it, and how many records that person has."""
    found = case.replies.search([asked], case.as_of, case.state.application)
    days = sorted(day for entry in found.entries for day in _days(entry))
    linked = case.ledger.streams.cluster([asked], case.as_of).refs
    shown: Json = {
        "asked": {"scheme": asked.scheme, "id": asked.id},
        "matched": matched,
        "identifiers": [{"scheme": one.scheme, "id": one.id} for one in linked],
        "provided": len(found.provided),
        "received": len(found.received),
        "first_day": days[0].isoformat() if days else None,
        "last_day": days[-1].isoformat() if days else None,
    }
    return shown, len(found.entries)


def _days(entry: HistoryEntry) -> tuple[date, ...]:
    return tuple(day for day in (entry.first_day, entry.last_day) if day is not None)


@router.post("/principal", summary="Say who the person is", **documented("The records are found"))
async def identify(body: OfPrincipal, caller: Desk, take: Take, inside: Inside) -> Response:
    """Say which identifiers are the person's. The ledger searches the records as of a position.

    The answer counts what is left after exclusion.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> IdentifyRecords:
        del at
        as_of = body.as_of or ledger.streams.reads.head()
        return _identified(body, state, as_of, inside.replies)

    return await take.make(IdentifyRecords, made, caller)


def _identified(body: Principal, state: State, as_of: int, replies: Replies) -> IdentifyRecords:
    identifiers, tried = refs(body.identifiers), refs(body.tried)
    try:
        found = replies.search(identifiers, as_of, state.application)
        if not identifiers:
            _check_nothing(tried, state, as_of, replies)
    except PositionBeyondHeadError as error:
        raise AsOfBeyondHeadError(error.position, error.head) from None
    return IdentifyRecords(as_of, identifiers, body.evidence, found.provided, found.received, tried)


def _check_nothing(
    tried: tuple[PrincipalRef, ...], state: State, as_of: int, replies: Replies
) -> None:
    """Refuse to say that nobody was found while records are, under what was tried."""
    detail = "records are found under it: name it as the person's, or leave it out"
    defects = tuple(
        Defect(f"/tried/{n}", "TRIED_HAS_RECORDS", detail)
        for n, one in enumerate(tried)
        if replies.search([one], as_of, state.application).entries
    )
    if defects:
        raise MalformedError(defects)


@router.post("/decisions", summary="Decide on the records", **documented("It is decided"))
async def decide(body: OfDecision, caller: Desk, take: Take, inside: Inside) -> Response:
    """Whatever is not withheld is disclosed; what is withheld has a ground and a reason.

    The records are those that were identified; the ledger finds them anew.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> Decide:
        del ledger, at
        found = inside.replies.found(state)
        withheld = tuple(one.value() for one in body.withheld)
        known = {*found.provided, *found.received}
        of_records = [one for one in withheld if one.record in known]
        if len(of_records) == len(withheld) and (
            defects := inside.replies.withheld_defects(state, withheld)
        ):
            raise MalformedError(defects)
        return Decide(found.provided, found.received, withheld, body.medium, body.medium_reason)

    return await take.make(Decide, made, caller)


@router.post("/submit", summary="Ask for approval", **documented("It waits for approval"))
async def submit(body: OfNothing, caller: Desk, take: Take, inside: Inside) -> Response:
    """Make the letter, and ask another person to approve exactly it."""
    del body

    def made(ledger: Ledger, state: State, at: datetime) -> Submit:
        del ledger
        code = verification_code()
        return Submit(inside.replies.rendered(state, at, code), code)

    return await take.make(Submit, made, caller)


@router.post("/approve", summary="Approve", **documented("It may go out"))
async def approve(body: OfNothing, caller: Approver, take: Take, inside: Inside) -> Response:
    """Approve what was submitted, by somebody who did not prepare it, if it still is the same."""
    del body

    def made(ledger: Ledger, state: State, at: datetime) -> Approve:
        del ledger, at
        if caller.actor in state.preparers:
            raise SeparationOfDutiesError
        return Approve(inside.replies.rendered(state, *_submitted(state)))

    return await take.make(Approve, made, caller)


@router.post("/return", summary="Send back", **documented("It was sent back"))
async def send_back(body: OfReason, caller: Either, take: Take) -> Response:
    """Do not approve, or take an approval back."""
    return await take.take(SendBack(body.reason), caller)


@router.post("/dispatch", summary="It went into the post", **documented("The reply is kept"))
async def dispatch(body: OfPost, caller: Desk, take: Take, inside: Inside) -> Response:
    """Put down that the reply went into the post; what was sent is kept, sealed.

    Without `sheets` they are counted from the documents.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> Dispatch:
        del ledger, at
        rendered, document = inside.replies.prepared(state, *_submitted(state))
        sheets = document.sheets if body.sheets is None else body.sheets
        return Dispatch(rendered, body.dispatched_on, body.item_number, sheets, document.documents)

    return await take.make(Dispatch, made, caller)


def _submitted(state: State) -> tuple[datetime, str]:
    """The letter's own date and its code: what stands since it was submitted."""
    assert state.submission is not None, "the status says that it was submitted"
    assert state.submitted_at is not None, "the status says that it was submitted"
    return state.submitted_at, state.submission.verification_code
