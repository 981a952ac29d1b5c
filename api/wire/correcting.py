"""A correction carried out for whoever asks, on behalf of every endpoint that makes one."""

from datetime import datetime
from uuid import UUID

from api.auth import Caller
from api.services import Services
from api.wire.bodies import Standing, standing
from api.wire.items import MARKING
from ledger.application import Ledger, Receipt
from ledger.commands import CorrectTransfer, ReclassifyTransfer
from ledger.errors import Defect, MalformedError


def check_known(ledger: Ledger, caller: Caller, transfer: UUID) -> None:
    """A transfer hidden under Order 11 is unknown to whoever may not exclude records."""
    if not caller.may(MARKING):
        ledger.check_unmarked(transfer)


async def corrected(
    command: CorrectTransfer | ReclassifyTransfer, caller: Caller, inside: Services
) -> Standing:
    """Carry out a correction or reclassification; defects point into the caller's own body."""

    def carried_out(ledger: Ledger, at: datetime) -> Receipt:
        check_known(ledger, caller, command.transfer)
        return ledger.correct(command, at, sees_all=caller.may(MARKING))

    try:
        return standing(await inside.run(carried_out))
    except MalformedError as error:
        # The contract speaks of the transfer as it would be; the client looks into its own body.
        own = "/basis" if isinstance(command, ReclassifyTransfer) else None
        raise MalformedError(
            tuple(
                Defect(place if place == own else f"/changes{place}", defect.code, defect.detail)
                for defect in error.defects
                for place in (defect.pointer,)
            )
        ) from None
