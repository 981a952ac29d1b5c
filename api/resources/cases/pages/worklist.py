"""受付一覧: where each request stands, what is due, what comes next; and on what replies rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import Caller
from api.auth.people import SignedInUser
from api.resources.cases.dispatch.batch import CASES_MAX
from api.resources.cases.schemas.case_view import masked
from api.resources.cases.schemas.replacement import waiting_mistake
from api.resources.cases.step_endpoints import ENDPOINTS, open_endpoints, owes_password
from api.web.bodies import POSITION_MAX
from api.web.coverage import CoverageView, view_coverage
from api.web.items import MARKING, random_command
from api.web.pages import days
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import ANY, DESK, home_of
from api.web.pages.renderer import go, is_part, page
from api.web.pages.route import EvenPageRoute
from ledger.accesses.access import CASE_FILE
from ledger.cases import case as cases
from ledger.cases import mistake_steps, steps
from ledger.cases.case import CaseStatus, State
from ledger.cases.letters.addressee import NAME
from ledger.cases.steps import ENDED
from ledger.clock import day_in_japan
from ledger.commands import ViewDocument
from ledger.crypto.names import folded_name
from ledger.errors import NotFoundError
from ledger.service import Ledger

_DIGITS_MAX: Final = 15
"""Of a position of the ledger."""
AT_THE_DESK: Final = frozenset(
    {
        CaseStatus.RECEIVED,
        CaseStatus.IDENTITY_CHECK,
        CaseStatus.COMPLETENESS_CHECK,
        CaseStatus.RESUBMITTED,
        CaseStatus.SEARCH,
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SENT_BACK,
        CaseStatus.RETURNED,
        CaseStatus.REOPENED,
    }
)
"""The next step is one of the desk, before any approval."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of cases: `code` stands in the address.

    Attributes:
        by_term: what falls due first stands first; else what began last.
    """

    code: str
    label: str
    statuses: frozenset[CaseStatus]
    by_term: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ListPosition:
    """Where a case stands in a list by term; of one day, what began first stands first.

    Attributes:
        on: the day on which its next term ends; `date.max` where none runs.
        position: where it began.
    """

    on: date
    position: int

    @classmethod
    def from_query(cls, position: int | None, term: date | None) -> "ListPosition | None":
        """The place that an address tells; a list of the newest tells no term."""
        return None if position is None else cls(term or date.min, position)

    @classmethod
    def from_form(cls, position: str, term: str) -> "ListPosition | None":
        """The same, from the fields of a form; what is no place is none."""
        if not (position.isascii() and position.isdigit() and len(position) <= _DIGITS_MAX):
            return None
        try:
            return cls.from_query(int(position), date.fromisoformat(term) if term else None)
        except ValueError:
            return None


OWN: Final = Tab("own", "自分の作業", frozenset(CaseStatus), by_term=True)
"""Of these the cases that wait for the visitor (`api.web.pages.lists`)."""
WORKED_ON: Final = Tab("desk", "作業中", AT_THE_DESK, by_term=True)
APPROVAL: Final = Tab("approval", "承認待ち", frozenset({CaseStatus.SUBMITTED}), by_term=True)
SOON: Final = Tab("soon", "期限間近", frozenset(CaseStatus) - ENDED, by_term=True)
"""Of these the cases whose next term ends within `days.SOON` days."""
REPORTED: Final = Tab("reported", "誤りの申出", frozenset(CaseStatus))
"""Of these the cases that somebody says are a mistake: they wait for a second person."""
PRINTED: Final = Tab("dispatch", "発送待ち", frozenset({CaseStatus.NOTICE_READY}), by_term=True)
"""Of these several are printed in one run."""

TABS: Final = (
    OWN,
    WORKED_ON,
    APPROVAL,
    Tab("correction", "補正待ち", frozenset({CaseStatus.CORRECTION_REQUESTED}), by_term=True),
    PRINTED,
    Tab("sent", "発送済み", frozenset({CaseStatus.DISPATCHED, CaseStatus.DELIVERED})),
    SOON,
    REPORTED,
    Tab("ended", "完了", ENDED),
    Tab("all", "全て", frozenset(CaseStatus)),
)
"""The lists, in the order of the page."""

BY_CODE: Final = {tab.code: tab for tab in TABS}
PATTERN: Final = "^(" + "|".join(BY_CODE) + ")$"

assert frozenset[CaseStatus]().union(*(tab.statuses for tab in TABS[1:6])) | ENDED == frozenset(
    CaseStatus
)


def tabs_of(user: SignedInUser) -> tuple[Tab, ...]:
    """The lists that a visitor is offered: who takes no step of a case has no work of their own."""
    return TABS if _takes_steps(user) else tuple(tab for tab in TABS if tab is not OWN)


def first_tab(user: SignedInUser, *, has_own: bool) -> Tab:
    """The list with which a visitor begins: their own work; where there is none, what waits.

    That is 承認待ち for who approves and prepares nothing, else 作業中.

    Args:
        has_own: whether any case waits for them.
    """
    if has_own:
        return OWN
    caller = user.caller
    is_approver = caller.may("cases:approve") and not caller.may("cases:write")
    return APPROVAL if is_approver else WORKED_ON


def _takes_steps(user: SignedInUser) -> bool:
    return user.caller.may("cases:write") or user.caller.may("cases:approve")


_TO_GO_ON_WITH: Final = AT_THE_DESK | {CaseStatus.NOTICE_READY}
"""Whose work a case is has the next step: to post what was approved, too."""
_OF_THE_SECOND: Final = frozenset(
    ENDPOINTS[one].path for one in (steps.Approve, mistake_steps.ConfirmMistake)
)
"""What takes two, and another one than who prepared or reported it."""


@dataclass(frozen=True, slots=True)
class Due:
    """The term that ends next."""

    clock: str
    on: date
    left: days.RemainingTerm


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists as one visitor sees them at one moment."""

    ledger: Ledger
    caller: Caller
    at: datetime

    def holds(self, tab: Tab, state: State) -> bool:
        """Whether the case stands on the list."""
        if state.status not in tab.statuses:
            return False
        if tab is OWN:
            return self.waits_for_user(state)
        if tab is REPORTED:
            return waiting_mistake(state) is not None
        if tab is not SOON:
            return True
        due = self.due(state)
        return due is not None and due.left.level != "far"

    def waits_for_user(self, state: State) -> bool:
        """Whether the next step is theirs.

        Of what takes two persons it is whoever may be the second one: nobody is in charge of an
        approval. Anything else waits for whose work the case is, as long as they may go on with it
        or its term has passed.
        """
        if state.status == CaseStatus.SUBMITTED or waiting_mistake(state) is not None:
            endpoints = open_endpoints(state, self.ledger.procedure_of(state), self.caller)
            return not _OF_THE_SECOND.isdisjoint(str(endpoint) for endpoint in endpoints)
        if state.in_charge != self.caller.actor or not self.caller.may("cases:write"):
            return False
        return state.status in _TO_GO_ON_WITH or self._is_late(state)

    def _is_late(self, state: State) -> bool:
        """Whether a term has passed: also a case that waits for others has then to be looked at."""
        due = self.due(state)
        return due is not None and due.left.level == "late"

    def position_of(self, state: State) -> ListPosition:
        """Where the case stands in a list by term."""
        due = cases.next_due(state, self.ledger.procedure_of(state))
        return ListPosition(date.max if due is None else due[1], state.position)

    def due(self, state: State) -> Due | None:
        """The term that ends next; None when none runs."""
        found = cases.next_due(state, self.ledger.procedure_of(state))
        return None if found is None else Due(found[0], found[1], days.left(found[1], self.at))


