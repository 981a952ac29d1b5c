"""One case at a glance: the request, the papers, the decision, the letters, what happened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages import days
from api.pages.case_timeline import happened
from api.pages.draft_recovery import DraftRecovery
from api.pages.forms import Form
from api.pages.guard import signed
from api.pages.related_requests import related
from api.pages.route import EvenPageRoute
from api.pages.step_view import CaseView, StepFormResult, StepPageView, show
from api.pages.steps import whole_case_differences as whole
from api.pages.steps.differences import Differences
from api.pages.steps.step_order import OVERVIEW
from api.pages.steps.whole_case import LABELS
from api.pages.words import FURTHER_FIELDS
from api.people import Visitor
from api.services import Services, ServicesDep
from api.wire.cases.replacement import mistake_shown
from api.wire.cases.whole_case import whole_shown
from ledger.cases import case as cases
from ledger.cases.case import State
from ledger.cases.clocks import is_interim_due
from ledger.law.procedure.codes import REPRESENTATIONS
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.law.requests import outcomes_of
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

Reader = Annotated[Visitor, Depends(signed("cases:read"))]
RESCUING: Final = DraftRecovery(OVERVIEW)
"""What somebody sends to one of the forms whose time is up."""


@router.get("/desk/cases/{case}")
async def get_case(
    case: UUID, request: Request, visitor: Reader, services: ServicesDep
) -> Response:
    """Everything of a case, to read. The look is itself put on record, before it is answered."""
    again = await RESCUING.first(services, case, visitor)
    return await show(request, visitor, case, services, showing(services), again)


def showing(services: Services) -> StepPageView:
    """The page of one case."""

    def told(ledger: Ledger, seen: CaseView, again: StepFormResult) -> dict[str, Any]:
        del ledger
        state, procedure, at = seen.state, seen.procedure, seen.at
        caller = seen.visitor.caller
        known = {one.case: one for one in services.caseload.states(at)}
        replacing = mistake_shown(state, known)
        report = state.report
        differing, is_lost = _differing(seen, again, known)
        return {
            "differing": differing,
            # Without the form there is nothing to mend: what others did comes first.
            "defects": {} if is_lost else again.defects,
            "whole": {**whole_shown((state, seen.facts), procedure, caller, at), **replacing},
            "earlier": _earlier(seen),
            "is_reporter": report is not None and report.actor in caller.actors,
            "clocks": _clocks(state, procedure, at),
            "timeline": happened(seen.facts, caller.actor),
            "written": _written(state),
            "documents": _labels(state, procedure),
            "representations": REPRESENTATIONS,
            "measures": outcomes_of(state.application.kind),
            "flags": services.replies.flags(state),
            "links": related(services, state, at),
            "replacing": replacing,
            "is_interim_due": is_interim_due(state, procedure),
            "form": again.form or Form({}),
            "labels": LABELS,
        }

    return StepPageView(OVERVIEW, told, template="overview.html")


def _earlier(seen: CaseView) -> dict[str, Any] | None:
    """The look before, and the addresses as they stood in it; None unless further papers came."""
    state, check = seen.state, seen.newest_check
    if state.check is not None or check is None:
        return None
    before = replace(state, check=check)
    whole = whole_shown((before, seen.facts), seen.procedure, seen.visitor.caller, seen.at)
    return {name: whole[name] for name in ("examination", "addresses")}


def _differing(
    seen: CaseView, again: StepFormResult, known: Mapping[UUID, State]
) -> tuple[Differences | None, bool]:
    """In what the form differs from what others put down since, and whether it is there no more."""
    since, form = again.since, again.form
    own = [] if form is None else [door for name, door in whole.DOORS.items() if form.has(name)]
    if form is None or not own:
        return None, False
    is_open = any(seen.is_open(door) for door in own)
    if since is None:
        return None, not is_open
    events = (one.event for one in seen.facts if one.version > since)
    came = [one for one in events if isinstance(one, whole.Whole)]
    stands = whole.standing(came, {case: one.number for case, one in known.items()})
    if is_open and not stands:
        return None, False
    found = whole.differences(stands, form)
    return Differences(found, is_open, is_replaced=False), not is_open


def _clocks(
    state: State, procedure: Procedure, at: datetime
) -> list[tuple[str, date, days.RemainingTerm]]:
    """The clocks that run, the next one first."""
    running = cases.running(state, procedure)
    ordered = sorted(running.items(), key=lambda one: (one[1], one[0]))
    return [(name, day, days.left(day, at)) for name, day in ordered]


def _written(state: State) -> list[tuple[str, str]]:
    """(what the field is called, what stands in it), in the order of the paper."""
    labels = {**FORM_LABELS, **FURTHER_FIELDS}
    form = state.application.form
    ordered = [name for name in labels if name in form] + [one for one in form if one not in labels]
    return [(labels.get(name, name), form[name]) for name in ordered]


def _labels(state: State, procedure: Procedure) -> dict[str, str]:
    """Kind of paper → what the procedure calls it."""
    documents = procedure.documents_on(state.application.arrived_on)
    return {one.code: one.label for one in documents}
