"""共同利用公表事項: what was published when, what each version announces, how two differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api.resources.notices.forms.about import state_at
from api.resources.notices.forms.changes import describe_changes, statements
from api.resources.notices.pages.differences import announced, differences
from api.web.bodies import POSITION_MAX
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import NOTICES
from api.web.pages.renderer import page
from api.web.pages.route import PageRoute
from ledger.clock import day_in_japan
from ledger.errors import NotFoundError
from ledger.notices.notice import PublishedNotice, State
from ledger.service import Ledger

router = APIRouter(route_class=PageRoute)

# As `GET /v1/notices`: what is published is no secret.
Reader = Annotated[Visit, Depends(signed(*NOTICES.scopes))]
Position = Annotated[int, Path(ge=1, le=POSITION_MAX)]
Number = Annotated[int | None, Query(ge=1, le=POSITION_MAX)]

_OPT_OUT: Final = "opt_out"


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication about a notice.

    Attributes:
        number: from 1, in the order of publication.
        label: of a version; None of an amendment and of a filing.
        what: a code of `words.PUBLICATIONS`.
        state: how it stands today: a code of `words.STANDINGS`.
        is_unlawful: whether it makes a change that Art. 27(6) does not allow.
    """

    number: int
    label: str | None
    what: str
    in_force_from: date
    published_on: date
    position: int
    withdrawn_on: date | None
    state: str
    is_unlawful: bool


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice in the list; `current` is what counts today, None while nothing does."""

    address: int
    title: str
    notice_id: str
    kind: str
    count: int
    current: Publication | None
    coming: Publication | None
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class NoticeQuery:
    """Which publication is shown, and which two are compared; by number, None: not said."""

    shown: int | None
    first: int | None
    second: int | None


async def _read_query(
    shown: Number = None,
    first: Annotated[Number, Query(alias="from")] = None,
    second: Annotated[Number, Query(alias="to")] = None,
) -> NoticeQuery:
    return NoticeQuery(shown, first, second)


@router.get(NOTICES.address)
async def get_notices(visit: Reader) -> Response:
    """Every notice and filing, oldest first. They are few."""
    may_publish = visit.caller.may("notices:write")

    def render(ledger: Ledger, at: datetime) -> Response:
        today = day_in_japan(at)
        rows = [_row(state, today) for state in ledger.notices()]
        return page(visit.request, "notices/notices.html", rows=rows, may_publish=may_publish)

    return await visit.run(render)


@router.get(f"{NOTICES.address}/{{notice}}")
async def get_notice(
    notice: Position, visit: Reader, query: Annotated[NoticeQuery, Depends(_read_query)]
) -> Response:
    """One notice: its publications, what one of them announces, and how two of them differ."""
    may_publish = visit.caller.may("notices:write")

    def render(ledger: Ledger, at: datetime) -> Response:
        state = state_at(ledger, notice)
        publications = list(_publications(state, day_in_japan(at)))
        chosen = _chosen(publications, query.shown)
        pair = _pair(publications, query.first, query.second)
        changed = None
        if pair is not None:
            one, other = (announced(state.published[each.number - 1]) for each in pair)
            changed = differences(one, other)
        return page(
            visit.request,
            "notices/notice.html",
            address=notice,
            title=_title(state),
            state=state,
            publications=publications,
            chosen=chosen,
            sections=announced(state.published[chosen.number - 1]),
            judged=describe_changes(state.published[chosen.number - 1].event),
            stated=statements(state.published[chosen.number - 1].event),
            pair=pair,
            changed=changed,
            may_publish=may_publish,
        )

    return await visit.run(render)


def _chosen(publications: Sequence[Publication], number: int | None) -> Publication:
    """What is shown: that of the number, or what counts today, or the newest.

    Raises:
        NotFoundError: there is no such number.
    """
    if number is not None:
        return _numbered(publications, number)
    return _current(publications) or publications[-1]


def _pair(
    publications: Sequence[Publication], first: int | None, second: int | None
) -> tuple[Publication, Publication] | None:
    """What is compared: what was asked for, else the newest version with the one before it."""
    if first is not None and second is not None:
        return _numbered(publications, first), _numbered(publications, second)
    alike = [one for one in publications if one.what != "amendment"]
    return (alike[-2], alike[-1]) if len(alike) > 1 else None


def _numbered(publications: Sequence[Publication], number: int) -> Publication:
    if number > len(publications):
        raise NotFoundError
    return publications[number - 1]


def _row(state: State, today: date) -> NoticeRow:
    publications = list(_publications(state, today))
    return NoticeRow(
        address=state.published[0].position,
        title=_title(state),
        notice_id=state.notice_id,
        kind=state.kind,
        count=len(publications),
        current=_current(publications),
        coming=next((one for one in publications if one.state == "coming"), None),
        withdrawn_on=state.withdrawn_on,
    )


def _title(state: State) -> str:
    titles = (cast("str", one.event.notice.get("title") or "") for one in reversed(state.published))
    return next((title for title in titles if title), state.notice_id)


def _current(publications: Sequence[Publication]) -> Publication | None:
    return next((one for one in publications if one.state == "in_force"), None)


def _publications(state: State, today: date) -> Iterator[Publication]:
    """The publications, oldest first, as they stand today."""
    current = _in_force(state, today)
    for number, one in enumerate(state.published, 1):
        version = one.event.version
        kind = "filing" if state.kind == _OPT_OUT else "amendment"
        yield Publication(
            number=number,
            label=None if version is None else cast("str", version["version"]),
            what=kind if version is None else "version",
            in_force_from=one.event.in_force_from,
            published_on=one.event.published_on,
            position=one.position,
            withdrawn_on=one.withdrawn_on,
            state=_state_of(one, current, today),
            is_unlawful=bool(one.event.findings),
        )


def _in_force(state: State, today: date) -> PublishedNotice | None:
    """The version or filing that counts today: the last one to have come into force."""
    there = [one for one in state.published if _announces(one) and _begins(one) <= today]
    stand = [one for one in there if one.withdrawn_on is None or today < one.withdrawn_on]
    return max(stand, key=lambda one: (_begins(one), one.position), default=None)


def _announces(published: PublishedNotice) -> bool:
    """Whether it is a version or a filing; an amendment alone announces nothing."""
    return published.event.version is not None or published.event.kind == _OPT_OUT


def _begins(published: PublishedNotice) -> date:
    return max(published.event.in_force_from, published.event.published_on)


def _state_of(published: PublishedNotice, current: PublishedNotice | None, today: date) -> str:
    if not _announces(published):
        return "beside"
    if published.withdrawn_on is not None and published.withdrawn_on <= today:
        return "withdrawn"
    if published is current:
        return "in_force"
    return "coming" if today < _begins(published) else "before"
