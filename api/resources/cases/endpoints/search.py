"""Who the person is: who may be meant, and whose records the case is about."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.problems.documentation import problems
from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Desk, Take, documented
from api.resources.cases.schemas.answers import CANDIDATES
from api.resources.cases.schemas.examples import CANDIDATES_EXAMPLE
from api.resources.cases.schemas.replies import OfCandidates, OfPrincipal
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import (
    Candidate,
    check_searching,
    find_candidates,
    records_identified,
)
from api.resources.cases.steps import name_endpoints
from api.web.answers import JsonResponse
from api.web.bodies import EvenCommandRoute, EvenStrictRoute
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.cases.case import State
from ledger.cases.steps import IdentifyRecords
from ledger.errors import NotFoundError
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenCommandRoute)
candidate_router = APIRouter(
    prefix=f"{PREFIX}/{{case}}", tags=list(TAGS), route_class=EvenStrictRoute
)


@candidate_router.post(
    "/candidates",
    summary="Who may be meant",
    responses={
        **answer(CANDIDATES, "What is recorded under each identifier", CANDIDATES_EXAMPLE),
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def candidates(
    case: UUID, body: OfCandidates, caller: Desk, services: ServicesDep
) -> Response:
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

    def search(ledger: Ledger, at: datetime) -> Response:
        state = ledger.case(case)
        if state is None:
            raise NotFoundError
        with name_endpoints(ledger, case, caller, "candidates"):
            check_searching(state, caller)
        found = find_candidates(body, state, caller, services, ledger, at)
        return JsonResponse(
            {
                "as_of": found.as_of,
                "candidates": [_render_candidate(one) for one in found.candidates],
                "more": found.more,
                "viewed_at_position": found.viewed,
            }
        )

    return await services.run(search)


def _render_candidate(one: Candidate) -> Json:
    return {
        "asked": {"scheme": one.search_ref.scheme, "id": one.search_ref.id},
        "matched": one.matched,
        "name_check": one.name_check,
        "identifiers": [
            {"scheme": ref.scheme, "id": ref.id, "name_check": named}
            for ref, named in one.identifiers.items()
        ],
        "provided": one.provided,
        "received": one.received,
        "first_day": None if one.first_day is None else one.first_day.isoformat(),
        "last_day": None if one.last_day is None else one.last_day.isoformat(),
    }


@router.post("/principal", summary="Say who the person is", **documented("The records are found"))
async def identify(body: OfPrincipal, caller: Desk, take: Take, services: ServicesDep) -> Response:
    """Say which identifiers are the person's. The ledger searches all that is recorded by now.

    The answer counts what is left after exclusion. Where an identifier, or one linked to it, has
    records that name somebody else than the form does, nothing is identified until `names_differ`
    says why.
    """

    def make_step(ledger: Ledger, state: State, at: datetime) -> IdentifyRecords:
        del at
        where = PersonSearch.now(ledger, state, services)
        return records_identified(body, where)

    return await take.make(IdentifyRecords, make_step, caller)
