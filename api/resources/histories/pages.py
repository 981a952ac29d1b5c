"""本人の履歴: what is recorded about the person of a case, as of any position, under that case.

Each look is put on record before anything is shown: who, whom, under which case and why. What is
excluded under Order 11 is in no row, count or picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.problems.kind import DEFECTS_JA
from api.problems.refusals import AsOfBeyondHeadError
from api.resources.accesses.moments import end_of, instant_at, last_before
from api.resources.cases.pages.step_order import STEPS, next_step, opens
from api.resources.cases.pages.step_view import CaseView, case_view_of
from api.resources.cases.schemas.replies import ReasonBody
from api.resources.histories import charts, page_parts
from api.resources.histories.service import build_access, page_of
from api.web.items import MARKING
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_values import CHECK, EMPTY, PARTS, FormValues, validate_body
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from api.web.services import Services, services_of
from ledger.cases.case import State
from ledger.clock import day_in_japan
from ledger.errors import MalformedError, ProjectionBehindError
from ledger.service import Ledger
from ledger.streams.history import HEADINGS, PROVISION, RECEIPT
from ledger.unicode_forms import normalize
from ledger.values import PrincipalRef
from projections.histories import HistoryPage

LABELS: Final[Mapping[str, str]] = {
    "reason": "閲覧の理由",
    "moment": "いつの時点の記録か",
    "as_of": "日付",
    "position": "台帳の位置",
}
"""Field of the page → what it is called there."""

LATEST: Final = "latest"
DAY: Final = "day"
POSITION: Final = "position"
MOMENTS: Final[Mapping[str, str]] = {
    LATEST: "最新",
    DAY: "日付を指定する",
    POSITION: "台帳の位置を指定する",
}
"""As of when → what the page calls it."""

FIRST: Final = Form({"moment": (LATEST,)})
"""The form as the page begins."""

KEPT: Final = ("reason", "moment", *(f"as_of_{one}" for one in PARTS), "position")
"""Fields that wait for whoever sent them when their time was up; no page of the rows does."""

_NO_POSITION: Final = "1以上の整数を入力してください。"
_DIGITS_MAX: Final = 15


@dataclass(frozen=True, slots=True)
class HistoryForm:
    """What the form asks for.

    Attributes:
        day: as of its end; position: as of it; neither: as of now.
        pages: heading → the page of its rows, from 1.
        defects: field → what is wrong with it.
    """

    form: Form
    reason: str
    day: date | None
    position: int | None
    pages: Mapping[str, int]
    defects: Mapping[str, str]


def read(form: Form) -> HistoryForm:
    """Read the form. A button that goes somewhere changes the moment or a page."""
    what, _, where = form.text("go").partition(":")
    if what == LATEST:
        form = Form({**form.fields, "moment": (LATEST,)})
    if what == POSITION:
        form = Form({**form.fields, "moment": (POSITION,), "position": (where,)})
    pages = {one: page for one in HEADINGS if (page := _number(form.text(f"page_{one}")))}
    if what == "page":
        heading, _, number = where.partition(":")
        pages |= {heading: page} if heading in HEADINGS and (page := _number(number)) else {}
    else:
        pages = pages if not what else {}
    defects: dict[str, str] = {}
    day, position = None, None
    match form.text("moment") or LATEST:
        case "latest":
            pass
        case "day":
            typed = FormValues(form)
            found = typed.day("as_of")
            day, defects = (None if typed.defects else found), typed.defects
        case "position":
            position = _number(form.text("position"))
            if position is None:
                defects["position"] = _NO_POSITION
        case _:
            defects["moment"] = "選んでください。"
    return HistoryForm(form, form.text("reason"), day, position, pages, defects)


def _number(text: str) -> int | None:
    """A whole number from 1; full-width digits and separators are read too."""
    plain = normalize("NFKC", text).replace(",", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS_MAX):
        return None
    return int(plain) or None


router = APIRouter(prefix="/desk/cases/{case}/history", route_class=EvenPageRoute)

# As `POST /v1/histories`; records are shown on a fresh proof of who looks.
_RESCUING: Final = PageDrafts("case", "history", KEPT)
Officer = Annotated[Visit, Depends(signed("records:read", rescue=_RESCUING.keep))]
Proved = Annotated[Visit, Depends(signed("records:read", proved=True))]

ENTRIES_MAX: Final = 5_000
"""Transfers of one page: beyond them the pictures would not be of all."""
_OK: Final = 200
_UNPROCESSABLE: Final = 422
_BEHIND: Final = 503
_NOT_YET: Final = "この請求の本人はまだ特定されていません。"
_NOBODY: Final = "この請求では、該当する方が見つかっていません。"
_WAIT: Final = "台帳の反映を待っています。しばらくしてから、もう一度表示してください。"
_FUTURE: Final = "未来の日付です。"
_NOTHING_YET: Final = "この日までに台帳に記録されたものはありません。"
_BEYOND: Final = "台帳の最後の位置を超えています。"


@dataclass(frozen=True, slots=True)
class _HistoryView:
    """A history that was read, and is on record as looked at."""

    page: HistoryPage
    is_whole: bool
    at: datetime


@router.get("")
async def ask(case: UUID, visit: Proved) -> Response:
    """The form: as of when, and why. Nothing of the person is shown yet."""
    seen, head = await _read_case(case, visit)
    waited = await _RESCUING.take_draft(visit)
    query = read(FIRST if waited is None else waited[0])
    kept_at = None if waited is None else waited[1]
    return _page(visit.request, seen, head, query, {}, kept_at=kept_at)


@router.post("")
async def view_history(case: UUID, visit: Officer) -> Response:
    """The history as of the moment that is asked for; the look is put on record first."""
    seen, head = await _read_case(case, visit)
    query = read(await visit.form())
    defects = {**query.defects, **_of_reason(query.reason)}
    who = identifiers_of(seen.state)
    if defects or not who:
        return _page(visit.request, seen, head, query, defects)
    try:
        found = await _read_history(visit.services, seen, who, query)
    except _NoMomentError as error:
        return _page(visit.request, seen, head, query, {error.field: error.words})
    except ProjectionBehindError:
        return _page(visit.request, seen, head, query, {}, message=_WAIT)
    return _page(visit.request, seen, head, query, {}, found)


def identifiers_of(state: State) -> tuple[PrincipalRef, ...]:
    """The identifiers of whoever was identified in the case; none before that."""
    identification = state.search or state.person
    if identification is None:
        return ()
    return tuple(PrincipalRef(one.scheme, one.id) for one in identification.identifiers)


async def _read_case(case: UUID, visit: Visit) -> tuple[CaseView, int]:
    """The case and the head of the ledger; a case's number and status are no look at it."""

    def read_view(ledger: Ledger, at: datetime) -> tuple[CaseView, int]:
        return case_view_of(ledger, case, visit, at), ledger.streams.reads.head()

    return await visit.run(read_view)


