"""One transfer, looked at by an officer: why, under which case, and that it is put on record.

The same for the endpoint of the API (`GET /v1/transfers/{transfer}`) and the pages.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from api.auth import Caller
from api.resources.transfers.correction_schemas import sight_of
from api.resources.transfers.schemas import transfer_facts
from api.web.items import random_command
from ledger.accesses.access import REASONS, REQUEST, TRANSFER
from ledger.commands import ViewDocument
from ledger.errors import Defect, MalformedError
from ledger.format.events import ExpiredEvent, Fact, TransferEvent
from ledger.policies.my_number import my_number_defects
from ledger.service import Ledger
from ledger.transfers.transfer import State

CASE_NUMBER: Final = r"^[0-9]{4}-[0-9]{6,18}$"
"""How the number of a case is written."""


def is_case_number(text: str) -> bool:
    """Whether the text is written as the number of a case."""
    return re.fullmatch(CASE_NUMBER.strip("^$"), text, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class AccessReason:
    """Why somebody looks.

    Attributes:
        reason: a code of `ledger.accesses.access`.
        case: the case that it is looked at for; None: for none.
        given: the number of a case as it was given, where no case is known by it.
    """

    reason: str
    case: UUID | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer as it stands; that somebody looked at it is on record.

    Attributes:
        state: its entry and its record live.
        facts: what happened to it, oldest first.
    """

    transfer: UUID
    state: State
    facts: list[Fact[TransferEvent | ExpiredEvent]]


def named_case(
    ledger: Ledger, caller: Caller, reason: str | None, number: str | None
) -> UUID | None:
    """The case that an officer names beside the reason of a look.

    None also when there is no such case: only who may read cases is told so.

    Raises:
        MalformedError: no reason; no case, of a request; or, where it may know, one that there is
            not. The pointers are `/query/reason` and `/query/case`.
    """
    found = None if number is None else ledger.case_numbered(number)
    defects: list[Defect] = [*my_number_defects(number or "", "/query/case")]
    if reason is None:
        codes = ", ".join(REASONS)
        defects.append(Defect("/query/reason", "SCHEMA", f"say why, one of {codes}"))
    if reason == REQUEST and number is None:
        defects.append(Defect("/query/case", "SCHEMA", "name the case of the request"))
    if number is not None and found is None and caller.may("cases:read"):
        defects.append(Defect("/query/case", "CASE_UNKNOWN", "there is no such case"))
    if defects:
        raise MalformedError(tuple(defects))
    return found


def build_access(actor: str, transfer: UUID, why: AccessReason) -> ViewDocument:
    """That the actor looked at the transfer, and why."""
    return ViewDocument(
        random_command(),
        actor,
        why.case,
        TRANSFER,
        reason=why.reason,
        transfer=transfer,
        case_given=why.given,
    )


def view_transfer(
    ledger: Ledger, caller: Caller, transfer: UUID, why: AccessReason, at: datetime
) -> TransferView:
    """The transfer, for who corrects records; the look is on record before it is shown.

    Raises:
        NotFoundError: there is none, or the caller may not know of it: one answer for both.
        ExpiredError: its content is gone.
    """
    state, facts = transfer_facts(ledger.streams, transfer, sight_of(ledger, caller))
    ledger.view(build_access(caller.actor, transfer, why), at)
    return TransferView(transfer, state, facts)
