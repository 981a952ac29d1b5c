"""One case at a glance: the request, the papers, the decision, the letters, what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.cases.forms import whole_case
from api.resources.cases.pages.case_timeline import build_timeline
from api.resources.cases.pages.related_requests import related
from api.resources.cases.pages.step_order import OVERVIEW
from api.resources.cases.pages.step_submission import (
    Done,
    PageTake,
    PageTaking,
    answered,
    drafts_of_step,
    step_draft_routes,
)
from api.resources.cases.pages.step_view import CaseView, StepPageView, conflict_of, show
from api.resources.cases.schemas.completion import DeceasedPrincipal, EnteredInError, Withdrawn
from api.resources.cases.schemas.replacement import render_mistake
from api.resources.cases.schemas.replies import ReasonBody
from api.resources.cases.schemas.whole_case import render_whole_case
from api.web.pages import days
from api.web.pages.conflict import Conflict, ConflictRow, conflict_rows
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import FormBody, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.route import EvenPageRoute
from api.web.pages.words import FURTHER_FIELDS
from ledger.cases import case as cases
from ledger.cases.case import State, Step
from ledger.cases.clocks import is_interim_due
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.law.procedure.codes import REPRESENTATIONS
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.law.requests import outcomes_of
from ledger.service import Ledger

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)

Reader = Annotated[Visit, Depends(signed("cases:read"))]
DRAFTS: Final = drafts_of_step(OVERVIEW)
"""What somebody sends to one of the forms whose time is up."""


@router.get("")
async def get_case(case: UUID, visit: Reader) -> Response:
    """Everything of a case, to read. The look is itself put on record, before it is answered."""
    again = await DRAFTS.first(visit)
    return await show(visit, case, VIEW, again)


def _view(ledger: Ledger, seen: CaseView, again: FormResult) -> dict[str, Any]:
    del ledger
    state, procedure, at = seen.state, seen.procedure, seen.at
    caller = seen.caller
    known = {one.case: one for one in seen.services.caseload.states(at)}
    replacing = render_mistake(state, known)
    report = state.report
    differing, is_lost = _conflict(seen, again, known)
    return {
        "differing": differing,
        # Without the form there is nothing to mend: what others did comes first.
        "defects": {} if is_lost else again.defects,
        "whole": {**render_whole_case((state, seen.facts), procedure, caller, at), **replacing},
        "earlier": _earlier(seen),
        "is_reporter": report is not None and report.actor in caller.actors,
        "clocks": _clocks(state, procedure, at),
        "timeline": build_timeline(seen.facts, caller.actor),
        "written": _written(state),
        "documents": _labels(state, procedure),
        "representations": REPRESENTATIONS,
        "measures": outcomes_of(state.application.kind),
        "flags": seen.services.replies.flags(state),
        "links": related(seen.services, state, at),
        "replacing": replacing,
        "is_interim_due": is_interim_due(state, procedure),
        "form": again.current_form,
        "labels": whole_case.LABELS,
    }


VIEW: Final = StepPageView(OVERVIEW, _view, template="cases/overview.html")


def _earlier(seen: CaseView) -> dict[str, Any] | None:
    """The look before, and the addresses as they stood in it; None unless further papers came."""
    state, check = seen.state, seen.newest_check
    if state.check is not None or check is None:
        return None
    before = replace(state, check=check)
    whole = render_whole_case((before, seen.facts), seen.procedure, seen.caller, seen.at)
    return {name: whole[name] for name in ("examination", "addresses")}


def _conflict(
    seen: CaseView, again: FormResult, known: Mapping[UUID, State]
) -> tuple[Conflict | None, bool]:
    """In what the form differs from what others put down since, and whether it is there no more."""
    own = [endpoint for name, endpoint in whole_case.PATHS.items() if again.current_form.has(name)]
    if not own:
        return None, False
    is_open = any(seen.is_open(endpoint) for endpoint in own)
    numbers = {case: one.number for case, one in known.items()}

    def rows(came: Sequence[whole_case.Whole], form: Form) -> Sequence[ConflictRow] | None:
        stored = whole_case.stored(came, numbers)
        has_rows = bool(stored.fields) or not is_open
        return conflict_rows(whole_case.FIELDS, stored, form) if has_rows else None

    kinds = get_args(whole_case.Whole)
    return conflict_of(seen, again, kinds, rows, is_open=is_open), not is_open


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


Desk = Annotated[Visit, Depends(signed("cases:write", rescue=DRAFTS.keep))]
_either: Final = signed("cases:write", "cases:approve", rescue=DRAFTS.keep)
Either = Annotated[Visit, Depends(_either)]
Approver = Annotated[Visit, Depends(signed("cases:approve", proved=True))]


@router.post("/entry-mistake")
async def report_entry(visit: Desk, taking: PageTake) -> Response:
    """Say that the case should never have been opened; another person confirms it."""
    services = taking.inside
    states = await services.run(lambda _, at: services.caseload.states(at))
    numbers = {state.number: str(state.case) for state in states}
    read = whole_case.entry(await visit.form(), numbers)

    def step() -> Step:
        return validate_body(EnteredInError, read.body).step()

    return await _take_step(visit, taking, read, step, ("entry", "entry_reason"))


@router.post("/end-mistake")
async def report_end(visit: Desk, taking: PageTake) -> Response:
    """Say that the end that stands was put down by mistake; another person confirms it."""
    read = whole_case.reason(await visit.form(), "end_reason")

    def step() -> Step:
        return ReportEnd(validate_body(ReasonBody, read.body).reason)

    return await _take_step(visit, taking, read, step, ("end", "end_reason"))


@router.post("/mistake-confirmation")
async def confirm(visit: Approver, taking: PageTake) -> Response:
    """Confirm the mistake, as another person than who reported it."""
    nothing = FormBody({}, {})
    return await _take_step(visit, taking, nothing, ConfirmMistake, ("confirm", "confirm"))


@router.post("/mistake-dismissal")
async def dismiss(visit: Either, taking: PageTake) -> Response:
    """It is none; or who reported it takes it back."""
    read = whole_case.reason(await visit.form(), "dismiss_reason")

    def step() -> Step:
        return DismissMistake(validate_body(ReasonBody, read.body).reason)

    return await _take_step(visit, taking, read, step, ("dismiss", "dismiss_reason"))


@router.post("/withdrawal")
async def withdraw(visit: Desk, taking: PageTake) -> Response:
    """Who asked does not ask any more."""
    read = whole_case.withdrawal(await visit.form())

    def step() -> Step:
        return validate_body(Withdrawn, read.body).step()

    return await _take_step(visit, taking, read, step, ("withdrawn", "withdrawn_on"))


@router.post("/death")
async def record_death(visit: Desk, taking: PageTake) -> Response:
    """The principal is dead; whether the case ends with it, the procedure says."""
    read = whole_case.death(await visit.form())

    def step() -> Step:
        return validate_body(DeceasedPrincipal, read.body).step()

    return await _take_step(visit, taking, read, step, ("learned", "learned_on"))


async def _take_step(
    visit: Visit,
    taking: PageTaking,
    read: FormBody,
    step: Callable[[], Step],
    fields: tuple[str, str],
) -> Response:
    """Take the step, and show the case; or show it with what is wrong with the form.

    Args:
        fields: the prefix of the form's fields, and the first of them.
    """

    async def act() -> Done:
        return await taking.take(step(), visit)

    page, by_field = VIEW, whole_case.by_field_of(*fields)
    return await answered(visit, taking, act, page, by_field, defects=read.defects, then="")


drafts: Final = step_draft_routes(DRAFTS, OVERVIEW, _either, lambda _: VIEW)
