"""Who the person is: who may be meant, and whose records the case is about."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import Caller
from api.http.answers import JsonResponse
from api.http.even import begin_again
from api.problems import problems
from api.routes.cases.taking import (
    PREFIX,
    TAGS,
    Desk,
    Take,
    documented,
    naming_doors,
)
from api.routes.cases.tried import Search, check_tried
from api.services import Inside
from api.wire.bodies import EvenCommandRoute, EvenStrictRoute, refs
from api.wire.cases.answers import CANDIDATES
from api.wire.cases.examples import CANDIDATES_EXAMPLE
from api.wire.cases.naming import explained
from api.wire.cases.replying import (
    OfCandidates,
    OfPrincipal,
    Principal,
)
from api.wire.items import random_command
from api.wire.schemas import answer
from ledger.application import Ledger
from ledger.case import PROVISION_RECORDS, State
from ledger.case.refusals import CaseStatusError
from ledger.case.steps import IdentifyRecords
from ledger.commands import ViewHistory
from ledger.errors import NotFoundError
from ledger.history import HistoryEntry
from ledger.law.requests import FOR_MEASURES
from ledger.values import Json, PrincipalRef
from projections.names import Called

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)
looking = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenStrictRoute)


_SEARCHED = frozenset({PROVISION_RECORDS, *FOR_MEASURES})
"""Kinds of requests for which a person is looked for."""
CALLED_MAX = 50
"""Persons of one name that are proposed; nobody pages through strangers."""
NAME_STEPS = 5
"""Of the grid of time: whoever bears a name is read, and those of them who are hidden, too."""


# Why somebody looked, as an auditor reads it. The name itself is not kept: whom it found is.
_BY_NAME = "氏名による検索"
_BY_IDENTIFIER = "識別子による検索"


@looking.post(
    "/candidates",
    summary="Who may be meant",
    responses={
        **answer(CANDIDATES, "What is recorded under each identifier", CANDIDATES_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def candidates(case: UUID, body: OfCandidates, caller: Desk, inside: Inside) -> Response:
    """Who has an identifier or bears a name, and the records of that person the case asks for.

    Counts and days only, after exclusion. Of a name at most 50 persons are proposed; `more` says
    that there are others, and only an identifier finds those. Who the person is, you decide. The
    look is itself put on record. It is open while a person is looked for: not to a request for
    retained data, nor before who asks is verified, unless the caller may read records anyway. For a
    request for measures, whatever is recorded of the person is looked at: days are of all of it.

    `name_check` compares the names in the records found with the form: of the person, and of each
    linked identifier, so that a link to a stranger shows. `mixed`: they name somebody else besides,
    as under a number that somebody had before. What is not `matches` needs a reason (`principal`,
    `person`), unless it is null.
    """
    given = refs(body.identifiers)

    def looked(ledger: Ledger, at: datetime) -> Response:
        state = ledger.case(case)
        if state is None:
            raise NotFoundError
        with naming_doors(ledger, case, caller, "candidates"):
            _check_searching(state, caller)
        as_of = ledger.streams.reads.head()
        called = Called((), more=False)
        if body.name is not None:
            inside.histories.wait(as_of, inside.settings.projection_wait_s)
            begin_again(NAME_STEPS)  # before anything is read: whom the name finds must not be seen
            called = inside.names.called(body.name, as_of, CALLED_MAX, given)
        asked = {"identifier": given, "name": called.identifiers}
        found = [
            _candidate(one, matched, Search(ledger, state, as_of, inside.replies))
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
            _BY_IDENTIFIER if body.name is None else _BY_NAME,
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


def _check_searching(state: State, caller: Caller) -> None:
    """Pass when somebody's records may be looked for under this case.

    Raises:
        CaseStatusError: it has ended, nobody is looked for in its kind, or nobody is verified.
    """
    is_searching = state.is_open and state.application.kind in _SEARCHED
    is_verified = state.reply_to is not None or caller.may("records:read")
    if not (is_searching and is_verified):
        raise CaseStatusError(state.status.value, "candidates")


def _candidate(asked: PrincipalRef, matched: str, case: Search) -> tuple[Json, int]:
    """One identifier: what is linked to it, and how many records that person has."""
    found = case.records([asked])
    days = sorted(day for entry in found.entries for day in _days(entry))
    check = case.names(found)
    shown: Json = {
        "asked": {"scheme": asked.scheme, "id": asked.id},
        "matched": matched,
        "name_check": check.check(asked),
        "identifiers": [
            {"scheme": one.scheme, "id": one.id, "name_check": named}
            for one, named in check.linked(asked).items()
        ],
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
    """Say which identifiers are the person's. The ledger searches all that is recorded by now.

    The answer counts what is left after exclusion. Where an identifier, or one linked to it, has
    records that name somebody else than the form does, nothing is identified until `names_differ`
    says why.
    """

    def made(ledger: Ledger, state: State, at: datetime) -> IdentifyRecords:
        del at
        head = ledger.streams.reads.head()
        return _identified(body, Search(ledger, state, head, inside.replies))

    return await take.make(IdentifyRecords, made, caller)


def _identified(body: Principal, case: Search) -> IdentifyRecords:
    identifiers, tried = refs(body.identifiers), refs(body.tried)
    found = case.records(identifiers)
    check_tried(case, identifiers, tried, body.not_the_person)
    sides = (found.provided, found.received)
    names = case.compared(found, identifiers, explained(body.names_differ))
    said = (tried, body.not_the_person, names)
    return IdentifyRecords(case.as_of, identifiers, body.evidence, *sides, *said)
