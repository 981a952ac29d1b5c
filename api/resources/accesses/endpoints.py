"""The looks that are on record, for auditors: who saw what, under which case and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller, requires
from api.problems.documentation import problems
from api.resources.accesses.schemas import ACCESSES, ACCESSES_EXAMPLE
from api.resources.accesses.views import ACTOR_PATTERN, CASE_PATTERN, list_accesses
from api.web.answers import JsonResponse
from api.web.bodies import Day, StrictRoute
from api.web.cursors import CHARACTERS
from api.web.items import MARKING
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.accesses.service import AccessFilter
from ledger.errors import Defect, MalformedError

router = APIRouter(prefix="/v1/accesses", tags=["audit"], route_class=StrictRoute)

Auditor = Annotated[Caller, Depends(requires("audit:read"))]

# A query stands in addresses, and those in logs of others: nothing that could be a name fits.
CaseName = Annotated[str, Query(pattern=CASE_PATTERN)]
Actor = Annotated[str, Query(pattern=ACTOR_PATTERN)]


async def _read_filters(
    first: Annotated[Day | None, Query(alias="from", description="a day in Japan")] = None,
    last: Annotated[Day | None, Query(alias="to", description="a day, inclusive")] = None,
    case: CaseName | None = None,
    actor: Actor | None = None,
) -> AccessFilter:
    if first is not None and last is not None and last < first:
        detail = "the period ends before it begins"
        raise MalformedError((Defect("/query/to", "DATE_RANGE_REVERSED", detail),))
    return AccessFilter(first, last, case, actor)


@router.get(
    "",
    summary="Who looked at what",
    responses={
        **answer(ACCESSES, "A page of looks, oldest first", ACCESSES_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_accesses(
    caller: Auditor,
    services: ServicesDep,
    filters: Annotated[AccessFilter, Depends(_read_filters)],
    cursor: Annotated[str | None, Query(min_length=CHARACTERS, max_length=CHARACTERS)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Looks at histories, cases, letters, replies and transfers, in the order of their positions.

    `case` is the reference that was typed for a history, a case's number, or its id. Which persons
    were looked at is not told. This list is no look: it is not put on record itself.
    """
    found = await list_accesses(services, filters, cursor, limit)
    return JsonResponse(found.render(includes_hidden=caller.may(MARKING)))
