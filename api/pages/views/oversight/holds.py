"""保全: what a suit or an inquiry needs is not destroyed while a hold stands.

Whom a hold is about stands at the API, where the look is put on record; here stands how many
identifiers it names. The reason is shown to officers, who typed it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.pages.draft_recovery import PageRescuing
from api.pages.forms import Form, form_of
from api.pages.guard import signed
from api.pages.navigation import HOLDS
from api.pages.once import once
from api.pages.oversight.text_errors import wrong
from api.pages.oversight_words import HOLD_FIELDS, HOLD_NAMES
from api.pages.renderer import go, page
from api.pages.route import EvenPageRoute
from api.pages.step_submission import stated
from api.pages.views.oversight.conflict import Did, Overtaken, overtaken
from api.pages.views.oversight.refusals import told_of
from api.people import Visitor
from api.services import Services, ServicesDep
from api.wire.bodies import POSITION_MAX
from api.wire.corrections import check_known
from api.wire.holds import HoldBody, Release, holds_shown, known_holds, sees_why
from ledger.commands import ReleaseHold
from ledger.errors import Defect, DoesNotStandError, LedgerError, MalformedError
from ledger.format.events import HoldReleased
from ledger.holds.hold import State
from ledger.service import Ledger

router = APIRouter(route_class=EvenPageRoute)

# As the doors of `/v1/holds`: to place one is urgent, its end lets records die.
Reader = Annotated[Visitor, Depends(signed(*HOLDS.scopes))]
_RESCUING: Final = PageRescuing("", "holds")
Holder = Annotated[
    Visitor, Depends(signed("records:write", "records:exclude", rescue=_RESCUING.keep))
]
Releaser = Annotated[
    Visitor, Depends(signed("records:exclude", proved=True, rescue=_RESCUING.keep))
]

ROWS_MAX: Final = 50
IDENTIFIERS: Final = (1, 2, 3, 4, 5)
"""Rows for identifiers on the page; the API takes more."""
DONE: Final = "^(placed|released)$"
_OK: Final = 200
_UNPROCESSABLE: Final = 422
_DIGITS_MAX: Final = 18
_EMPTY: Final = Form({})


@dataclass(frozen=True, slots=True)
class HoldQuery:
    """Which holds are shown, and what is told beside them.

    Attributes:
        before: only holds that were placed before this position.
        whole: released ones too.
        form: what was typed; `defects`: field → what is wrong with it; `told`: why it was refused.
        releasing: the hold whose release was refused; what was typed stands in its line.
        kept_at: when what was typed was kept; None when it did not wait.
        overtaken: who released it first; None: nobody did.
    """

    before: int | None = None
    whole: bool = False
    done: str | None = None
    status: int = _OK
    form: Form = _EMPTY
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    told: str | None = None
    releasing: UUID | None = None
    kept_at: datetime | None = None
    overtaken: Overtaken | None = None


@router.get(HOLDS.address)
async def get_holds(
    request: Request,
    visitor: Reader,
    services: ServicesDep,
    before: Annotated[int | None, Query(ge=1, le=POSITION_MAX)] = None,
    whole: Annotated[str | None, Query(alias="all", pattern="^1$")] = None,
    done: Annotated[str | None, Query(pattern=DONE)] = None,
) -> Response:
    """Holds, newest first: those that stand, or released ones too. Nobody is named."""
    asked = HoldQuery(before, whole=whole is not None, done=done)
    waited = await _RESCUING.taken(request, visitor)
    if waited is not None:
        place = _place(waited[0]) if before is None and whole is None else asked
        asked = replace(place, form=waited[0], kept_at=waited[1], releasing=_releasing(waited[0]))
    return await _shown(request, visitor, services, asked)


@router.post(HOLDS.address)
async def place(request: Request, visitor: Holder, services: ServicesDep) -> Response:
    """From here on the records are not destroyed, whatever their period, until the release."""
    form, caller = await form_of(request), visitor.caller

    async def act(command: UUID) -> None:
        body = stated(HoldBody, _body(form)).command(command, caller.actor)

        def placed(ledger: Ledger, at: datetime) -> None:
            if body.transfer is not None:
                check_known(ledger, caller, body.transfer)
            ledger.hold(body, at)

        await services.run(placed)

    try:
        await once(request, services, caller.actor, act)
    except MalformedError as error:
        defects = _by_field(error.defects, form)
        asked = replace(_place(form), status=_UNPROCESSABLE, form=form, defects=defects)
        return await _shown(request, visitor, services, asked)
    except LedgerError as error:
        status, told = told_of(error)
        asked = replace(_place(form), status=status, form=form, told=told)
        return await _shown(request, visitor, services, asked)
    return go(f"{HOLDS.address}?done=placed")


@router.post(f"{HOLDS.address}/{{hold}}/release")
async def release(
    hold: UUID, request: Request, visitor: Releaser, services: ServicesDep
) -> Response:
    """The hold ends; what only it kept is destroyed by the next runs."""
    form, actor = await form_of(request), visitor.caller.actor

    async def act(command: UUID) -> None:
        reason = stated(Release, {"reason": form.text("release_reason")}).reason
        ending = ReleaseHold(command, actor, hold, reason)
        await services.run(lambda ledger, at: ledger.release(ending, at))

    try:
        await once(request, services, actor, act)
    except MalformedError:
        told = f"解除の理由：{wrong(form.text('release_reason'))}"
        asked = replace(_place(form), status=_UNPROCESSABLE, form=form, told=told, releasing=hold)
        return await _shown(request, visitor, services, asked)
    except LedgerError as error:
        status, told = told_of(error)
        asked = replace(_place(form), status=status, form=form, told=told, releasing=hold)
        if isinstance(error, DoesNotStandError):
            first = await services.run(lambda ledger, _: _released_first(ledger, hold, form, actor))
            if first is not None:
                asked = replace(asked, told=None, overtaken=first)
        return await _shown(request, visitor, services, asked)
    return go(f"{HOLDS.address}?done=released")


def _released_first(ledger: Ledger, hold: UUID, form: Form, actor: str) -> Overtaken | None:
    """Who released the hold, and why, beside what was typed."""
    facts = ledger.streams.facts([hold], None).get(hold, [])
    done = [
        Did(one.at, "保全の解除", one.actor, one.actor == actor, one.event.reason)
        for one in facts
        if isinstance(one.event, HoldReleased)
    ]
    return overtaken(done, "解除の理由", form.text("release_reason"))


def _place(form: Form) -> HoldQuery:
    """The page of the list that a form stood on."""
    text = form.text("before")
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    before = int(text) if is_number and 1 <= int(text) <= POSITION_MAX else None
    return HoldQuery(before, whole=form.text("all") == "1")


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


def _by_field(defects: Iterable[Defect], form: Form) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the page."""
    found: dict[str, str] = {}
    filled = [n for n in IDENTIFIERS if form.text(f"id_{n}")]
    for one in defects:
        if one.code in ("HOLD_NAMES_NOTHING", "HOLD_NAMES_BOTH"):
            found["id_1"] = HOLD_NAMES[one.code]
            continue
        _, name, *rest = f"{one.pointer}//".split("/")
        if name in ("identifiers", "principals"):
            n = filled[int(rest[0])] if rest[0].isdigit() and int(rest[0]) < len(filled) else 1
            found[f"id_{n}"] = wrong(form.text(f"id_{n}"))
        elif name == "transfer":
            found[name] = "記録の番号の形式が正しくありません。"
        else:
            found["reference" if name == "reference" else "reason"] = wrong(form.text(name))
    return {name: found[name] for name in HOLD_FIELDS if name in found}


async def _shown(
    request: Request, visitor: Visitor, services: Services, asked: HoldQuery
) -> Response:
    caller = visitor.caller

    def known(ledger: Ledger, _: datetime) -> list[State]:
        return known_holds(ledger, caller)

    states = await services.run(known)
    standing = [one for one in states if one.stands]
    listed = states if asked.whole else standing
    rows, following = holds_shown(listed, before=asked.before, limit=ROWS_MAX)
    return page(
        request,
        "watching/holds.html",
        asked.status,
        rows=rows,
        following=following,
        asked=asked,
        overtaken=asked.overtaken,
        total=len(states),
        standing=len(standing),
        sees_why=sees_why(caller),
        may_place=caller.may("records:write") or caller.may("records:exclude"),
        may_release=caller.may("records:exclude"),
        form=asked.form,
        defects=asked.defects,
        labels=HOLD_FIELDS,
        identifiers=IDENTIFIERS,
    )
