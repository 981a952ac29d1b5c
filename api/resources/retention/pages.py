"""保存期間: what is kept until when, what dies next, and the plans that said so beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import documents
from api.documents import certificate_pdf
from api.problems.refusals import UnprintableError
from api.resources.retention.views import collect_expired_keys
from api.retention import Overview
from api.web.bodies import POSITION_MAX
from api.web.items import MARKING
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import HOLDS, RETENTION
from api.web.pages.once import once
from api.web.pages.renderer import HEADERS, go, page
from api.web.pages.route import PageRoute
from ledger.clock import day_in_japan
from ledger.retention import expiry
from ledger.retention.expiry_rows import DueKey, MonthCount

router = APIRouter(route_class=PageRoute)

# As the endpoints of `/v1/retention`: numbers, days and ids of keys, and nobody by name.
Reader = Annotated[Visit, Depends(signed(*RETENTION.scopes))]
Planner = Annotated[Visit, Depends(signed("records:exclude", "admin:config"))]

PLANS_MAX: Final = 30
PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class DueKeys:
    """What of a class of keys the next plan would name; `first` is the day of the first to die."""

    key_class: str
    first: date
    keys: int
    events: int
    lookups: int


@dataclass(frozen=True, slots=True)
class Month:
    """What dies in a month; None: no day is known yet."""

    first: date | None
    counts: tuple[MonthCount, ...]

    @property
    def keys(self) -> int:
        """How many keys."""
        return sum(one.keys for one in self.counts)

    @property
    def events(self) -> int:
        """How much they seal."""
        return sum(one.events for one in self.counts)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan among others; `destroyed` of its `keys` are no more.

    Attributes:
        events: as counted when it was made.
        destroyed_at: of the newest destruction under it.
    """

    plan: UUID
    planned_at: datetime
    through: date | None
    keys: int
    destroyed: int
    events: int
    destroyed_at: datetime | None


@router.get(RETENTION.address)
async def get_retention(
    visit: Reader,
    before: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    done: Annotated[str | None, Query(pattern="^planned$")] = None,
) -> Response:
    """Ends by month, what a plan made now would name, what is due, and the plans, newest first.

    Which holds and cases keep something is told to those alone who may exclude records.
    """
    caller = visit.caller
    includes_hidden = caller.may(MARKING)
    seen = await run_in_threadpool(
        lambda: visit.services.retention.overview.overview(includes_hidden=includes_hidden)
    )
    plans = [one for one in reversed(seen.plans) if before is None or one.position < before]
    return page(
        visit.request,
        "retention/retention.html",
        seen=seen,
        going=_going(seen.next_keys),
        months=_months(seen.counts),
        standing=sum(1 for one in seen.holds if one.is_active),
        today=day_in_japan(seen.at),
        window_days=visit.services.settings.retention_window_days,
        expires=visit.services.settings.retention_expires,
        plans=_plans(plans[:PLANS_MAX], seen),
        following=plans[PLANS_MAX - 1].position if len(plans) > PLANS_MAX else None,
        is_first=before is None,
        done=done,
        may_plan=caller.may(MARKING) or caller.may("admin:config"),
        may_see_holds=not caller.scopes.isdisjoint(HOLDS.scopes),
        may_see_cases=caller.may("cases:read"),
    )


@router.post(f"{RETENTION.address}/plans")
async def plan(visit: Planner) -> Response:
    """Make a plan now, as the daily job does; it destroys nothing.

    A clock that no event bears out is vouched for at the API or the command line alone.
    """
    actor = visit.actor

    async def make_plan(command: UUID) -> None:
        await run_in_threadpool(lambda: visit.services.retention.plan(actor, command=command))

    await once(visit, make_plan)
    return go(f"{RETENTION.address}?done=planned")


@router.get(f"{RETENTION.address}/plans/{{plan}}/certificate")
async def get_certificate(plan: UUID, visit: Reader) -> Response:
    """The deletion certificate of a plan, on paper; it names keys and nobody."""
    includes_hidden = visit.caller.may(MARKING)
    certificate = await run_in_threadpool(
        lambda: visit.services.retention.overview.certificate(plan, includes_hidden=includes_hidden)
    )
    try:
        made = await run_in_threadpool(certificate_pdf, certificate)
    except documents.UnprintableTextError as error:
        raise UnprintableError(len(error.places)) from None
    disposition = f'inline; filename="deletion-certificate-{plan}.pdf"'
    return Response(made, media_type=PDF, headers={**HEADERS, "Content-Disposition": disposition})


def _going(keys: Iterable[DueKey]) -> list[DueKeys]:
    by_class = sorted(keys, key=lambda key: (key.key_class, key.day))
    found: list[DueKeys] = []
    for key_class, group in groupby(by_class, key=lambda key: key.key_class):
        own = list(group)
        events = sum(key.events for key in own)
        lookups = sum(key.lookups for key in own)
        found.append(DueKeys(key_class, own[0].day, len(own), events, lookups))
    return sorted(found, key=lambda one: one.first)


def _months(counts: Iterable[MonthCount]) -> list[Month]:
    """The months in their order, as the store counts them; what has no day yet comes last."""
    return [
        Month(first, tuple(group)) for first, group in groupby(counts, key=lambda one: one.month)
    ]


def _plans(plans: Iterable[expiry.State], seen: Overview) -> list[PlanView]:
    expired_keys = collect_expired_keys(seen.plans)
    return [
        PlanView(
            plan=one.plan,
            planned_at=one.planned_at,
            through=one.through,
            keys=len(one.keys),
            destroyed=len(one.keys & expired_keys),
            events=one.counts.get("events", 0),
            destroyed_at=max((at for _, at in one.expiries), default=None),
        )
        for one in plans
    ]
