"""送信元: who sends, what they declared complete, when they were last heard of."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.coverage import Look, days_of, look_at
from api.pages.guard import signed
from api.pages.navigation import EMITTERS
from api.pages.rendering import page
from api.pages.route import PageRoute
from api.pages.views.watching.calendar import (
    Calendar,
    calendar_of,
    month_after,
    month_before,
)
from api.people import Visitor
from api.services import Inside
from api.wire.emitters import SINCE_MIN
from api.wire.items import MARKING
from ledger.application import Ledger
from ledger.clock import day_in_japan
from ledger.emitter import State
from ledger.liveness import Heard, heard

router = APIRouter(route_class=PageRoute)

# As `GET /v1/emitters` and `GET /v1/coverage`: names and states of systems, no records.
Reader = Annotated[Visitor, Depends(signed(*EMITTERS.scopes))]

MONTH: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


@dataclass(frozen=True, slots=True)
class Row:
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
    heard: Heard
    life: str
    missing: int
    first_missing: date | None
    calendar: Calendar


@router.get(EMITTERS.address)
async def get_emitters(
    request: Request,
    visitor: Reader,
    inside: Inside,
    month: Annotated[str | None, Query(pattern=MONTH)] = None,
) -> Response:
    """Every emitter, retired ones too, and a month of what they declared. They are few."""
    sees_all = visitor.caller.may(MARKING)

    def looked(ledger: Ledger, at: datetime) -> Response:
        today = day_in_japan(at)
        yesterday = today - timedelta(days=1)
        shown = _month(month, yesterday)
        look = look_at(ledger, inside, at, (None, yesterday), None, sees_all=sees_all)
        beats, accepted = inside.signs.beats(), inside.signs.sources()
        hours = inside.settings.emitter_late_hours
        rows = [
            _row(one, heard(one, beats, accepted, at, hours), look, shown, today)
            for one in sorted(ledger.emitters(), key=lambda one: one.id)
        ]
        return page(
            request,
            "watching/emitters.html",
            rows=rows,
            look=look,
            late=sum(1 for one in rows if one.heard.late),
            short=len({one.day for share in look.statement.shares for one in share.short}),
            hours=hours,
            month=shown,
            before=None if shown <= SINCE_MIN else month_before(shown),
            after=None if shown >= today.replace(day=1) else month_after(shown),
            may_keep=visitor.caller.may("quarantine:write"),
        )

    return await inside.run(looked)


def _month(asked: str | None, yesterday: date) -> date:
    """The first day of the month that is shown: that of yesterday, when none is asked for."""
    newest = (yesterday + timedelta(days=1)).replace(day=1)
    if asked is None:
        return yesterday.replace(day=1)
    year, month = (int(part) for part in asked.split("-"))
    wanted = SINCE_MIN if year < SINCE_MIN.year else date(year, month, 1)
    return min(wanted, newest)


def _row(state: State, known: Heard, look: Look, month: date, today: date) -> Row:
    registration = state.registration
    share = next((one for one in look.statement.shares if one.emitter == state.id), None)
    gaps = () if share is None else share.gaps
    last = month_after(month) - timedelta(days=1)
    standings = days_of(state, look, month, last, today)
    return Row(
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


def _life(state: State, known: Heard, today: date) -> str:
    if known.late:
        return "late"
    if state.stands_on(today):
        return "heard"
    return "to-begin" if state.registration.since > today else "retired"
