"""Settling findings: what was done about them. The verdict stays, and so does every history."""

from typing import Final

from ledger.commands import SettleFindings
from ledger.errors import Defect, LedgerError, MalformedError
from ledger.format.events import TransferFindingsSettled
from ledger.transfers.correction import check_correctable
from ledger.transfers.transfer import State

ACTIONS: Final = ("stopped", "reported", "obtained", "accepted")
"""The provision was stopped; it was reported to the regulator or told to the persons; what was
missing was obtained later (consent, contract, notice); no further step."""


class FindingsDifferError(LedgerError):
    """Other findings stand than those that were seen: nobody settles what they have not seen."""

    code = "FINDINGS_DIFFER"


class NothingToSettleError(LedgerError):
    """No finding stands, of the transfer or of one of its persons."""

    code = "NOTHING_TO_SETTLE"


def settle(command: SettleFindings, state: State | None) -> TransferFindingsSettled:
    """Return the event that says what was done about the findings that stand.

    What was settled before may be settled again: a provision is stopped first and reported later.

    Raises:
        NotFoundError, AlreadyRetractedError, ExpiredError: the record does not stand.
        MalformedError: no such action.
        NothingToSettleError: no finding stands.
        FindingsDifferError: the command names others than those that stand.
    """
    state, _ = check_correctable(state)
    if command.action not in ACTIONS:
        detail = f"give one of {', '.join(ACTIONS)}"
        raise MalformedError((Defect("/action", "SCHEMA", detail),))
    if not state.findings:
        raise NothingToSettleError
    if set(command.codes) != set(state.findings):
        raise FindingsDifferError
    return TransferFindingsSettled(state.findings, command.action, command.reason)
