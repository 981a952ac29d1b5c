"""A case as a whole, and the work list."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.problems.documentation import problems
from api.resources.cases.endpoints.step_request import PREFIX, TAGS, Reader, tagged
from api.resources.cases.schemas.answers import WHOLE, WORK_LIST
from api.resources.cases.schemas.case_view import render_links, render_worklist_row
from api.resources.cases.schemas.examples import WORK_LIST_EXAMPLE
from api.resources.cases.schemas.replacement import (
    render_mistake,
    render_waiting_mistake,
    waiting_mistake,
)
from api.resources.cases.schemas.whole_case import WHOLE_EXAMPLE, render_points, render_whole_case
from api.resources.cases.search.decision import points_of
from api.web.answers import JsonResponse
from api.web.bodies import POSITION_MAX, EvenStrictRoute
from api.web.if_match import ETAG_HEADER
from api.web.items import random_command
from api.web.schemas import answer
from api.web.services import ServicesDep
from ledger.accesses.access import CASE_FILE
from ledger.cases import case as cases
from ledger.cases.case import CaseStatus, State
from ledger.clock import day_in_japan
from ledger.commands import ViewDocument
from ledger.errors import Defect, MalformedError, NotFoundError
from ledger.service import Ledger
from ledger.values import Json

router = APIRouter(prefix=PREFIX, tags=list(TAGS), route_class=EvenStrictRoute)

_WHOLE = answer(WHOLE, "The case", WHOLE_EXAMPLE)


class _CaseQuery:
    """Which cases a question asks for, as its parameters say."""

    def __init__(
        self,
        status: Annotated[
            list[CaseStatus] | None, Query(description="only cases in one of these", max_length=20)
        ] = None,
        due: Annotated[
            str | None,
            Query(
                description="only cases whose next clock falls due on that day or before: `today`,"
                " `overdue` (before today), or a day",
                pattern=r"^(overdue|today|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
            ),
        ] = None,
        *,
        reported: Annotated[
            bool, Query(description="only cases of which a mistake is reported and not settled")
        ] = False,
    ) -> None:
        self.statuses = frozenset(status or CaseStatus)
        self.due = due
        self.reported = reported


@router.get(
    "",
    summary="The work list",
    responses={
        **answer(WORK_LIST, "A page of cases, newest first", WORK_LIST_EXAMPLE),
        **problems(401, 403, 422, 503),
    },
)
async def get_cases(
    caller: Reader,
    services: ServicesDep,
    query: Annotated[_CaseQuery, Depends()],
    cursor: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Cases, newest first, closed ones too as long as their key lives. Names are masked."""
    del caller

    def list_cases(ledger: Ledger, at: datetime) -> Response:
        case_filter = _CaseFilter(ledger, query, day_in_japan(at))
        known = {one.case: one for one in services.caseload.states(at)}
        states = reversed(known.values())
        older = [one for one in states if cursor is None or one.position < cursor]
        found = [one for one in older if case_filter.holds(one)]
        page = found[:limit]

        def render_row(one: State) -> Json:
            row = render_worklist_row(one, ledger.procedure_of(one))
            return {**row, "mistake": render_waiting_mistake(one, known)}

        return JsonResponse(
            {
                "cases": [render_row(one) for one in page],
                "cursor": page[-1].position if len(found) > limit else None,
            }
        )

    return await services.run(list_cases)


class _CaseFilter:
    """Which cases a question asks for."""

    def __init__(self, ledger: Ledger, query: _CaseQuery, today: date) -> None:
        self._ledger = ledger
        self._query = query
        self._last = today if query.due in ("today", "overdue") else _day(query.due)
        self._is_before = query.due == "overdue"

    def holds(self, state: State) -> bool:
        """Whether the case is asked for."""
        if state.status not in self._query.statuses:
            return False
        if self._query.reported and waiting_mistake(state) is None:
            return False
        if self._last is None:
            return True
        found = cases.next_due(state, self._ledger.procedure_of(state))
        if found is None:
            return False
        return found[1] < self._last if self._is_before else found[1] <= self._last


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        detail = "give a day that there is, today, or overdue"
        raise MalformedError((Defect("/query/due", "SCHEMA", detail),)) from None


@router.get(
    "/{case}",
    summary="One case",
    responses={
        **{
            status: {**response_doc, "headers": ETAG_HEADER}
            for status, response_doc in _WHOLE.items()
        },
        **problems(401, 403, 404, 422, 503),
    },
)
async def get_case(case: UUID, caller: Reader, services: ServicesDep) -> Response:
    """The form, the papers and what they prove, the clocks, the decision, what may be done next.

    The look is itself put on record. The ETag is what the next step wants as If-Match.
    """
    command = random_command()

    def view_case(ledger: Ledger, at: datetime) -> Response:
        case_with_facts = ledger.case_with_facts(case)
        if case_with_facts is None:
            raise NotFoundError
        state, _ = case_with_facts
        similar = services.caseload.similar(state.application.identifiers, at, besides=case)
        reason = state.status.value
        access = ViewDocument(command, caller.actor, case, CASE_FILE, reason=reason)
        known = services.caseload.states(at)
        shown: dict[str, Json] = {
            **render_whole_case(case_with_facts, ledger.procedure_of(state), caller, at),
            **render_mistake(state, {one.case: one for one in known}),
            "envelope": render_links(cases.envelope_of(known, state)),
            "flags": [*services.replies.flags(state)],
            "points": render_points(state, points_of(state, services.replies)),
            "similar": render_links(similar),
            "viewed_at_position": ledger.view(access, at).position,
        }
        return tagged(shown, state.version)

    return await services.run(view_case)
