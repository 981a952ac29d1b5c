"""送信元: who sends, what they declared complete, when they were last heard of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.resources.emitters import forms
from api.resources.emitters.forms import KNOWN, REGISTERED, RegistrationForm, mark
from api.resources.emitters.schemas import SINCE_MIN, EmitterBody
from api.web.coverage import CoverageView, EmitterDay, days_of, may_name_senders, view_coverage
from api.web.items import MARKING
from api.web.pages.conflict import Conflict, EarlierChange, FormConflict
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import CONFLICT, FormResult, form_page
from api.web.pages.form_values import in_order, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EMITTERS
from api.web.pages.once import once
from api.web.pages.renderer import go
from api.web.pages.route import PageRoute
from api.web.services import Services
from ledger.clock import day_in_japan
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.daily_close import DayStatus
from ledger.emitters.emitter import DeclaredDays, State
from ledger.emitters.liveness import LastContact, last_contact
from ledger.errors import Defect, LedgerError, MalformedError
from ledger.format.events import EmitterRegistered
from ledger.service import Ledger

DayState = Literal[
    "declared", "matched", "late", "surplus", "short", "differs", "missing", "outside", "to-come"
]
_CLOSED: Final[dict[DayStatus, DayState]] = {
    "match": "matched",
    "late": "late",
    "surplus": "surplus",
    "gap": "short",
    "differs": "differs",
}

CELL: Final = 40
"""Side of a day in the calendar, in units of the picture."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the picture; `x` and `y` are its upper left corner."""

    day: date
    state: DayState
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Run:
    """Days that follow one another and are in the same state."""

    first: date
    last: date
    state: DayState

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class EmitterCalendar:
    """A month of one emitter.

    Attributes:
        height: of the picture, whose rows are weeks from Sunday on.
        counts: what it counted, of all periods that touch the month, whole; empty for who may not
            know of all records.
        short: days of the month that were closed and of which transfers are known to be missing.
    """

    cells: tuple[Cell, ...]
    height: int
    runs: tuple[Run, ...]
    counts: tuple[DeclaredDays, ...]
    short: tuple[EmitterDay, ...] = ()


