"""訂正, 根拠の変更, 取消し: the forms of one record, carried out as at the endpoints of the API."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import contract
from api.resources.histories.page_parts import RETRACTED
from api.resources.registers.fields import FIELDS
from api.resources.transfers.correction_schemas import (
    Correction,
    Reclassification,
    Retraction,
    corrected,
    retracted,
)
from api.resources.transfers.forms import form_changes, members, words
from api.resources.transfers.forms.advice import ADVICE
from api.resources.transfers.forms.field_errors import by_field
from api.resources.transfers.forms.form_values import read
from api.resources.transfers.forms.ways import Way
from api.resources.transfers.pages.transfer_view import (
    EMPTY,
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
from api.web.pages.form_values import AnyBody
from api.web.pages.forms import Form, FormError
from api.web.pages.guard import Visit, signed
from api.web.pages.navigation import EXCEPTIONS
from api.web.pages.route import EvenPageRoute
from api.web.services import Services
from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.errors import Defect, MalformedError
from ledger.policies.wellformedness import with_short_texts
from ledger.transfers.correction import changed_data
from ledger.transfers.transfer import State
from ledger.values import Json

router = APIRouter(route_class=EvenPageRoute)

# As `POST /v1/transfers/{transfer}/corrections`, `…/reclassifications` and `…/retraction`.
Officer = Annotated[Visit, Depends(signed(*EXCEPTIONS.scopes, rescue=RESCUING.keep))]

_CORRECTION: Final = f"{ONE}/{Way.CORRECT.value}"
_BASIS: Final = f"{ONE}/{Way.RECLASSIFY.value}"
_RETRACTION: Final = f"{ONE}/{Way.RETRACT.value}"


def _current_form(state: State) -> Form:
    return members.form_of(_data(state))


def _data(state: State) -> Mapping[str, Json]:
    assert state.record is not None, "what is shown lives"
    return state.record.data


def _fields(state: State) -> dict[str, Any]:
    """What the fields of a record are made of; `advised`: those that its findings name."""
    advised = {name for code in state.findings for name in ADVICE[code].fields}
    return {
        "members": members,
        "member_fields": FIELDS,
        "data": _data(state),
        "advised": advised,
    }


CORRECTING: Final = TransferFormView(
    Way.CORRECT, "corrected", _current_form, _fields, form_changes.of_members
)
RECLASSIFYING: Final = TransferFormView(
    Way.RECLASSIFY, "reclassified", _current_form, _fields, form_changes.of_members
)
RETRACTING: Final = TransferFormView(
    Way.RETRACT, "retracted", lambda _: EMPTY, lambda _: {"retractions": RETRACTED}
)


@router.get(_CORRECTION)
async def get_correction(transfer: UUID, visit: Officer) -> Response:
    """The record's members with what stands in them."""
    return await show(visit, transfer, CORRECTING, FIRST)


@router.post(_CORRECTION)
async def correct(transfer: UUID, visit: Officer) -> Response:
    """Correct what was typed anew; the old fact stays readable at its position."""
    form, caller, version = await visit.form(), visit.caller, await version_of(visit.request)

    async def act(command: UUID) -> None:
        state = await read_state_at(transfer, visit, version)
        changes, defects = _changes(form, state)
        if not changes and not defects:
            defects = {members.CHANGES: words.NO_CHANGE}
        found = {**_check_changes(state, changes, visit.services), **defects}
        body = _validate_body(Correction, {"changes": changes}, form, found)
        change = CorrectTransfer(
            command, caller.actor, transfer, cast("Mapping[str, Json]", body.changes), body.reason
        )
        await _carried_out(change, state, visit)

    return await answered(visit, transfer, CORRECTING, act)


@router.get(_BASIS)
async def get_basis(transfer: UUID, visit: Officer) -> Response:
    """The basis, and the members that another one may need."""
    return await show(visit, transfer, RECLASSIFYING, FIRST)


