"""Settling findings: its body, and carrying it out, for the endpoint and the page that do."""

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from api.auth import Caller
from api.resources.transfers.correction_schemas import check_known
from api.web.bodies import POSITION_MAX, EventReceipt, Model, Written, receipt_of
from api.web.items import MARKING
from api.web.services import Services
from ledger.commands import SettleFindings
from ledger.law.findings import FINDINGS
from ledger.service import CommandReceipt, Ledger
from ledger.transfers.settlement import ACTIONS

_ACTION = Literal["stopped", "reported", "obtained", "accepted"]
assert get_args(_ACTION) == ACTIONS, "every action can be said"
_CODES_MAX: Final = len(FINDINGS)

_Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", examples=["CONSENT_NOT_OBTAINED"])]


class SettlementBody(Model):
    """What was done about the findings of a transfer (対応)."""

    codes: Annotated[
        list[_Code],
        Field(
            min_length=1,
            max_length=_CODES_MAX,
            description="all findings that stand, of the transfer and of its persons",
        ),
    ]
    action: Annotated[
        _ACTION,
        Field(
            description="`stopped` the provision was stopped; `reported` it was reported to the"
            " regulator or told to the persons; `obtained` what was missing was obtained later"
            " (consent, contract, notice); `accepted` no further step, for the reason given"
        ),
    ]
    reason: Written
    version: Annotated[
        int | None,
        Field(
            ge=1,
            le=POSITION_MAX,
            description="the version of the transfer that was looked at, the newest of its"
            " `events`: what came since, also the same finding for another person, is refused"
            " (409); without it the codes alone are compared",
            examples=[2],
        ),
    ] = None


async def settled(
    command: SettleFindings, caller: Caller, services: Services, *, seen: int | None
) -> EventReceipt:
    """Put on record what was done; a transfer hidden under Order 11 is unknown, as it is there.

    Args:
        seen: the version of the transfer that was looked at; None: any.
    """

    def carried_out(ledger: Ledger, at: datetime) -> CommandReceipt:
        check_known(ledger, caller, command.transfer)
        return ledger.settle(command, at, includes_hidden=caller.may(MARKING), seen=seen)

    return receipt_of(await services.run(carried_out))
