"""存否の除外: records whose existence nobody may learn of, named by who answers for it (Order 11).

Nothing of it is in a metric, in the log of accesses or on another page (`api.observability.watch`).
What is sent when the time is up waits as any other draft does, and for who may exclude alone
(`docs/decisions/0059-what-was-to-be-excluded-waits-sealed-for-who-typed-it.md`).
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.casework.excluding import change
from api.pages.forms import Form, form_of
from api.pages.guard import signed
from api.pages.looking import Again
from api.pages.navigation import EXCLUSIONS
from api.pages.once import once
from api.pages.rendering import go, page
from api.pages.rescuing import PageRescuing, resumed
from api.pages.route import PageRoute
from api.pages.stepping import stated
from api.pages.views.watching.overtaken import Did, Overtaken, overtaken
from api.pages.views.watching.refusals import told_of
from api.pages.watched import exclusions as forms
from api.people import Visitor
from api.services import Inside, Services
from api.wire.exclusions import Change
from ledger.errors import DoesNotStandError, LedgerError, MalformedError
from ledger.exclusions import REASON_CHARACTERS_MAX

router = APIRouter(route_class=PageRoute)

_NAMES: Final = ("positions", "transfers", "lifted")
_EXCLUDING: Final = PageRescuing("", "exclusions", forms.KEPT, _NAMES, is_hushed=True)
_LIFTING: Final = PageRescuing("", "exclusions-lift", forms.KEPT_OF_LIFT, _NAMES, is_hushed=True)
Chief = Annotated[Visitor, Depends(signed("records:exclude", rescue=_EXCLUDING.keep))]
# To exclude is urgent, and nothing typed is lost to an old proof; what shows records asks for one.
Proved = Annotated[Visitor, Depends(signed("records:exclude", proved=True))]
Lifter = Annotated[Visitor, Depends(signed("records:exclude", proved=True, rescue=_LIFTING.keep))]

DONE: Final = "^(excluded|lifted)$"
_UNPROCESSABLE: Final = 422


@router.get(EXCLUSIONS.address)
async def get_exclusions(
    request: Request,
    visitor: Proved,
    inside: Inside,
    done: Annotated[str | None, Query(pattern=DONE)] = None,
) -> Response:
    """All that was excluded by request and stands; what emitters marked is not among it."""
    waited = [await one.taken(request, visitor) for one in (_EXCLUDING, _LIFTING)]
    again = resumed(one for one in waited if one is not None)
    return await _shown(request, visitor, inside, again, done)


@router.post(EXCLUSIONS.address)
async def exclude(request: Request, visitor: Chief, inside: Inside) -> Response:
    """From here on the records are in no history, count, letter or list, as of any position."""
    form = await form_of(request)
    read = forms.read(form)
    if read.defects:
        again = Again(_UNPROCESSABLE, form, defects=read.defects)
        return await _shown(request, visitor, inside, again)
    return await _changed(request, visitor, inside, read, "excluded")


@router.post(f"{EXCLUSIONS.address}/lift")
async def lift(request: Request, visitor: Lifter, inside: Inside) -> Response:
    """The records are shown again, as of every position."""
    form = await form_of(request)
    return await _changed(request, visitor, inside, forms.read_lift(form), "lifted")


async def _changed(
    request: Request, visitor: Visitor, inside: Services, read: forms.Read, done: str
) -> Response:
    form, actor = await form_of(request), visitor.caller.actor

    async def act(command: UUID) -> None:
        body = stated(Change, read.body)
        await run_in_threadpool(change, body, inside.exclusions, command, actor, inside.now())

    try:
        await once(request, inside, actor, act)
    except MalformedError as error:
        again = Again(_UNPROCESSABLE, form, defects=forms.by_field(error.defects, form, done))
        return await _shown(request, visitor, inside, again)
    except LedgerError as error:
        status, told = told_of(error)
        first = None
        if isinstance(error, DoesNotStandError):
            first = await run_in_threadpool(_lifted_first, inside, form, actor)
        again = Again(status, form, told=None if first is not None else told)
        return await _shown(request, visitor, inside, again, first=first)
    return go(f"{EXCLUSIONS.address}?done={done}")


def _lifted_first(inside: Services, form: Form, actor: str) -> Overtaken | None:
    """Who lifted it, and why, beside what was typed; None once the daily event has told it."""
    wanted = forms.lifted(form)
    acts = [
        one.act
        for one in inside.exclusions.standing().lifted
        if one.act is not None
        and any(one.first <= last and first <= one.last for first, last in wanted)
    ]
    newest = max(acts, key=lambda act: act.at, default=None)
    done = (
        ()
        if newest is None
        else (Did(newest.at, "除外の解除", newest.actor, newest.actor == actor, newest.reason),)
    )
    return overtaken(done, forms.LABELS["lift_reason"], form.text("lift_reason"))


@dataclass(frozen=True, slots=True)
class _Row:
    """One range that stands, as it is shown."""

    first: int
    last: int
    ground: str
    transfer: UUID | None
    act: Any
    is_own: bool


async def _shown(
    request: Request,
    visitor: Visitor,
    inside: Services,
    again: Again,
    done: str | None = None,
    *,
    first: Overtaken | None = None,
) -> Response:
    actor = visitor.caller.actor

    def shown() -> Response:
        exclusions = inside.exclusions
        standing = exclusions.standing().excluded
        single = [one.first for one in standing if one.first == one.last]
        transfers = exclusions.transfers_at(single)
        rows = [
            _Row(
                one.first,
                one.last,
                one.ground,
                transfers.get(one.first) if one.first == one.last else None,
                one.act,
                one.act is not None and one.act.actor == actor,
            )
            for one in standing
        ]
        return page(
            request,
            "watching/exclusions.html",
            again.status,
            rows=rows,
            done=done,
            told_why=again.told,
            kept_at=again.kept_at,
            overtaken=first,
            half_full=exclusions.is_half_full(),
            form=again.form or Form({}),
            defects=again.defects,
            labels=forms.LABELS,
            grounds=forms.GROUNDS,
            reason_max=REASON_CHARACTERS_MAX,
        )

    return await run_in_threadpool(shown)
