"""取下げ: from a day on a notice is relied on no more; typed, looked at, and put on record."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import Visitor
from api.resources.notices.forms import fields, form_values
from api.resources.notices.forms.about import About, state_at
from api.resources.notices.pages.notice_form import (
    NoticeDrafts,
    PublicationFormError,
    refusal,
    seen_of,
)
from api.resources.notices.schemas import Withdrawal
from api.services import Services, ServicesDep
from api.web.bodies import POSITION_MAX
from api.web.items import random_command
from api.web.pages import days
from api.web.pages.form_result import FormResult
from api.web.pages.form_values import PARTS, by_field, in_order, wrong
from api.web.pages.forms import Form, form_of
from api.web.pages.guard import signed
from api.web.pages.navigation import NOTICES
from api.web.pages.once import COMMAND, once
from api.web.pages.renderer import go, page
from api.web.pages.route import EvenPageRoute
from api.web.pages.step_submission import stated
from ledger.cases.refusals import StaleVersionError
from ledger.clock import day_in_japan
from ledger.commands import WithdrawNotice
from ledger.errors import DoesNotStandError, LedgerError, MalformedError
from ledger.notices import notice as notices
from ledger.service import Ledger

_ONE: Final = f"{NOTICES.address}/{{notice}}/withdrawal"

router = APIRouter(prefix=_ONE, route_class=EvenPageRoute)

DRAFTS: Final = NoticeDrafts("notice", "withdrawal")
# As `POST /v1/notices/{notice_id}/withdrawal`; it stays, so who withdraws proves who they are.
Writer = Annotated[Visitor, Depends(signed("notices:write", rescue=DRAFTS.keep))]
Withdrawer = Annotated[Visitor, Depends(signed("notices:write", proved=True, rescue=DRAFTS.keep))]
Position = Annotated[int, Path(ge=1, le=POSITION_MAX)]

_EDIT: Final = "more"
_KEPT: Final = (*(f"day_{part}" for part in PARTS), "reason")


@router.get("")
async def get_form(
    notice: Position, request: Request, visitor: Writer, services: ServicesDep
) -> Response:
    """The form: empty, or as it was left."""
    return await _shown(request, services, notice, await DRAFTS.first(request, visitor))


@router.post("")
async def look(
    notice: Position, request: Request, visitor: Writer, services: ServicesDep
) -> Response:
    """What would be withdrawn, and from when; nothing is."""
    form, actor = await form_of(request), visitor.caller.actor
    if form.text(_EDIT):
        return await _shown(request, services, notice, FormResult(form=form))

    def looked(ledger: Ledger, at: datetime) -> tuple[About, date, date]:
        about = _about(ledger, notice)
        command = _commanded(form, about, random_command(), actor)
        notices.withdraw(command, about.state)
        return about, command.day, day_in_japan(at)

    try:
        about, day, today = await services.run(looked)
    except (PublicationFormError, DoesNotStandError) as error:
        return await _refused(request, visitor, services, notice, refusal(error, form))
    await DRAFTS.put(request, actor, form)
    return page(
        request,
        "watching/withdrawal_seen.html",
        about=about,
        address=_ONE.format(notice=notice),
        day=day,
        is_past=day <= today,
        reason=form.text("reason"),
        hidden={one: form.texts(one) for one in _KEPT},
        command=form.text(COMMAND) or str(random_command()),
    )


@router.post("/withdraw")
async def withdraw(
    notice: Position, request: Request, visitor: Withdrawer, services: ServicesDep
) -> Response:
    """Withdraw it, by the command of `POST /v1/notices/{notice_id}/withdrawal`."""
    form, actor = await form_of(request), visitor.caller.actor

    async def act(command: UUID) -> None:
        def withdrawn(ledger: Ledger, at: datetime) -> None:
            withdrawing = _commanded(form, _about(ledger, notice), command, actor)
            if withdrawing.expected_version is None:
                raise StaleVersionError
            ledger.publish(withdrawing, at)

        await services.run(withdrawn)

    try:
        await once(request, services, actor, act)
    except (PublicationFormError, LedgerError) as error:
        return await _refused(request, visitor, services, notice, refusal(error, form))
    await DRAFTS.sent(request, visitor)
    return go(f"{NOTICES.address}/{notice}/waiting?done=withdrawn")


def _about(ledger: Ledger, position: int) -> About:
    state = state_at(ledger, position)
    return About(str(position), state.kind, state)


def _commanded(form: Form, about: About, command: UUID, actor: str) -> WithdrawNotice:
    """The command that the form states.

    Raises:
        FormError: it states none.
    """
    read = form_values.read_withdrawal(form)
    try:
        body = stated(Withdrawal, read.body)
    except MalformedError as error:
        told = by_field(error.defects, ("day", "reason"), words=lambda one: wrong(form.text(one)))
        found = {**told, **read.defects}
        raise PublicationFormError(in_order(found, fields.LABELS)) from None
    return WithdrawNotice(command, actor, about.notice_id, body.day, body.reason, seen_of(form))


async def _refused(
    request: Request, visitor: Visitor, services: Services, position: int, again: FormResult
) -> Response:
    """The form once more; what was typed waits."""
    await DRAFTS.put(request, visitor.caller.actor, again.shown)
    return await _shown(request, services, position, again)


async def _shown(
    request: Request, services: Services, position: int, again: FormResult
) -> Response:
    about = await services.run(lambda ledger, _: _about(ledger, position))
    return page(
        request,
        "watching/withdrawal.html",
        again.status,
        about=about,
        address=_ONE.format(notice=position),
        form=again.shown,
        defects=again.defects,
        told_why=again.told,
        kept_at=again.kept_at,
        labels=fields.LABELS,
        eras=days.ERAS,
        calendar=days.CALENDAR,
    )
