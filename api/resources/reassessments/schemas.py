"""Reassessments, for the API and for the page: the body, and whether the cause is one."""

from datetime import datetime
from typing import Final
from uuid import UUID

from api.auth import Caller
from api.resources.transfers.correction_schemas import check_known
from api.web.bodies import Model, Position, Written
from api.web.items import MARKING
from api.web.services import Services
from ledger.service import Ledger

LIST: Final = "reassessments"
"""The list that a cursor belongs to."""


class ReassessmentRequest(Model):
    """Let the transfer be judged anew because of the late event at `cause_position`.

    Without it, or with null: because the reading of the law is another one now.
    """

    cause_position: Position | None = None
    reason: Written


async def check_late(
    transfer: UUID, cause_position: int | None, caller: Caller, services: Services
) -> None:
    """Refuse what the work list would not name, or has not named, for this transfer.

    Raises:
        NotFoundError: the caller may not know of the transfer.
        MalformedError: at that position there is no late event that touches it, or its verdict was
            given under the reading that counts now.
    """

    def checked(ledger: Ledger, _: datetime) -> None:
        check_known(ledger, caller, transfer)
        includes_hidden = caller.may(MARKING)
        services.reassessing.check_cause(transfer, cause_position, includes_hidden=includes_hidden)

    await services.run(checked)
