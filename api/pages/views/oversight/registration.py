"""送信元を登録する, 改める, 終了する: what `PUT /v1/emitters/{emitter}` does, on a form."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages.forms import Form, form_of
from api.pages.guard import signed
from api.pages.navigation import EMITTERS
from api.pages.once import once
from api.pages.oversight import registration
from api.pages.oversight.registration import (
    KNOWN,
    STOOD,
    RegistrationForm,
    by_field,
    differences,
    in_order,
    mark,
)
from api.pages.renderer import go
from api.pages.route import PageRoute
from api.pages.step_submission import stated
from api.pages.steps.differences import Differences, FieldDifference
from api.pages.views.oversight.conflict import Did, Overtaken
from api.pages.views.oversight.emitters import RESCUING, EmitterView, show
from api.pages.views.oversight.refusals import told_of
from api.people import Visitor
from api.services import Services, ServicesDep
from api.wire.emitters import EmitterBody
from ledger.emitters.emitter import State
from ledger.errors import Defect, LedgerError, MalformedError
from ledger.format.events import EmitterRegistered
from ledger.service import Ledger

router = APIRouter(route_class=PageRoute)

# As `PUT /v1/emitters/{emitter}`; replies rest on who is registered until when, so a fresh proof.
Operator = Annotated[Visitor, Depends(signed("admin:config", proved=True, rescue=RESCUING.keep))]

_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


class _OvertakenError(Exception):
    """Somebody described the emitter after the form was made.

    Attributes:
        state: as it stands; `did` who did what since.
    """

    def __init__(self, state: State, did: tuple[Did, ...]) -> None:
        super().__init__("overtaken")
        self.state, self.did = state, did


@router.post(EMITTERS.address)
async def register(request: Request, visitor: Operator, services: ServicesDep) -> Response:
    """Describe an emitter; the newest description counts, and the old ones stay on record."""
    form, actor = await form_of(request), visitor.caller.actor
    typed = registration.read(form)

    async def act(command: UUID) -> None:
        found = dict(typed.defects)
        try:
            body = stated(EmitterBody, typed.body)
        except MalformedError as error:
            raise MalformedError(error.defects) from None
        if found:
            raise MalformedError(())
        await _carried_out(body, command, typed, form, actor, services)

    asked = EmitterView(emitter=typed.emitter, form=form)
    try:
        await once(request, services, actor, act)
    except MalformedError as error:
        asked = _again(error, typed, form, asked)
    except LedgerError as error:
        status, told = told_of(error)
        asked = replace(asked, status=status, told=told)
    else:
        return go(f"{EMITTERS.address}?done=registered")
    return await show(request, visitor, services, asked)


async def _carried_out(
    body: EmitterBody,
    command: UUID,
    typed: RegistrationForm,
    form: Form,
    actor: str,
    services: Services,
) -> None:
    """Register, unless somebody described the emitter after the form was made.

    Raises:
        MalformedError: it is not taken, or known where a new one was meant; caused by
            `_OvertakenError` where somebody described the same one first.
    """

    def registered(ledger: Ledger, at: datetime) -> None:
        stands = ledger.emitter(typed.emitter)
        if stands is not None and not form.text(STOOD):
            raise MalformedError((Defect("/emitter", KNOWN, "the emitter is registered"),))
        if stands is not None and mark(stands) != form.text(STOOD):
            overtaken = _OvertakenError(stands, _since(ledger, stands, form.text(STOOD), actor))
            raise MalformedError(()) from overtaken
        ledger.register_emitter(body.command(command, actor, typed.emitter), at)

    await services.run(registered)


def _since(ledger: Ledger, stands: State, stood: str, actor: str) -> tuple[Did, ...]:
    """Who described the emitter after the registration that the form was made of."""
    facts = ledger.streams.facts([stands.stream], None).get(stands.stream, [])
    return tuple(
        Did(one.at, "送信元の登録", one.actor, one.actor == actor)
        for one in facts
        if isinstance(one.event, EmitterRegistered) and one.at.isoformat() > stood
    )


def _again(
    error: MalformedError, typed: RegistrationForm, form: Form, asked: EmitterView
) -> EmitterView:
    cause = error.__cause__
    if not isinstance(cause, _OvertakenError):
        found = {**by_field(error.defects, form), **typed.defects}
        return replace(asked, status=_UNPROCESSABLE, defects=in_order(found))
    rows = tuple(FieldDifference(*one) for one in differences(cause.state.registration, typed))
    differing = Differences(rows, is_sendable=True, is_replaced=True)
    # Sent again, the form is one of what stands now.
    newer = Form({**form.fields, STOOD: (mark(cause.state),)})
    overtaken = Overtaken(cause.did, differing)
    return replace(asked, status=_CONFLICT, form=newer, overtaken=overtaken)
