"""How the page of a step is shown: the case as it stands, what is due, what others did meanwhile.

A view says which step its page is and what the template needs besides the frame (`StepPageView`),
and shows it by `show`; `step_submission` shows it again after a refusal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from starlette.responses import Response

from api.auth import Caller
from api.resources.cases.pages.case_timeline import CaseTimelineEntry, build_timeline
from api.resources.cases.pages.step_order import (
    DECISION,
    RECORDS,
    STEPS,
    StepPage,
    next_step,
    opens,
)
from api.resources.cases.schemas.replacement import waiting_mistake
from api.resources.cases.step_endpoints import open_endpoints
from api.web.items import random_command
from api.web.pages import days
from api.web.pages.confirmation import unconfirmed
from api.web.pages.conflict import (
    SINCE,
    Conflict,
    ConflictRow,
    conflict_since,
    noted_version,
    version_in,
)
from api.web.pages.form_drafts import StepDrafts
from api.web.pages.form_result import FormResult
from api.web.pages.forms import Form
from api.web.pages.guard import Visit
from api.web.pages.renderer import page
from api.web.services import Services
from ledger.accesses.access import CASE_FILE
from ledger.cases import case as cases
from ledger.cases.case import State
from ledger.cases.events.case import CaseDocumentsChecked
from ledger.cases.service import CaseFact
from ledger.clock import day_in_japan
from ledger.commands import ViewDocument
from ledger.errors import NotFoundError
from ledger.law.procedure.version import Procedure
from ledger.service import Ledger

_REFUSED: Final = 400

AnyEvent = TypeVar("AnyEvent")


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as a page sees it: `at` is the instant of the look, which is on record."""

    state: State
    procedure: Procedure
    facts: Sequence[CaseFact]
    at: datetime
    visit: Visit
    endpoints: frozenset[str]

    @property
    def caller(self) -> Caller:
        """The visitor, as the endpoints of the API know them."""
        return self.visit.caller

    @property
    def services(self) -> Services:
        """The services of the application."""
        return self.visit.services

    def is_open(self, endpoint: str) -> bool:
        """Whether that endpoint of the API is open to the case and to the visitor."""
        return endpoint in self.endpoints

    def came(self, since: int, *kinds: type[AnyEvent]) -> tuple[AnyEvent, ...]:
        """The events of these kinds that came after a version of the case, oldest first."""
        events = (one.event for one in self.facts if one.version > since)
        return tuple(one for one in events if isinstance(one, kinds))

    @property
    def newest_check(self) -> CaseDocumentsChecked | None:
        """The newest look at the papers; further papers make it void, but not untrue."""
        checks = [one.event for one in self.facts if isinstance(one.event, CaseDocumentsChecked)]
        return checks[-1] if checks else None


StepContext = Callable[[Ledger, CaseView, FormResult], dict[str, Any]]
"""What the template of a step needs besides the frame; runs in a worker thread."""


@dataclass(frozen=True, slots=True)
class StepPageView:
    """The page of one step.

    Attributes:
        template: None for `cases/steps/<code>.html`.
    """

    step: StepPage
    context: StepContext
    template: str | None = None


def conflict_of(
    seen: CaseView,
    again: FormResult,
    kinds: Sequence[type[AnyEvent]],
    rows: Callable[[Sequence[AnyEvent], Form], Sequence[ConflictRow] | None],
    *,
    is_open: bool,
    is_replaced: bool = False,
) -> Conflict | None:
    """In what a form differs from what others stored since it was made.

    Args:
        kinds: what the form becomes; while it can be sent, others did nothing else to it.
        rows: of what came, oldest first, and the form; None: nothing of it is told.
        is_open: the form can be sent.
    """
    if again.since is None or again.form is None:
        return None
    came = seen.came(again.since, *kinds)
    if is_open and not came:
        return None
    found = rows(came, again.form)
    return None if found is None else Conflict(tuple(found), is_open, is_replaced)


