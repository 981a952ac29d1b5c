"""存否の除外: records whose existence nobody may learn of, named by who answers for it (Order 11).

Nothing of it is in a metric, in the log of accesses or on another page (`api.observability.watch`).
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
from api.pages.looking import FIRST, Again
from api.pages.navigation import EXCLUSIONS
from api.pages.once import once
from api.pages.rendering import go, page
from api.pages.route import PageRoute
from api.pages.stepping import stated
from api.pages.views.watching.refusals import told_of
from api.pages.watched import exclusions as forms
from api.people import Visitor
from api.services import Inside, Services
from api.wire.exclusions import Change
from ledger.errors import LedgerError, MalformedError
from ledger.exclusions import REASON_CHARACTERS_MAX

router = APIRouter(route_class=PageRoute)

Chief = Annotated[Visitor, Depends(signed("records:exclude"))]
# To exclude is urgent, and nothing typed is lost to an old proof; what shows records asks for one.
Proved = Annotated[Visitor, Depends(signed("records:exclude", proved=True))]

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
    return await _shown(request, visitor, inside, FIRST, done)


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
async def lift(request: Request, visitor: Proved, inside: Inside) -> Response:
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
        return await _shown(request, visitor, inside, Again(status, form, told=told))
    return go(f"{EXCLUSIONS.address}?done={done}")


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
    request: Request, visitor: Visitor, inside: Services, again: Again, done: str | None = None
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
            half_full=exclusions.is_half_full(),
            form=again.form or Form({}),
            defects=again.defects,
            labels=forms.LABELS,
            grounds=forms.GROUNDS,
            reason_max=REASON_CHARACTERS_MAX,
        )

    return await run_in_threadpool(shown)
