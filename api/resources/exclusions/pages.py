"""存否の除外: records whose existence nobody may learn of, named by who answers for it (Order 11).

Nothing of it is in a metric, in the log of accesses or on another page (`api.web.access_log`).
What is sent when the time is up waits as any other draft does, and for who may exclude alone
(`docs/decisions/0059-keep-a-draft-exclusion-sealed-for-its-author-alone.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.resources.exclusions import forms
from api.resources.exclusions.case_reviews import change, read_records
from api.resources.exclusions.schemas import ExclusionAccessRequest, ExclusionChange
from api.web.pages.conflict import EarlierChange, FormConflict, find_conflict
from api.web.pages.draft_recovery import PageDrafts, resumed
from api.web.pages.form_result import CONFLICT, FIRST, FormResult, form_page, invalid
from api.web.pages.form_values import FormBody, validate_body
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCLUSIONS
from api.web.pages.once import once
from api.web.pages.renderer import go
from api.web.pages.route import PageRoute
from api.web.services import Services
from ledger.cases.numbers import position_of_case
from ledger.errors import Defect, DoesNotStandError, LedgerError, MalformedError
from ledger.exclusions.exclusion import REASON_CHARACTERS_MAX, ExclusionsFullError
from ledger.exclusions.ranges import Span
from ledger.exclusions.service import Exclusions
from ledger.format.events import ExcludedRange
from ledger.service import Ledger

router = APIRouter(route_class=PageRoute)

_NAMES: Final = ("positions", "transfers", "identifier", "lifted", "lifted_for")
_EXCLUDING: Final = PageDrafts("", "exclusions", forms.KEPT, _NAMES, is_hushed=True)
_LIFTING: Final = PageDrafts("", "exclusions-lift", forms.KEPT_OF_LIFT, _NAMES, is_hushed=True)
Chief = Annotated[Visit, Depends(signed("records:exclude", rescue=_EXCLUDING.keep))]
# To exclude is urgent, and nothing typed is lost to an old proof; what shows records asks for one.
Proved = Annotated[Visit, Depends(signed("records:exclude", proved=True))]


async def _keep(request: Request, actor: str) -> None:
    """Keep the form by which something was to be lifted or looked at, as what it is."""
    is_of_line = forms.is_of_line(await form_of(request))
    await (_LIFTING if is_of_line else _EXCLUDING).keep(request, actor)


Lifter = Annotated[Visit, Depends(signed("records:exclude", proved=True, rescue=_keep))]

DONE: Final = "^(excluded|lifted|asked)$"


@dataclass(frozen=True, slots=True)
class ExclusionContext:
    """What is shown besides the forms and the list.

    Attributes:
        done: what was just carried out.
        seen: the records of a look that is on record; None: none was asked for.
    """

    done: str | None = None
    seen: Sequence[forms.ExclusionRecordView] | None = None


_NO_CONTEXT: Final = ExclusionContext()


@router.get(EXCLUSIONS.address)
async def get_exclusions(
    visit: Proved, done: Annotated[str | None, Query(pattern=DONE)] = None
) -> Response:
    """All that was excluded by request and stands; what emitters marked is not among it."""
    waited = [await one.take_draft(visit) for one in (_EXCLUDING, _LIFTING)]
    again = resumed(one for one in waited if one is not None)
    return await _render_page(visit, again, ExclusionContext(done))


@router.post(EXCLUSIONS.address)
async def exclude(visit: Chief) -> Response:
    """From here on the records are in no history, count, letter or list, as of any position."""
    form = await visit.form()
    read = forms.read(form)
    if read.defects:
        again = invalid(form, read.defects)
        return await _render_page(visit, again)
    return await _changed(visit, read, "excluded")


@router.post(f"{EXCLUSIONS.address}/lift")
async def lift(visit: Lifter) -> Response:
    """The records are shown again, as of every position, once a second person asks for it too."""
    form = await visit.form()
    read = forms.read_lift(form)
    if read.defects:
        again = invalid(form, read.defects)
        return await _render_page(visit, again)
    return await _changed(visit, read, "lifted")


@router.post(f"{EXCLUSIONS.address}/look")
async def view_records(visit: Lifter) -> Response:
    """What the records say, without their persons; the look is on record, sealed, before it."""
    form, actor = await visit.form(), visit.actor
    read = forms.read_access_request(form)
    done = "lifted" if forms.is_of_line(form) else "excluded"
    again = FormResult(form=form)
    if read.defects:
        again = invalid(form, read.defects)
        return await _render_page(visit, again)
    try:
        body = validate_body(ExclusionAccessRequest, read.body)
        case = await visit.run(lambda ledger, _: _case_of(ledger, form.text("look_case")))
        states = await run_in_threadpool(
            read_records, body, visit.services.exclusions, actor, case, visit.now()
        )
    except MalformedError as error:
        again = invalid(form, forms.describe_defects(error.defects, form, done))
        return await _render_page(visit, again)
    except ExclusionsFullError:
        again = FormResult(CONFLICT, form, message=forms.FULL)
        return await _render_page(visit, again)
    context = ExclusionContext(seen=forms.build_views(states, visit.services.exclusions.active()))
    return await _render_page(visit, again, context)


def _case_of(ledger: Ledger, number: str) -> int | None:
    """Where the case of the number began; None without a number.

    Raises:
        MalformedError: there is no such case.
    """
    if not number:
        return None
    if ledger.case_numbered(number) is None:
        raise MalformedError((Defect("/look_case", "CASE_UNKNOWN", "there is no such case"),))
    return position_of_case(number)


async def _changed(visit: Visit, read: FormBody, done: str) -> Response:
    form, caller = await visit.form(), visit.caller
    waiting: list[Span] = []

    async def act(command: UUID) -> None:
        body = validate_body(ExclusionChange, read.body)
        now = visit.now()
        made = await run_in_threadpool(
            change, body, visit.services.exclusions, command, caller, now
        )
        waiting.extend(made.waiting)

    try:
        await once(visit, act)
    except LedgerError as error:
        again = FIRST.refused(error, form, partial(forms.describe_defects, form=form, done=done))
        if isinstance(error, DoesNotStandError):
            first = await run_in_threadpool(_lifted_first, visit.services, form, caller.actor)
            again = replace(again, message=again.message if first is None else None, conflict=first)
        return await _render_page(visit, again)
    return go(f"{EXCLUSIONS.address}?done={'asked' if waiting else done}")


def _lifted_first(services: Services, form: Form, actor: str) -> FormConflict | None:
    """Who lifted it, and why, beside what was typed; None once the daily event has told it."""
    ranges = forms.lifted(form)
    acts = [
        one.act
        for one in services.exclusions.active().lifted
        if one.act is not None
        and any(one.first <= last and first <= one.last for first, last in ranges)
    ]
    newest = max(acts, key=lambda act: act.at, default=None)
    done = (
        ()
        if newest is None
        else (
            EarlierChange(
                newest.at, "除外の解除", newest.actor, newest.actor == actor, newest.reason
            ),
        )
    )
    return find_conflict(done, forms.LABELS["lift_reason"], form.text("lift_reason"))


@dataclass(frozen=True, slots=True)
class _Row:
    """One range that stands, as it is shown.

    Attributes:
        key: of its form, another one for each range.
        person: whom it is for, as a keyed hash; empty: every person of the records.
    """

    key: str
    first: int
    last: int
    ground: str
    person: str
    transfer: UUID | None
    act: Any
    is_own: bool


async def _render_page(
    visit: Visit, again: FormResult, context: ExclusionContext = _NO_CONTEXT
) -> Response:
    caller = visit.caller

    def render(ledger: Ledger, _: datetime) -> Response:
        exclusions = visit.services.exclusions
        accesses = exclusions.active().accesses
        numbers = ledger.case_numbers_at({one.case for one in accesses if one.case is not None})
        active = exclusions.active()
        rows = _rows(exclusions, active.excluded, caller)
        return form_page(
            visit,
            "exclusions/exclusions.html",
            again,
            forms.LABELS,
            rows=rows,
            unmarked=_rows(exclusions, active.unmarked, caller),
            waiting=_rows(exclusions, active.pending, caller),
            seen=context.seen,
            looked=forms.access_rows(accesses, numbers, caller.actor),
            done=context.done,
            half_full=exclusions.is_half_full(),
            grounds=forms.GROUNDS,
            reason_max=REASON_CHARACTERS_MAX,
        )

    return await visit.run(render)


def _rows(exclusions: Exclusions, entries: Sequence[ExcludedRange], caller: Caller) -> list[_Row]:
    single = {one.first for one in entries if one.first == one.last}
    transfers = exclusions.transfers_at(sorted(single))
    rows: list[_Row] = []
    for number, one in enumerate(entries):
        is_another = any(row.first == one.first for row in rows)
        rows.append(
            _Row(
                f"{one.first}-{number}" if is_another else f"{one.first}",
                one.first,
                one.last,
                one.ground,
                "" if one.principal is None else one.principal.hex(),
                transfers.get(one.first) if one.first == one.last else None,
                one.act,
                one.act is not None and one.act.actor in caller.actors,
            )
        )
    return rows