@router.post(_BASIS)
async def reclassify(transfer: UUID, visit: Officer) -> Response:
    """State that the record rests on another basis; it is judged anew."""
    form, caller, version = await visit.form(), visit.caller, await version_of(visit.request)

    async def act(command: UUID) -> None:
        state = await read_state_at(transfer, visit, version)
        changes, defects = _changes(form, state)
        basis = form.text(members.BASIS)
        if basis not in FIELDS[members.BASIS].choices:
            defects = {members.BASIS: words.CHOOSE, **defects}
        elif basis == _data(state).get(members.BASIS):
            defects = {members.BASIS: words.SAME_BASIS, **defects}
        found = {
            **_check_changes(state, {**changes, members.BASIS: basis}, visit.services),
            **defects,
        }
        body = _validate_body(Reclassification, {"basis": basis, "changes": changes}, form, found)
        whole = cast("Mapping[str, Json]", {**body.changes, members.BASIS: body.basis})
        change = ReclassifyTransfer(command, caller.actor, transfer, whole, body.reason)
        await _carried_out(change, state, visit)

    return await answered(visit, transfer, RECLASSIFYING, act)


@router.get(_RETRACTION)
async def get_retraction(transfer: UUID, visit: Officer) -> Response:
    """Why the record should not stand."""
    return await show(visit, transfer, RETRACTING, FIRST)


@router.post(_RETRACTION)
async def retract(transfer: UUID, visit: Officer) -> Response:
    """Retract a record that should not stand; it stays readable at its position."""
    form, caller, version = await visit.form(), visit.caller, await version_of(visit.request)

    async def act(command: UUID) -> None:
        await read_state_at(transfer, visit, version)
        defects: dict[str, str] = {}
        why, note = form.text("retraction"), form.text("reason")
        if why not in RETRACTED:
            defects["retraction"] = words.CHOOSE
        if not form.has("confirmed"):
            defects["confirmed"] = words.CONFIRM
        # On the page a note is asked for always: who reads the record later wants to know.
        body = {"reason": why or "duplicate", "note": note}
        labels = members.FIELD_LABELS
        made = validate_form(form, Retraction, body, defects, labels, reason_at="/note")
        change = RetractTransfer(command, caller.actor, transfer, made.reason, made.note)
        await retracted(change, caller, visit.services, seen=version)

    return await answered(visit, transfer, RETRACTING, act)


def _changes(form: Form, state: State) -> tuple[dict[str, Json], dict[str, str]]:
    """What was typed anew, and what of it cannot be read."""
    typed = read(form, _data(state))
    return {**typed.changes}, {**typed.defects}


def _check_changes(state: State, changes: Mapping[str, Json], services: Services) -> dict[str, str]:
    """What the contract would say of the record as it would be, so that all is told at once.

    Raises:
        AlreadyRetractedError, ExpiredError: the record takes no change.
    """
    before, after = changed_data(state, {}), changed_data(state, changes)
    shortened = with_short_texts(before, after, changes)
    return by_field(contract.defects(shortened, day_in_japan(services.now())), after)


def _validate_body(
    model: type[AnyBody], body: Mapping[str, object], form: Form, defects: Mapping[str, str]
) -> AnyBody:
    """The body of the endpoint with the reason of the form.

    Raises:
        FormError: it does not fit, or there were defects before; in the order of the page.
    """
    # That nothing is left to change is said already, by what cannot be read.
    is_empty = bool(defects) and not body["changes"]

    def describe(found: Iterable[Defect]) -> dict[str, str]:
        other_defects = [one for one in found if not (is_empty and one.pointer == "/changes")]
        return by_field(other_defects, {})

    whole = {**body, "reason": form.text("reason")}
    return validate_form(form, model, whole, defects, members.FIELD_LABELS, by_field=describe)


async def _carried_out(
    change: CorrectTransfer | ReclassifyTransfer, state: State, visit: Visit
) -> None:
    """Carry a change out of what was seen.

    Raises:
        FormError: the contract does not take the record as it would be; each field is named.
    """
    try:
        await corrected(change, visit.caller, visit.services, seen=state.version)
    except MalformedError as error:
        after = {**_data(state), **change.changes}
        raise FormError(by_field(error.defects, after)) from None
