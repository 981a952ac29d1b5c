"""Corrections: their bodies, and carrying them out, for every endpoint and page that makes one."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.auth import Caller
from api.web.bodies import EventReceipt, Model, Written, receipt_of
from api.web.items import MARKING
from api.web.services import Services
from ledger.commands import CorrectTransfer, ReclassifyTransfer, RetractTransfer
from ledger.errors import Defect, MalformedError
from ledger.service import CommandReceipt, Ledger
from ledger.transfers.transfer import State

# The values are checked by the contract of a transfer, after they are laid over what stands.
Changes = Annotated[
    dict[Annotated[str, Field(max_length=64)], object],
    Field(description="member of the transfer → right value; null takes an optional one away"),
]


class Correction(Model):
    """Members of the transfer that were wrong, with their right values (訂正)."""

    changes: Annotated[Changes, Field(min_length=1, max_length=40)]
    reason: Written


class Reclassification(Model):
    """The transfer rests on another basis than was stated."""

    basis: Annotated[str, Field(min_length=1, max_length=64, examples=["none"])]
    changes: Annotated[Changes, Field(max_length=40)] = Field(default_factory=dict)
    reason: Written


class Retraction(Model):
    """The record should not stand."""

    reason: Literal["not_occurred", "duplicate", "other_person"]
    note: Written | None = None


def check_known(ledger: Ledger, caller: Caller, transfer: UUID) -> None:
    """A transfer hidden under Order 11 is unknown to whoever may not exclude records."""
    if not caller.may(MARKING):
        ledger.check_unmarked(transfer)


def sight_of(ledger: Ledger, caller: Caller) -> Callable[[State], State | None]:
    """Gives a transfer as who corrects records may know of it (Order 11); None: not at all.

    Without the lines that are hidden; see `Streams.shown`. Whether one whose content is gone was
    marked, nobody knows any more: so all of them are unknown to whoever may not exclude records.
    """
    shown = ledger.streams.visibility()

    def visible_part(state: State) -> State | None:
        if caller.may(MARKING):
            return state
        return None if state.entry is None else shown(state)

    return visible_part


async def corrected(
    command: CorrectTransfer | ReclassifyTransfer,
    caller: Caller,
    services: Services,
    *,
    seen: int | None = None,
) -> EventReceipt:
    """Carry out a correction or reclassification; defects point into the caller's own body.

    Args:
        seen: the version of the transfer that the changes were made of; None: any.
    """

    def carried_out(ledger: Ledger, at: datetime) -> CommandReceipt:
        check_known(ledger, caller, command.transfer)
        return ledger.correct(command, at, includes_hidden=caller.may(MARKING), seen=seen)

    try:
        return receipt_of(await services.run(carried_out))
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


async def retracted(
    command: RetractTransfer, caller: Caller, services: Services, *, seen: int | None = None
) -> EventReceipt:
    """Carry out a retraction.

    Args:
        seen: the version of the transfer that was looked at; None: any.
    """

    def carried_out(ledger: Ledger, at: datetime) -> CommandReceipt:
        check_known(ledger, caller, command.transfer)
        return ledger.retract(command, at, includes_hidden=caller.may(MARKING), seen=seen)

    return receipt_of(await services.run(carried_out))