router = APIRouter(route_class=EvenPageRoute)

# As `GET /v1/cases` and `POST /v1/cases/search`: who audits reads looks, not the desk's lists.
Reader = Annotated[Visit, Depends(signed("cases:read"))]
# Everybody arrives here after the sign-in; who has no cases is led to where their work is.
Arriving = Annotated[Visit, Depends(signed(*ANY))]
Revealer = Annotated[Visit, Depends(signed("cases:read", proved=True))]

ROWS_MAX: Final = 50
SEARCH_CHARACTERS_MAX: Final = 200
REASON: Final = "受付一覧で氏名を表示"


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One line.

    Attributes:
        name: masked, unless it was asked for and the look was put on record.
        mistake: what is reported as a mistake and waits for a second person.
        in_charge: the actor whose work it is; None: the visitor's own.
        owes_password: nobody has put down that the password of its medium went.
    """

    case: UUID
    number: str
    arrived_on: date
    name: str
    is_revealed: bool
    requester: str
    kind: str
    status: CaseStatus
    mistake: str | None
    due: Due | None
    in_charge: str | None
    owes_password: bool


@dataclass(frozen=True, slots=True)
class WorklistQuery:
    """Which lines are wanted.

    Attributes:
        tab: None: the one with which the visitor begins.
        before: the last place of the page before; only what follows it. Of its parts, a list of the
            newest heeds the position alone.
        revealed: the case whose name is shown.
        matches: which cases were searched for; None: no search.
    """

    tab: Tab | None
    before: ListPosition | None = None
    revealed: UUID | None = None
    matches: Callable[[State], bool] | None = None


@router.get("/desk")
async def get_list(
    visit: Arriving,
    tab: Annotated[str | None, Query(pattern=PATTERN)] = None,
    before: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    term: date | None = None,
) -> Response:
    """Cases: open ones by their term, others newest first. Names are masked.

    Without a tab it is what waits for the visitor, and where nothing does, what waits for the desk
    or for an approval; who reads no cases is led to their own first page. `before` and `term` are
    the last place of the page before.
    """
    home = home_of(visit.user)
    if home is not None and home is not DESK:
        return go(home.address)
    query = WorklistQuery(BY_CODE[tab] if tab else None, ListPosition.from_query(before, term))
    return await _show_list(visit, query)


@router.post("/desk/search")
async def search(visit: Reader) -> Response:
    """The cases of a number, of a name or of an identifier; by POST, so that none is logged.

    A number that is nothing else opens its case: so does the barcode of a label.
    """
    typed = (await visit.form()).text("q")[:SEARCH_CHARACTERS_MAX]
    if not typed:
        return await _show_list(visit, WorklistQuery(None))
    matches = _matching(typed)

    def find_cases(_: Ledger, at: datetime) -> list[State]:
        return [one for one in visit.services.caseload.states(at) if matches(one)]

    match await visit.run(find_cases):
        case [State(number=number, case=case)] if number == typed:
            return go(f"/desk/cases/{case}/next")
        case _:
            query = WorklistQuery(BY_CODE["all"], matches=matches)
    return await _show_list(visit, query, typed)


@router.post("/desk/cases/{case}/name")
async def reveal(case: UUID, visit: Revealer) -> Response:
    """The name of one line. The look is itself put on record, before it is answered."""
    command = random_command()

    def view_name(ledger: Ledger, at: datetime) -> str:
        case_with_facts = ledger.case_with_facts(case)
        if case_with_facts is None:
            raise NotFoundError
        access = ViewDocument(command, visit.actor, case, CASE_FILE, reason=REASON)
        ledger.view(access, at)
        return case_with_facts[0].application.form.get(NAME, "")

    name = await visit.run(view_name)
    if is_part(visit.request):
        return page(visit.request, "cases/parts/name.html", name=name, is_revealed=True)
    form = await visit.form()
    tab = BY_CODE.get(form.text("tab"))
    before = ListPosition.from_form(form.text("before"), form.text("term"))
    return await _show_list(visit, WorklistQuery(tab, before, case))


def _matching(typed: str) -> Callable[[State], bool]:
    """Whether a case has this number, this name (folded) or this identifier, exactly."""
    name = folded_name(typed)

    def matches(state: State) -> bool:
        application = state.application
        return (
            state.number == typed
            or (bool(name) and folded_name(application.form.get(NAME, "")) == name)
            or any(one.id == typed for one in application.identifiers)
        )

    return matches


async def _show_list(visit: Visit, query: WorklistQuery, typed: str = "") -> Response:
    def render_list(ledger: Ledger, at: datetime) -> Response:
        lists = Lists(ledger, visit.caller, at)
        states = list(reversed(visit.services.caseload.states(at)))
        by_tab = {tab.code: [one for one in states if lists.holds(tab, one)] for tab in TABS}
        tab = query.tab or first_tab(visit.user, has_own=bool(by_tab[OWN.code]))
        found = _filter_cases(by_tab[tab.code], lists, tab, query)
        return page(
            visit.request,
            "cases/worklist.html",
            tabs=[(one, len(by_tab[one.code])) for one in tabs_of(visit.user)],
            tab=tab,
            is_search=query.matches is not None,
            typed=typed,
            rows=[_row(one, lists, query) for one in found[:ROWS_MAX]],
            following=lists.position_of(found[ROWS_MAX - 1]) if len(found) > ROWS_MAX else None,
            before=query.before,
            next_correction=_next_correction(by_tab["correction"], lists),
            coverage=_coverage(ledger, visit, at),
            own_actor=visit.actor,
            may_receive=visit.caller.may("cases:write"),
            may_approve=visit.caller.may("cases:approve"),
            may_print=tab is PRINTED and visit.caller.may("reply:download"),
            print_max=CASES_MAX,
        )

    return await visit.run(render_list)


def _filter_cases(
    states: Sequence[State], lists: Lists, tab: Tab, query: WorklistQuery
) -> list[State]:
    """Of a list, newest first, what is wanted, in the order of its tab."""
    matching_states = [one for one in states if query.matches is None or query.matches(one)]
    before = query.before
    if not tab.by_term:
        return [one for one in matching_states if before is None or one.position < before.position]
    placed = sorted(
        ((lists.position_of(one), one) for one in matching_states), key=lambda one: one[0]
    )
    return [one for at, one in placed if before is None or at > before]


def _row(state: State, lists: Lists, query: WorklistQuery) -> WorklistRow:
    name = state.application.form.get(NAME, "")
    is_revealed = state.case == query.revealed
    is_own = state.in_charge == lists.caller.actor
    return WorklistRow(
        case=state.case,
        number=state.number,
        arrived_on=state.application.arrived_on,
        name=name if is_revealed else masked(name),
        is_revealed=is_revealed,
        requester=state.application.requester,
        kind=state.application.kind,
        status=state.status,
        mistake=waiting_mistake(state),
        due=lists.due(state),
        in_charge=None if is_own else state.in_charge,
        owes_password=owes_password(state),
    )


def _next_correction(states: Sequence[State], lists: Lists) -> Due | None:
    """The term of a correction that ends next: what an empty list waits for."""
    found = [due for one in states if (due := lists.due(one)) is not None]
    return min(found, key=lambda due: due.on, default=None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """On what a reply rests today.

    Attributes:
        total: emitters that stand; late: the names of those not heard of in time.
        missing: the names of those that have not declared every day until yesterday.
        short: the names of those with a closed day of which transfers are missing, or may be.
        strangers: how many send without being registered.
        quarantine: how many rejected items wait.
    """

    total: int
    late: tuple[str, ...]
    missing: tuple[str, ...]
    short: tuple[str, ...]
    strangers: int
    quarantine: int


def _coverage(ledger: Ledger, visit: Visit, at: datetime) -> Coverage:
    yesterday = day_in_japan(at) - timedelta(days=1)
    may_see_all = visit.caller.may(MARKING)
    coverage_view: CoverageView = view_coverage(
        ledger, visit.services, at, (None, yesterday), None, includes_hidden=may_see_all
    )
    gaps = {share.emitter for share in coverage_view.statement.shares if share.gaps}
    return Coverage(
        total=len(coverage_view.contacts),
        late=tuple(
            one.registration.name for one, contact in coverage_view.contacts if contact.late
        ),
        missing=tuple(one.registration.name for one, _ in coverage_view.contacts if one.id in gaps),
        short=tuple(share.name for share in coverage_view.statement.shares if share.short),
        strangers=len(coverage_view.strangers),
        quarantine=coverage_view.quarantine,
    )
