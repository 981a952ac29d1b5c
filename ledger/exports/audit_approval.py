"""Audit bags: one person asks for one, another approves it, then it is made once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from ledger.commands import ApproveAuditBag, ProduceAuditBag, RequestAuditBag
from ledger.errors import (
    AlreadyActiveError,
    DoesNotStandError,
    NotFoundError,
    SeparationOfDutiesError,
)
from ledger.format.events import (
    AuditBagApproved,
    AuditBagProduced,
    AuditBagRequested,
    Event,
    ExpiredEvent,
    ExportProduced,
    Fact,
)

DUTY: Final = "audit-bag"
"""The step of which the database knows the two persons."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who did what.

    Attributes:
        actor: an opaque id.
    """

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """An audit bag.

    Attributes:
        bag: its stream, and its id.
        approved: None: nobody approved it yet.
        produced_at: position of the event that says that it was made; None: it was not.
    """

    bag: UUID
    reason: str
    requested: Approval
    approved: Approval | None = None
    produced_at: int | None = None
    version: int = 1


def evolve(state: State | None, fact: Fact[Event | ExpiredEvent]) -> State | None:
    """The state after `fact`; a bag whose request is destroyed is unknown."""
    match fact.event:
        case AuditBagRequested():
            requested = Approval(fact.actor, fact.at)
            return State(fact.stream, fact.event.reason, requested)
        case AuditBagApproved() if state is not None:
            return replace(state, approved=Approval(fact.actor, fact.at), version=fact.version)
        case AuditBagProduced() if state is not None:
            return replace(state, produced_at=fact.position, version=fact.version)
        case _:
            return state


def fold(facts: Iterable[Fact[Event | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    state = None
    for fact in facts:
        state = evolve(state, fact)
    return state


def request(command: RequestAuditBag) -> AuditBagRequested:
    """Return the event of the request."""
    return AuditBagRequested(command.reason)


def approve(command: ApproveAuditBag, state: State | None) -> AuditBagApproved:
    """Return the event of the approval.

    Raises:
        NotFoundError: nobody asked for it.
        AlreadyActiveError: it is approved.
        SeparationOfDutiesError: who asked for it may not.
    """
    if state is None:
        raise NotFoundError
    if state.approved is not None:
        raise AlreadyActiveError
    if state.requested.actor in command.earlier | {command.actor}:
        raise SeparationOfDutiesError
    return AuditBagApproved()


def check_approved(state: State | None) -> State:
    """The state, if the bag may be made now.

    Raises:
        NotFoundError: nobody asked for it.
        DoesNotStandError: nobody approved it, or it was made.
    """
    if state is None:
        raise NotFoundError
    if state.approved is None or state.produced_at is not None:
        raise DoesNotStandError
    return state


def produce(
    command: ProduceAuditBag, state: State | None
) -> tuple[AuditBagProduced, ExportProduced]:
    """Return the events of a bag that was made: its own, and the one among all exports.

    Raises:
        NotFoundError, DoesNotStandError: see `check_approved`.
    """
    reason = check_approved(state).reason
    export = ExportProduced(
        command.as_of,
        {},
        identified=True,
        whole=True,
        records=command.records,
        digest=command.digest,
        reason=reason,
    )
    return AuditBagProduced(command.as_of, command.digest), export
