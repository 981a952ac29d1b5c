"""保全: what a suit or an inquiry needs is not destroyed while a hold stands.

Whom a hold is about stands at the API, where the look is put on record; here stands how many
identifiers it names. The reason is shown to officers, who typed it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.resources.holds.schemas import (
    HoldBody,
    Release,
    known_holds,
    may_see_reasons,
    paginate_holds,
)
from api.resources.transfers.correction_schemas import check_known
from api.web.bodies import POSITION_MAX
from api.web.pages.conflict import EarlierChange, FormConflict, find_conflict
from api.web.pages.draft_recovery import PageDrafts
from api.web.pages.form_result import FormResult, form_page
from api.web.pages.form_values import by_field, number_of, validate_body, wrong
from api.web.pages.forms import Form
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import HOLDS
from api.web.pages.once import once
from api.web.pages.renderer import go
from api.web.pages.route import EvenPageRoute
from ledger.commands import ReleaseHold
from ledger.errors import Defect, DoesNotStandError, LedgerError, MalformedError
from ledger.format.events import HoldReleased
from ledger.holds.hold import State
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

# As the endpoints of `/v1/holds`: to place one is urgent, its end lets records die.
Reader = Annotated[Visit, Depends(signed(*HOLDS.scopes))]
_RESCUING: Final = PageDrafts("", "holds")
Holder = Annotated[
    Visit, Depends(signed("records:write", "records:exclude", rescue=_RESCUING.keep))
]
Releaser = Annotated[Visit, Depends(signed("records:exclude", proved=True, rescue=_RESCUING.keep))]

ROWS_MAX: Final = 50
IDENTIFIERS: Final = (1, 2, 3, 4, 5)
"""Rows for identifiers on the page; the API takes more."""
_FIELDS: Final = {
    **{f"id_{n}": f"識別子{n}" for n in IDENTIFIERS},
    "transfer": "記録の番号",
    "reason": "理由",
    "reference": "事件番号・文書番号",
}
"""Fields of the form of a hold, in their order."""
_NAMES_DEFECTS: Final = {
    "HOLD_NAMES_NOTHING": "本人の識別子、又は記録の番号を入力してください。",
    "HOLD_NAMES_BOTH": "識別子と記録の番号は、一つの保全に一緒には指定できません。",
}
"""Why what a hold names does not do."""
DONE: Final = "^(placed|released)$"
_DIGITS_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class HoldQuery(FormResult):
    """Which holds are shown, and what is told beside them.

    Attributes:
        before: only holds that were placed before this position.
        whole: released ones too.
        releasing: the hold whose release was refused; what was typed stands in its line.
    """

    before: int | None = None
    whole: bool = False
    done: str | None = None
    releasing: UUID | None = None


@router.get(HOLDS.address)
async def get_holds(
    visit: Reader,
    before: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    whole: Annotated[str | None, Query(alias="all", pattern="^1$")] = None,
    done: Annotated[str | None, Query(pattern=DONE)] = None,
) -> Response:
    """Holds, newest first: those that stand, or released ones too. Nobody is named."""
    query = HoldQuery(before=before, whole=whole is not None, done=done)
    waited = await _RESCUING.take_draft(visit)
    if waited is not None:
        place = _read_query(waited[0]) if before is None and whole is None else query
        query = replace(place.resumed(waited), releasing=_releasing(waited[0]))
    return await _render_page(visit, query)


@router.post(HOLDS.address)
async def place(visit: Holder) -> Response:
    """From here on the records are not destroyed, whatever their period, until the release."""
    form, caller = await visit.form(), visit.caller

    async def act(command: UUID) -> None:
        body = validate_body(HoldBody, _body(form)).command(command, caller.actor)

        def placed(ledger: Ledger, at: datetime) -> None:
            if body.placed.transfer is not None:
                check_known(ledger, caller, body.placed.transfer)
            ledger.hold(body, at)

        await visit.run(placed)

    try:
        await once(visit, act)
    except LedgerError as error:
        query = _read_query(form).refused(error, form, partial(_describe_defects, form=form))
        return await _render_page(visit, query)
    return go(f"{HOLDS.address}?done=placed")


@router.post(f"{HOLDS.address}/{{hold}}/release")
async def release(hold: UUID, visit: Releaser) -> Response:
    """The hold ends; what only it kept is destroyed by the next runs."""
    form, actor = await visit.form(), visit.actor

    async def act(command: UUID) -> None:
        reason = validate_body(Release, {"reason": form.text("release_reason")}).reason
        ending = ReleaseHold(command, actor, hold, reason)
        await visit.run(lambda ledger, at: ledger.release(ending, at))

    try:
        await once(visit, act)
    except LedgerError as error:
        query = replace(_read_query(form).refused(error, form), releasing=hold)
        if isinstance(error, MalformedError):
            query = replace(query, message=f"解除の理由：{wrong(form.text('release_reason'))}")
        if isinstance(error, DoesNotStandError):
            first = await visit.run(lambda ledger, _: _released_first(ledger, hold, form, actor))
            query = replace(query, message=query.message if first is None else None, conflict=first)
        return await _render_page(visit, query)
    return go(f"{HOLDS.address}?done=released")


def _released_first(ledger: Ledger, hold: UUID, form: Form, actor: str) -> FormConflict | None:
    """Who released the hold, and why, beside what was typed."""
    facts = ledger.streams.facts([hold], None).get(hold, [])
    done = [
        EarlierChange(one.at, "保全の解除", one.actor, one.actor == actor, one.event.reason)
        for one in facts
        if isinstance(one.event, HoldReleased)
    ]
    return find_conflict(done, "解除の理由", form.text("release_reason"))


def _read_query(form: Form) -> HoldQuery:
    """The page of the list that a form stood on."""
    before = number_of(form.text("before"), _DIGITS_MAX)
    is_place = before is not None and 1 <= before <= POSITION_MAX
    return HoldQuery(before=before if is_place else None, whole=form.text("all") == "1")


def _releasing(form: Form) -> UUID | None:
    """The hold that a form was to release; None: it was to place one."""
    with suppress(ValueError):
        return UUID(form.text("releasing"))
    return None


def _body(form: Form) -> dict[str, object]:
    """The body of `POST /v1/holds`, as the form states it."""
    body: dict[str, object] = {"reason": form.text("reason")}
    if reference := form.text("reference"):
        body["reference"] = reference
    if transfer := form.text("transfer"):
        body["transfer"] = transfer
    typed = [(form.text(f"scheme_{n}"), form.text(f"id_{n}")) for n in IDENTIFIERS]
    body["identifiers"] = [{"scheme": scheme, "id": one} for scheme, one in typed if one]
    return body


def _describe_defects(defects: Iterable[Defect], form: Form) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    places = dict.fromkeys((*_NAMES_DEFECTS, "identifiers", "principals"), "id_1")
    for place, n in enumerate(n for n in IDENTIFIERS if form.text(f"id_{n}")):
        places |= {f"{member}/{place}": f"id_{n}" for member in ("identifiers", "principals")}

    def words(name: str) -> str:
        is_transfer = name == "transfer"
        return "記録の番号の形式が正しくありません。" if is_transfer else wrong(form.text(name))

    return by_field(defects, _FIELDS, places, otherwise="reason", codes=_NAMES_DEFECTS, words=words)


async def _render_page(visit: Visit, query: HoldQuery) -> Response:
    caller = visit.caller

    def known(ledger: Ledger, _: datetime) -> list[State]:
        return known_holds(ledger, caller)

    states = await visit.run(known)
    active = [one for one in states if one.is_active]
    listed = states if query.whole else active
    rows, following = paginate_holds(listed, before=query.before, limit=ROWS_MAX)
    return form_page(
        visit,
        "holds/holds.html",
        query,
        _FIELDS,
        rows=rows,
        following=following,
        asked=query,
        total=len(states),
        standing=len(active),
        sees_why=may_see_reasons(caller),
        may_place=caller.may("records:write") or caller.may("records:exclude"),
        may_release=caller.may("records:exclude"),
        identifiers=IDENTIFIERS,
    )
