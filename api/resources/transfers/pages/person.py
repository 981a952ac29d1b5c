"""本人の訂正: who a record is about; its persons are shown, and the look is put on record."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.contract import PERSONS_MAX
from api.resources.transfers.correction_schemas import Correction, corrected
from api.resources.transfers.forms import finding_view, persons
from api.resources.transfers.forms.form_changes import takes_changes
from api.resources.transfers.forms.ways import Way
from api.resources.transfers.pages.transfer_view import (
    ONE,
    RESCUING,
    TransferFormView,
    answered,
    read_state_at,
    show,
    validate_form,
    version_of,
)
from api.web.pages.form_result import FIRST
from api.web.pages.form_values import in_order
from api.web.pages.forms import FormError
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.route import EvenPageRoute
from ledger.commands import CorrectTransfer
from ledger.errors import MalformedError
from ledger.transfers.transfer import State
from ledger.transfers.whole_transfer import transfer_data
from ledger.values import Json

router = APIRouter(route_class=EvenPageRoute)

# As `POST /v1/transfers/{transfer}/corrections`; persons are shown on a fresh proof of who looks.
Proved = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes, proved=True, rescue=RESCUING.keep))]

_ADDRESS: Final = f"{ONE}/{Way.PERSON.value}"


def _filled(state: State) -> dict[str, Any]:
    is_too_many = state.persons > PERSONS_MAX
    return {
        "is_too_many": is_too_many,
        "everybody": [] if is_too_many else finding_view.everybody(state),
        "doings": persons.DOINGS,
        "labels": persons.LABELS,
        "chosen_before": persons.CHOSEN,
    }


def _is_open(state: State) -> bool:
    return takes_changes(state) and state.persons <= PERSONS_MAX


CORRECTING: Final = TransferFormView(
    Way.PERSON, "person", lambda _: persons.FIRST, _filled, persons.merge_form, _is_open
)


@router.get(_ADDRESS)
async def get_person(transfer: UUID, visit: Proved) -> Response:
    """The persons, their names masked, and the form that corrects one of them."""
    return await show(visit, transfer, CORRECTING, FIRST)


@router.post(_ADDRESS)
async def correct(transfer: UUID, visit: Proved) -> Response:
    """Correct one person of the record; who it was about stays readable at its position."""
    form, caller, version = await visit.form(), visit.caller, await version_of(visit.request)

    async def act(command: UUID) -> None:
        state = await read_state_at(transfer, visit, version)
        correction = persons.read(form, _principals(state))
        changed = {"principals": correction.principals}
        body = {"changes": changed, "reason": form.text("reason")}
        fields = partial(persons.by_field, correction=correction)
        labels = persons.LABELS
        stating = validate_form(form, Correction, body, correction.defects, labels, by_field=fields)
        changes = cast("Mapping[str, Json]", stating.changes)
        change = CorrectTransfer(command, caller.actor, transfer, changes, stating.reason)
        try:
            await corrected(change, caller, visit.services, seen=version)
        except MalformedError as error:
            raise FormError(in_order(fields(error.defects), labels)) from None

    return await answered(visit, transfer, CORRECTING, act)


def _principals(state: State) -> dict[int, Json]:
    """Number of the line, from 1 → the person, ascending."""
    stated = cast("list[Json]", transfer_data(state).get("principals", []))
    return dict(zip((number + 1 for number in sorted(state.lines)), stated, strict=True))
