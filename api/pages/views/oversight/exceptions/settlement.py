"""対応を記録: what was done about the findings of one record, as at the door of the API."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.pages.forms import form_of
from api.pages.guard import signed
from api.pages.navigation import EXCEPTIONS
from api.pages.oversight.exceptions import settlement_conflict as settled_kept
from api.pages.oversight.exceptions import words
from api.pages.oversight.exceptions.field_errors import of_reason
from api.pages.oversight.exceptions.form_changes import takes_changes
from api.pages.oversight.exceptions.ways import Way
from api.pages.route import EvenPageRoute
from api.pages.step_submission import stated
from api.pages.views.oversight.exceptions.form_conflict import FIRST, TransferFormView
from api.pages.views.oversight.exceptions.transfer_view import (
    EMPTY,
    ONE,
    RESCUING,
    TransferFormError,
    answered,
    show,
    standing_of,
    version_of,
)
from api.people import Visitor
from api.services import ServicesDep
from api.wire.settlement import SettlementBody, settled
from ledger.commands import SettleFindings
from ledger.errors import MalformedError, StreamMovedError
from ledger.transfers.settlement import ACTIONS, FindingsDifferError, NothingToSettleError
from ledger.transfers.transfer import State

router = APIRouter(route_class=EvenPageRoute)

# As `POST /v1/transfers/{transfer}/findings/settled`.
Officer = Annotated[Visitor, Depends(signed(*EXCEPTIONS.scopes, rescue=RESCUING.keep))]

_ADDRESS: Final = f"{ONE}/{Way.SETTLE.value}"
assert set(words.ACTIONS) == set(ACTIONS), "every action has words"


def _filled(state: State) -> dict[str, Any]:
    """The findings are named in the form, so that nobody settles what they have not seen."""
    return {"codes": state.findings, "actions": words.ACTIONS}


def _is_open(state: State) -> bool:
    return takes_changes(state) and bool(state.findings)


SETTLING: Final = TransferFormView(
    Way.SETTLE, "settled", lambda _: EMPTY, _filled, settled_kept.kept, _is_open
)


@router.get(_ADDRESS)
async def get_settlement(
    transfer: UUID, request: Request, visitor: Officer, services: ServicesDep
) -> Response:
    """What stands, and what was done about it."""
    return await show(request, visitor, services, transfer, SETTLING, FIRST)


@router.post(_ADDRESS)
async def settle(
    transfer: UUID, request: Request, visitor: Officer, services: ServicesDep
) -> Response:
    """Put on record what was done about the findings that the form shows."""
    form, caller, version = await form_of(request), visitor.caller, await version_of(request)

    async def act(command: UUID) -> None:
        state = await standing_of(transfer, visitor, services)
        codes = form.texts("code")
        if not state.findings:
            raise NothingToSettleError
        if set(codes) != set(state.findings):
            raise FindingsDifferError
        # The same code may stand for another person by now.
        if version != state.version:
            raise StreamMovedError(transfer)
        action, reason = form.text("action"), form.text("reason")
        defects = {} if action in ACTIONS else {"action": words.CHOOSE}
        body = {"codes": list(codes), "action": action or ACTIONS[0], "reason": reason}
        try:
            stating = stated(SettlementBody, body)
        except MalformedError as error:
            if any(one.pointer == "/reason" for one in error.defects):
                defects["reason"] = of_reason(reason)
            raise TransferFormError(defects) from None
        if defects:
            raise TransferFormError(defects)
        change = SettleFindings(
            command, caller.actor, transfer, tuple(codes), stating.action, stating.reason
        )
        await settled(change, caller, services, seen=version)

    return await answered(request, visitor, services, transfer, SETTLING, act)