async def show(visit: Visit, case: UUID, showing: StepPageView, again: FormResult) -> Response:
    """The page of a step. The look is itself put on record, before it is answered.

    The template gets what `frame` tells and what the step itself tells.

    Raises:
        NotFoundError: there is no such case.
    """
    taken = noted_version(visit.request)

    def render_page(ledger: Ledger, at: datetime) -> Response:
        seen = view_case(ledger, case, visit, at)
        how = _with_conflict(again, seen, taken)
        context = {**frame(seen, showing.step, how), **showing.context(ledger, seen, how)}
        context["editors"] = _editors(seen, StepDrafts(visit.services, case, showing.step.code))
        template = showing.template or f"cases/steps/{showing.step.code}.html"
        return page(visit.request, template, again.status, **context)

    return await visit.run(render_page)


def _with_conflict(again: FormResult, seen: CaseView, taken: int) -> FormResult:
    """The same, with what others did since the form was made, if they did something.

    What was confirmed of the case as it was then is to be confirmed anew.
    """
    form = again.form
    if form is None:
        return again
    if max(version_in(form), taken) != seen.state.version:
        again = replace(again, form=unconfirmed(form))
    if again.since is not None:
        # Refused once more: what was told before is not yet settled.
        since = version_in(form, SINCE)
        return replace(again, since=since) if 0 < since < again.since else again
    return replace(again, since=conflict_since(form, seen.state.version, taken))


def view_case(ledger: Ledger, case: UUID, visit: Visit, at: datetime) -> CaseView:
    """The case; that somebody looked at it is on record before it is shown.

    Raises:
        NotFoundError: there is no such case.
    """
    seen = case_view_of(ledger, case, visit, at)
    reason = seen.state.status.value
    access = ViewDocument(random_command(), visit.actor, case, CASE_FILE, reason=reason)
    ledger.view(access, at)
    return seen


def case_of(ledger: Ledger, case: UUID) -> State:
    """The case.

    Raises:
        NotFoundError: there is no such case.
    """
    state = ledger.case(case)
    if state is None:
        raise NotFoundError
    return state


def case_view_of(ledger: Ledger, case: UUID, visit: Visit, at: datetime) -> CaseView:
    """The case, for an answer that shows nothing of it.

    Raises:
        NotFoundError: there is no such case.
    """
    case_with_facts = ledger.case_with_facts(case)
    if case_with_facts is None:
        raise NotFoundError
    state, facts = case_with_facts
    procedure = ledger.procedure_of(state)
    endpoints = frozenset(cast("list[str]", open_endpoints(state, procedure, visit.caller)))
    return CaseView(state, procedure, facts, at, visit, endpoints)


def frame(seen: CaseView, step: StepPage, again: FormResult) -> dict[str, Any]:
    """What stands around each step: where the case is, what is due, what others did.

    A step that can say what of it differs tells `differing` itself.
    """
    state = seen.state
    nothing: Conflict | None = None
    return {
        "state": state,
        "procedure": seen.procedure,
        "endpoints": seen.endpoints,
        "at": seen.at,
        "today": day_in_japan(seen.at),
        "step": step,
        "steps": STEPS,
        "opens": opens,
        "RECORDS": RECORDS,
        "DECISION": DECISION,
        "next_step": next_step(state),
        "mistake": waiting_mistake(state),
        "due": due(seen),
        "defects": again.defects,
        "refused": again.message,
        "is_conflict": again.since is not None,
        "is_refused": again.status >= _REFUSED,
        "since": _since(seen, again.since),
        "overtaken_since": again.since,
        "differing": nothing,
        "kept_at": again.kept_at,
        # Where all that was kept of the page is thrown away; a page with one form does that there.
        "discard": f"{step.address(state)}/discard" if step.forms else None,
    }


def due(seen: CaseView) -> tuple[str, date, days.RemainingTerm] | None:
    """The clock that ends next, its day, and how much is left of it; None when none runs."""
    found = cases.next_due(seen.state, seen.procedure)
    return None if found is None else (found[0], found[1], days.left(found[1], seen.at))


def _editors(seen: CaseView, drafting: StepDrafts) -> tuple[str, ...]:
    """The actors of others who type into this form."""
    return drafting.editors(seen.caller.actor, seen.at)


def _since(seen: CaseView, version: int | None) -> tuple[CaseTimelineEntry, ...]:
    """What others did since a version of the case; everything, when the form named none."""
    if version is None:
        return ()
    timeline = build_timeline(seen.facts, seen.caller.actor)
    return tuple(one for one in timeline if one.version > version)
