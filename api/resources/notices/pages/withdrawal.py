"""取下げ: from a day on a notice is relied on no more; typed, looked at, and put on record."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.resources.notices.forms import fields, form_values
from api.resources.notices.forms.about import About, state_at
from api.resources.notices.pages.notice_form import (
    NoticeDrafts,
    preview_version,
    refusal,
)
from api.resources.notices.schemas import Withdrawal
from api.web.bodies import POSITION_MAX
from api.web.items import random_command
from api.web.pages.form_result import FormResult, form_page
from api.web.pages.form_values import PARTS, by_field, in_order, validate_body, wrong
from api.web.pages.forms import Form, FormError
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import NOTICES
from api.web.pages.once import COMMAND, once
from api.web.pages.renderer import go, page
from api.web.pages.route import EvenPageRoute
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
Writer = Annotated[Visit, Depends(signed("notices:write", rescue=DRAFTS.keep))]
Withdrawer = Annotated[Visit, Depends(signed("notices:write", proved=True, rescue=DRAFTS.keep))]
Position = Annotated[int, Path(ge=1, le=POSITION_MAX)]

_EDIT: Final = "more"
_KEPT: Final = (*(f"day_{part}" for part in PARTS), "reason")


@router.get("")
async def get_form(notice: Position, visit: Writer) -> Response:
    """The form: empty, or as it was left."""
    return await _render_form(visit, notice, await DRAFTS.first(visit))


@router.post("")
async def preview_withdrawal(notice: Position, visit: Writer) -> Response:
    """What would be withdrawn, and from when; nothing is."""
    form, actor = await visit.form(), visit.actor
    if form.text(_EDIT):
        return await _render_form(visit, notice, FormResult(form=form))

    def read_preview(ledger: Ledger, at: datetime) -> tuple[About, date, date]:
        about = _about(ledger, notice)
        command = _commanded(form, about, random_command(), actor)
        notices.withdraw(command, about.state)
        return about, command.day, day_in_japan(at)

    try:
        about, day, today = await visit.run(read_preview)
    except (FormError, DoesNotStandError) as error:
        return await _refused(visit, notice, refusal(error, form))
    await DRAFTS.put(visit.request, actor, form)
    return page(
        visit.request,
        "notices/withdrawal_seen.html",
        about=about,
        address=_ONE.format(notice=notice),
        day=day,
        is_past=day <= today,
        reason=form.text("reason"),
        hidden={one: form.texts(one) for one in _KEPT},
        command=form.text(COMMAND) or str(random_command()),
    )


@router.post("/withdraw")
async def withdraw(notice: Position, visit: Withdrawer) -> Response:
    """Withdraw it, by the command of `POST /v1/notices/{notice_id}/withdrawal`."""
    form, actor = await visit.form(), visit.actor

    async def act(command: UUID) -> None:
        def withdrawn(ledger: Ledger, at: datetime) -> None:
            withdrawing = _commanded(form, _about(ledger, notice), command, actor)
            if withdrawing.expected_version is None:
                raise StaleVersionError
            ledger.publish(withdrawing, at)

        await visit.run(withdrawn)

    try:
        await once(visit, act)
    except (FormError, LedgerError) as error:
        return await _refused(visit, notice, refusal(error, form))
    await DRAFTS.sent(visit)
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
        body = validate_body(Withdrawal, read.body)
    except MalformedError as error:
        messages = by_field(
            error.defects, ("day", "reason"), words=lambda one: wrong(form.text(one))
        )
        found = {**messages, **read.defects}
        raise FormError(in_order(found, fields.LABELS)) from None
    return WithdrawNotice(
        command, actor, about.notice_id, body.day, body.reason, preview_version(form)
    )


async def _refused(visit: Visit, position: int, again: FormResult) -> Response:
    """The form once more; what was typed waits."""
    await DRAFTS.put(visit.request, visit.actor, again.current_form)
    return await _render_form(visit, position, again)


async def _render_form(visit: Visit, position: int, again: FormResult) -> Response:
    about = await visit.run(lambda ledger, _: _about(ledger, position))
    return form_page(
        visit,
        "notices/withdrawal.html",
        again,
        fields.LABELS,
        about=about,
        address=_ONE.format(notice=position),
    )
