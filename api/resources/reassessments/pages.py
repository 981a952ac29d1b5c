"""判定の見直し: verdicts that something late would change; nobody is named."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.resources.reassessments.schemas import LIST, ReassessmentRequest, check_late
from api.resources.transfers.access import view_transfer
from api.resources.transfers.correction_schemas import corrected
from api.resources.transfers.forms.transfer_timeline import build_timeline
from api.resources.transfers.pages.transfer_view import HANDLED
from api.web.cursors import CHARACTERS
from api.web.items import MARKING
from api.web.pages.conflict import EarlierChange, FormConflict, find_conflict
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import CONFLICT, FormResult
from api.web.pages.form_values import number_of, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.once import once
from api.web.pages.renderer import go, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.words import REASSESS_WRONG
from api.web.services import Services
from ledger.commands import ReclassifyTransfer
from ledger.errors import ExpiredError, LedgerError, MalformedError, NotFoundError
from ledger.law.findings import FINDINGS
from ledger.policies.context import Verdict
from ledger.service import Ledger
from ledger.transfers.reassessments import BEGIN, VerdictProposal

router = APIRouter(route_class=EvenPageRoute)

# As `/v1/reassessments` and `/v1/transfers/{transfer}/…`.
_RESCUING: Final = PageDrafts("", "late")
Officer = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes, rescue=_RESCUING.keep))]

LATE: Final = f"{EXCEPTIONS.address}/late"
ROWS_MAX: Final = 50
READING_CAUSE: Final = "reading"
"""What a form says in the place of a position."""


@dataclass(frozen=True, slots=True)
class LateVerdict:
    """A verdict that would be another one now.

    Attributes:
        cause_position: of the late event; None: the reading of the law is another one.
        persons: of how many persons the own verdict would differ.
        gone: codes of findings that would be no more; come: new ones; of any of its persons.
    """

    transfer: UUID
    cause_position: int | None
    before: Verdict
    after: Verdict
    persons: int
    gone: tuple[str, ...]
    come: tuple[str, ...]
    is_lawful: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class LateVerdictQuery(FormResult):
    """Which part of the work list is shown, and what is told beside it.

    Attributes:
        transfer: what was typed is about it; `reason`: the reason.
    """

    cursor: str | None = None
    done: bool = False
    transfer: UUID | None = None

    @property
    def reason(self) -> str:
        """The reason that was typed."""
        return self.current_form.text("reassess_reason")


@router.get(LATE)
async def get_late(
    visit: Officer,
    cursor: Annotated[str | None, Query(min_length=CHARACTERS, max_length=CHARACTERS)] = None,
    done: Annotated[str | None, Query(pattern="^reassessed$")] = None,
) -> Response:
    """Transfers touched by what arrived after they were judged, or judged by an older reading."""
    query = LateVerdictQuery(cursor=cursor, done=done is not None)
    waited = await _RESCUING.take_draft(visit)
    if waited is not None:
        form = waited[0]
        query = replace(
            query, transfer=_transfer(form), cursor=cursor or _cursor(visit.services, form)
        )
    query = query.resumed(waited)
    return await _render_page(visit, query)


@router.post(f"{LATE}/{{transfer}}/reassess")
async def reassess(transfer: UUID, visit: Officer) -> Response:
    """Append the reclassification that the late event, or the reading of the law, asks for."""
    form, caller = await visit.form(), visit.caller
    body = {"cause_position": _position(form.text("cause")), "reason": form.text("reassess_reason")}

    async def act(command: UUID) -> None:
        stating = validate_body(ReassessmentRequest, body)
        change = ReclassifyTransfer(
            command, caller.actor, transfer, {}, stating.reason, stating.cause_position
        )
        await check_late(transfer, stating.cause_position, caller, visit.services)
        await corrected(change, caller, visit.services)

    try:
        await once(visit, act)
    except LedgerError as error:
        query = LateVerdictQuery(cursor=_cursor(visit.services, form), transfer=transfer)
        query = query.refused(error, form)
        is_reason = False
        if isinstance(error, MalformedError):
            is_reason = any(one.pointer == "/reason" for one in error.defects)
            query = replace(query, message=REASSESS_WRONG["reason" if is_reason else "cause"])
        if not is_reason:
            query = await _with_first(query, _position(form.text("cause")), visit)
        return await _render_page(visit, query)
    return go(f"{LATE}?done=reassessed")


async def _with_first(query: LateVerdictQuery, cause: int | None, visit: Visit) -> LateVerdictQuery:
    """The same with what officers did to the record since the late event, if they did something.

    Of a reading of the law it is not known since when it waits: whatever was done to it counts.
    That the record is looked at is put on record. Nothing is told of a record that the visitor may
    not know of.

    Args:
        cause: the position of the late event; None: the reading of the law.
    """
    transfer = query.transfer
    assert transfer is not None, "a form is about a record"

    def read_conflict(ledger: Ledger, at: datetime) -> FormConflict | None:
        try:
            seen = view_transfer(ledger, visit.caller, transfer, HANDLED, at)
        except (NotFoundError, ExpiredError):
            return None
        done = [
            EarlierChange(one.at, one.words, one.actor, one.is_own, one.reason)
            for one in build_timeline(seen.facts, visit.actor)
            if one.actor is not None and (cause is None or 0 < cause < one.position)
        ]
        return find_conflict(done, "判断の理由", query.reason)

    first = await visit.run(read_conflict)
    return query if first is None else replace(query, status=CONFLICT, message=None, conflict=first)


def _cursor(services: Services, form: Form) -> str | None:
    """The page of the list that a form stood on; None: the first one, or none that there is."""
    cursor = form.text("cursor")
    with suppress(LedgerError):
        services.cursors.read(cursor, "/cursor", LIST)
        return cursor
    return None


def _transfer(form: Form) -> UUID | None:
    """The record that a form is about; None: it names none."""
    with suppress(ValueError):
        return UUID(form.text("transfer"))
    return None


def _position(text: str) -> int | None:
    """The position that a form names; None where it names the reading; else 0, which there is not.

    The form of a proposal without a late event names `reading`.
    """
    if text == READING_CAUSE:
        return None
    return number_of(text) or 0


async def _render_page(visit: Visit, query: LateVerdictQuery) -> Response:
    after = BEGIN
    if query.cursor is not None:
        after = visit.services.cursors.read(query.cursor, "/query/cursor", LIST)
    includes_hidden = visit.caller.may(MARKING)
    proposals, place = await run_in_threadpool(
        visit.services.reassessing.page, after, ROWS_MAX, includes_hidden=includes_hidden
    )
    return page(
        visit.request,
        "reassessments/reassessments.html",
        query.status,
        rows=[_row(one) for one in proposals],
        following=None if place is None else visit.services.cursors.make(place, LIST),
        findings=FINDINGS,
        asked=query,
        overtaken=query.conflict,
    )


def _row(one: VerdictProposal) -> LateVerdict:
    before = [one.before, *(person.before or one.before for person in one.persons)]
    after = [one.after, *(person.after or one.after for person in one.persons)]
    then, now = _codes(before), _codes(after)
    return LateVerdict(
        transfer=one.transfer,
        cause_position=one.cause_position,
        before=one.before,
        after=one.after,
        persons=len(one.persons),
        gone=tuple(sorted(then - now)),
        come=tuple(sorted(now - then)),
        is_lawful=(_all_lawful(before), _all_lawful(after)),
    )


def _codes(verdicts: Iterable[Verdict]) -> set[str]:
    return {code for verdict in verdicts for code in verdict.findings}


def _all_lawful(verdicts: Iterable[Verdict]) -> bool:
    return all(verdict.lawful for verdict in verdicts)