def _of_reason(reason: str) -> dict[str, str]:
    if not reason:
        return {"reason": EMPTY}
    try:
        validate_body(ReasonBody, {"reason": reason})
    except MalformedError as error:
        words = DEFECTS_JA.get(error.defects[0].code)
        return {"reason": words or CHECK}
    return {}


class _NoMomentError(Exception):
    """There is no such moment in the ledger."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


async def _read_history(
    services: Services, seen: CaseView, who: tuple[PrincipalRef, ...], query: HistoryForm
) -> _HistoryView:
    """The history; that it was looked at stands in the ledger by now.

    Raises:
        _NoMomentError: the day or the position is not one of the ledger.
        ProjectionBehindError: the read side did not reach it in time.
    """
    as_of = query.position
    if query.day is not None:
        as_of = await services.run(lambda ledger, at: _position_of(ledger, query, at))

    def read() -> tuple[HistoryPage, str | None]:
        return page_of(services, who, ENTRIES_MAX, as_of=as_of)

    try:
        found, cursor = await run_in_threadpool(read)
    except AsOfBeyondHeadError:
        raise _NoMomentError("position", _BEYOND) from None
    actor, number = seen.caller.actor, seen.state.number
    command = build_access(actor, number, query.reason, who, found)

    def viewed(ledger: Ledger, at: datetime) -> datetime:
        ledger.view(command, at)
        return instant_at(ledger.streams.reads, found.as_of)

    return _HistoryView(found, cursor is None, await services.run(viewed))


def _position_of(ledger: Ledger, query: HistoryForm, at: datetime) -> int | None:
    """Where the day ended in the ledger; None: it has not ended yet, so it is as of now."""
    assert query.day is not None, "asked for a day alone"
    today = day_in_japan(at)
    if query.day > today:
        raise _NoMomentError("as_of", _FUTURE)
    if query.day == today:
        return None
    position = last_before(ledger.streams.reads, end_of(query.day))
    if position == 0:
        raise _NoMomentError("as_of", _NOTHING_YET)
    return position


def _page(  # noqa: PLR0913 -- what a page is made of
    request: Request,
    seen: CaseView,
    head: int,
    query: HistoryForm,
    defects: Mapping[str, str],
    found: _HistoryView | None = None,
    *,
    message: str | None = None,
    kept_at: datetime | None = None,
) -> Response:
    status = _UNPROCESSABLE if defects else _BEHIND if message else _OK
    return page(
        request,
        "histories/history.html",
        status,
        state=seen.state,
        steps=STEPS,
        opens=opens,
        step=None,
        next_step=next_step(seen.state),
        is_identified=bool(identifiers_of(seen.state)),
        nobody=_NOBODY if seen.state.search or seen.state.person else _NOT_YET,
        head=head,
        form=query.form,
        labels=LABELS,
        defects={name: defects[name] for name in LABELS if name in defects},
        refused=message,
        kept_at=kept_at,
        moments=MOMENTS,
        found=None
        if found is None
        else _history_context(
            found,
            query,
            services_of(request).settings.kinds,
            includes_hidden=seen.caller.may(MARKING),
        ),
    )


def _history_context(
    found: _HistoryView, query: HistoryForm, kinds: Mapping[str, str], *, includes_hidden: bool
) -> dict[str, Any]:
    entries, as_of = found.page.entries, found.page.as_of
    changes = page_parts.changes(entries)
    return {
        "as_of": as_of,
        "at": found.at,
        "is_whole": found.is_whole,
        "count": len(entries),
        "sections": page_parts.sections(entries, query.pages, kinds),
        "refs": found.page.person.refs,
        "names": found.page.names,
        "expired": found.page.expired if includes_hidden else {},
        "timeline": charts.timeline(entries),
        "months": charts.by_month(entries),
        "parties": (
            ("provided", "提供先", charts.by_party(entries, PROVISION)),
            ("received", "提供元", charts.by_party(entries, RECEIPT)),
        ),
        "changes": changes,
        # As of the position before the last change: what it changed is seen by the difference.
        "before": changes[-1] - 1 if changes and changes[-1] > 1 else None,
    }
