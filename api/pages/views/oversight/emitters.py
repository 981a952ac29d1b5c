"""送信元: who sends, what they declared complete, when they were last heard of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.coverage import CoverageView, days_of, look_at
from api.pages import days
from api.pages.draft_recovery import PageRescuing
from api.pages.forms import Form
from api.pages.guard import signed
from api.pages.navigation import EMITTERS
from api.pages.oversight import registration
from api.pages.renderer import page
from api.pages.route import PageRoute
from api.pages.views.oversight.calendar import (
    EmitterCalendar,
    calendar_of,
    month_after,
    month_before,
)
from api.pages.views.oversight.conflict import Overtaken
from api.people import Visitor
from api.services import Services, ServicesDep
from api.wire.emitters import SINCE_MIN
from api.wire.items import MARKING
from ledger.clock import day_in_japan
from ledger.emitters.emitter import State
from ledger.emitters.liveness import LastContact, heard
from ledger.service import Ledger

router = APIRouter(route_class=PageRoute)

# As `GET /v1/emitters` and `GET /v1/coverage`: names and states of systems, no records.
Reader = Annotated[Visitor, Depends(signed(*EMITTERS.scopes))]

MONTH: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class EmitterRow:
    """One emitter.

    Attributes:
        life: how it stands today: a code of `watching_words.LIVES`.
        missing: days until yesterday that it has not declared; `first_missing`: the oldest one.
        calendar: the month that is shown.
    """

    stream: UUID
    id: str
    name: str
    source: str
    since: date
    until: date | None
    heard: LastContact
    life: str
    missing: int
    first_missing: date | None
    calendar: EmitterCalendar


@dataclass(frozen=True, slots=True)
class EmitterView:
    """What is shown, and what is told of the form that registers.

    Attributes:
        month: as it was asked for; None: that of yesterday.
        emitter: the id of the one whose registration stands in the form; empty: a new one.
        form: what was typed; None: what stands.
        defects: field → what is wrong with it; `told`: why nothing was done.
        kept_at: when what was typed was kept; None when it did not wait.
        overtaken: who described the emitter first; None: nobody did.
    """

    month: str | None = None
    emitter: str = ""
    done: bool = False
    status: int = 200
    form: Form | None = None
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    told: str | None = None
    kept_at: datetime | None = None
    overtaken: Overtaken | None = None


RESCUING: Final = PageRescuing("", "emitters", names=registration.NAMES)
"""What somebody sends to register whose time is up, or whose proof is too old."""


@router.get(EMITTERS.address)
async def get_emitters(
    request: Request,
    visitor: Reader,
    services: ServicesDep,
    month: Annotated[str | None, Query(pattern=MONTH)] = None,
    emitter: Annotated[str, Query(pattern=f"^({registration.ID})?$")] = "",
    done: Annotated[str | None, Query(pattern="^registered$")] = None,
) -> Response:
    """Every emitter, retired ones too, and a month of what they declared. They are few."""
    asked = EmitterView(month, emitter, done=done is not None)
    waited = await RESCUING.taken(request, visitor)
    if waited is not None:
        asked = replace(asked, form=waited[0], kept_at=waited[1])
    return await show(request, visitor, services, asked)


async def show(
    request: Request, visitor: Visitor, services: Services, asked: EmitterView
) -> Response:
    """The page, with the form for those who may register."""
    sees_all, may_register = visitor.caller.may(MARKING), visitor.caller.may("admin:config")

    def looked(ledger: Ledger, at: datetime) -> Response:
        today = day_in_japan(at)
        yesterday = today - timedelta(days=1)
        shown = _month(asked.month, yesterday)
        look = look_at(ledger, services, at, (None, yesterday), None, sees_all=sees_all)
        beats, accepted = services.signs.beats(), services.signs.sources()
        hours = services.settings.emitter_late_hours
        states = sorted(ledger.emitters(), key=lambda one: one.id)
        edited = next((one for one in states if one.id == asked.emitter), None)
        rows = [
            _row(one, heard(one, beats, accepted, at, hours), look, shown, today) for one in states
        ]
        return page(
            request,
            "watching/emitters.html",
            asked.status,
            rows=rows,
            look=look,
            late=sum(1 for one in rows if one.heard.late),
            short=len({one.day for share in look.statement.shares for one in share.short}),
            hours=hours,
            month=shown,
            before=None if shown <= SINCE_MIN else month_before(shown),
            after=None if shown >= today.replace(day=1) else month_after(shown),
            may_keep=visitor.caller.may("quarantine:write"),
            may_register=may_register,
            asked=asked,
            form=registration.form_of(edited) if asked.form is None else asked.form,
            overtaken=asked.overtaken,
            defects=asked.defects,
            labels=registration.LABELS,
            eras=days.ERAS,
            calendar=days.CALENDAR,
        )

    return await services.run(looked)


def _month(asked: str | None, yesterday: date) -> date:
    """The first day of the month that is shown: that of yesterday, when none is asked for."""
    newest = (yesterday + timedelta(days=1)).replace(day=1)
    if asked is None:
        return yesterday.replace(day=1)
    year, month = (int(part) for part in asked.split("-"))
    wanted = SINCE_MIN if year < SINCE_MIN.year else date(year, month, 1)
    return min(wanted, newest)


def _row(
    state: State, known: LastContact, look: CoverageView, month: date, today: date
) -> EmitterRow:
    registration = state.registration
    share = next((one for one in look.statement.shares if one.emitter == state.id), None)
    gaps = () if share is None else share.gaps
    last = month_after(month) - timedelta(days=1)
    standings = days_of(state, look, month, last, today)
    return EmitterRow(
        stream=state.stream,
        id=state.id,
        name=registration.name,
        source=registration.source,
        since=registration.since,
        until=registration.until,
        heard=known,
        life=_life(state, known, today),
        missing=sum((one.last - one.first).days + 1 for one in gaps),
        first_missing=gaps[0].first if gaps else None,
        calendar=calendar_of(state, month, today, standings),
    )


def _life(state: State, known: LastContact, today: date) -> str:
    if known.late:
        return "late"
    if state.stands_on(today):
        return "heard"
    return "to-begin" if state.registration.since > today else "retired"