def calendar_of(
    state: State,
    month: date,
    today: date,
    standings: Sequence[EmitterDay] = (),
    *,
    has_counts: bool,
) -> EmitterCalendar:
    """The month that begins on `month`; `today` and later days are not over.

    Args:
        standings: how days of the month stand.
        has_counts: with what it counted.
    """
    days = list(_days(month))
    closed: dict[date, DayState] = {
        one.day: _CLOSED[one.state] for one in standings if one.state in _CLOSED
    }
    covered = state.covered
    states: list[tuple[date, DayState]] = [
        (day, closed.get(day) or _state_of(day, state, covered, today)) for day in days
    ]
    before = _weekday_index(month)
    cells = tuple(
        Cell(day, one, (before + n) % _WEEK * CELL, (before + n) // _WEEK * CELL)
        for n, (day, one) in enumerate(states)
    )
    runs: list[Run] = []
    for day, one in states:
        follows = bool(runs) and runs[-1].state == one
        runs.append(Run(runs.pop().first if follows else day, day, one))
    counts = tuple(
        one
        for one in state.declared
        if has_counts
        and one.expected_count is not None
        and one.period.first <= days[-1]
        and one.period.last >= days[0]
    )
    short = tuple(sorted((one for one in standings if one.lost), key=lambda one: one.day))
    return EmitterCalendar(cells, cells[-1].y + CELL, tuple(runs), counts, short)


def _days(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += _DAY


def _weekday_index(day: date) -> int:
    """0 on a Sunday, 6 on a Saturday."""
    return day.isoweekday() % _WEEK


def _state_of(day: date, state: State, covered: Sequence[DayPeriod], today: date) -> DayState:
    if not state.is_active_on(day):
        return "outside"
    if any(one.first <= day <= one.last for one in covered):
        return "declared"
    return "missing" if day < today else "to-come"


def month_before(month: date) -> date:
    """The first day of the month before the one that begins on `month`."""
    return (month - _DAY).replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month after it."""
    return (month + timedelta(days=31)).replace(day=1)


router = APIRouter(route_class=PageRoute)

# As `GET /v1/emitters` and `GET /v1/coverage`: names and states of systems, no records.
Reader = Annotated[Visit, Depends(signed(*EMITTERS.scopes))]

MONTH: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class EmitterRow:
    """One emitter.

    Attributes:
        life: how it stands today: a code of `words.LIVES`.
        missing: days until yesterday that it has not declared; `first_missing`: the oldest one.
        calendar: the month that is shown.
    """

    stream: UUID
    id: str
    name: str
    source: str
    since: date
    until: date | None
    contact: LastContact
    life: str
    missing: int
    first_missing: date | None
    calendar: EmitterCalendar


@dataclass(frozen=True, slots=True)
class EmitterView(FormResult):
    """What is shown, and what is told of the form that registers.

    Attributes:
        month: as it was asked for; None: that of yesterday.
        emitter: the id of the one whose registration stands in the form; empty: a new one.
    """

    month: str | None = None
    emitter: str = ""
    done: bool = False


RESCUING: Final = PageDrafts("", "emitters", names=forms.NAMES)
"""What somebody sends to register whose time is up, or whose proof is too old."""


@router.get(EMITTERS.address)
async def get_emitters(
    visit: Reader,
    month: Annotated[str | None, Query(pattern=MONTH)] = None,
    emitter: Annotated[str, Query(pattern=f"^({forms.ID})?$")] = "",
    done: Annotated[str | None, Query(pattern="^registered$")] = None,
) -> Response:
    """Every emitter, retired ones too, and a month of what they declared. They are few."""
    view = EmitterView(month=month, emitter=emitter, done=done is not None)
    view = view.resumed(await RESCUING.take_draft(visit))
    return await show(visit, view)


async def show(visit: Visit, view: EmitterView) -> Response:
    """The page, with the form for those who may register."""
    includes_hidden, may_register = visit.caller.may(MARKING), visit.caller.may("admin:config")

    def render(ledger: Ledger, at: datetime) -> Response:
        today = day_in_japan(at)
        yesterday = today - timedelta(days=1)
        shown = _month(view.month, yesterday)
        coverage = view_coverage(
            ledger, visit.services, at, (None, yesterday), None, includes_hidden=includes_hidden
        )
        beats, accepted = visit.services.heartbeats.beats(), visit.services.heartbeats.sources()
        hours = visit.services.settings.emitter_late_hours
        states = sorted(ledger.emitters(), key=lambda one: one.id)
        edited = next((one for one in states if one.id == view.emitter), None)
        rows = [
            _row(one, last_contact(one, beats, accepted, at, hours), coverage, shown, today)
            for one in states
        ]
        return form_page(
            visit,
            "emitters/emitters.html",
            view,
            forms.LABELS,
            rows=rows,
            look=coverage,
            late=sum(1 for one in rows if one.contact.late),
            short=len({one.day for share in coverage.statement.shares for one in share.short}),
            hours=hours,
            month=shown,
            before=None if shown <= SINCE_MIN else month_before(shown),
            after=None if shown >= today.replace(day=1) else month_after(shown),
            may_keep=visit.caller.may("quarantine:write"),
            may_register=may_register,
            has_senders=may_name_senders(visit.caller),
            asked=view,
            form=forms.form_of(edited) if view.form is None else view.form,
        )

    return await visit.run(render)


def _month(requested: str | None, yesterday: date) -> date:
    """The first day of the month that is shown: that of yesterday, when none is asked for."""
    newest = (yesterday + timedelta(days=1)).replace(day=1)
    if requested is None:
        return yesterday.replace(day=1)
    year, month = (int(part) for part in requested.split("-"))
    first_day = SINCE_MIN if year < SINCE_MIN.year else date(year, month, 1)
    return min(first_day, newest)


def _row(
    state: State, known: LastContact, coverage: CoverageView, month: date, today: date
) -> EmitterRow:
    registration = state.registration
    share = next((one for one in coverage.statement.shares if one.emitter == state.id), None)
    gaps = () if share is None else share.gaps
    last = month_after(month) - timedelta(days=1)
    standings = days_of(state, coverage, month, last, today)
    return EmitterRow(
        stream=state.stream,
        id=state.id,
        name=registration.name,
        source=registration.source,
        since=registration.since,
        until=registration.until,
        contact=known,
        life=_life(state, known, today),
        missing=sum((one.last - one.first).days + 1 for one in gaps),
        first_missing=gaps[0].first if gaps else None,
        calendar=calendar_of(state, month, today, standings, has_counts=coverage.held is not None),
    )


def _life(state: State, known: LastContact, today: date) -> str:
    if known.late:
        return "late"
    if state.is_active_on(today):
        return "heard"
    return "to-begin" if state.registration.since > today else "retired"


# As `PUT /v1/emitters/{emitter}`; replies rest on who is registered until when, so a fresh proof.
Operator = Annotated[Visit, Depends(signed("admin:config", proved=True, rescue=RESCUING.keep))]


class _ConflictError(Exception):
    """Somebody described the emitter after the form was made.

    Attributes:
        state: as it stands; `did` who did what since.
    """

    def __init__(self, state: State, did: tuple[EarlierChange, ...]) -> None:
        super().__init__("overtaken")
        self.state, self.did = state, did


@router.post(EMITTERS.address)
async def register(visit: Operator) -> Response:
    """Describe an emitter; the newest description counts, and the old ones stay on record."""
    form, actor = await visit.form(), visit.actor
    typed = forms.read(form)

    async def act(command: UUID) -> None:
        body = validate_body(EmitterBody, typed.body)
        if typed.defects:
            raise MalformedError(())
        await _carried_out(body, command, typed, form, actor, visit.services)

    view = EmitterView(emitter=typed.emitter)
    try:
        await once(visit, act)
    except LedgerError as error:
        view = _view_of_error(error, typed, form, view)
        return await show(visit, view)
    return go(f"{EMITTERS.address}?done=registered")


async def _carried_out(
    body: EmitterBody,
    command: UUID,
    typed: RegistrationForm,
    form: Form,
    actor: str,
    services: Services,
) -> None:
    """Register, unless somebody described the emitter after the form was made.

    Raises:
        MalformedError: it is not taken, or known where a new one was meant; caused by
            `_ConflictError` where somebody described the same one first.
    """

    def registered(ledger: Ledger, at: datetime) -> None:
        current = ledger.emitter(typed.emitter)
        if current is not None and not form.text(REGISTERED):
            raise MalformedError((Defect("/emitter", KNOWN, "the emitter is registered"),))
        if current is not None and mark(current) != form.text(REGISTERED):
            conflict = _ConflictError(
                current, _since(ledger, current, form.text(REGISTERED), actor)
            )
            raise MalformedError(()) from conflict
        ledger.register_emitter(body.command(command, actor, typed.emitter), at)

    await services.run(registered)


def _since(ledger: Ledger, current: State, form_mark: str, actor: str) -> tuple[EarlierChange, ...]:
    """Who described the emitter after the registration that the form was made of."""
    facts = ledger.streams.facts([current.stream], None).get(current.stream, [])
    return tuple(
        EarlierChange(one.at, "送信元の登録", one.actor, one.actor == actor)
        for one in facts
        if isinstance(one.event, EmitterRegistered) and one.at.isoformat() > form_mark
    )


def _view_of_error(
    error: LedgerError, typed: RegistrationForm, form: Form, view: EmitterView
) -> EmitterView:
    if not isinstance(cause := error.__cause__, _ConflictError):
        fields = partial(forms.describe_defects, form=form)
        again = view.refused(error, form, fields)
        if not isinstance(error, MalformedError):
            return again
        defects = {**again.defects, **typed.defects}
        return replace(again, defects=in_order(defects, forms.LABELS))
    rows = forms.rows(cause.state, form)
    first = FormConflict(cause.did, Conflict(rows, is_sendable=True, is_replaced=True))
    # Sent again, the form is one of what stands now.
    newer = Form({**form.fields, REGISTERED: (mark(cause.state),)})
    return replace(view, status=CONFLICT, form=newer, conflict=first)
