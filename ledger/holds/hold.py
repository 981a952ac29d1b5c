"""Holds: records that must not be destroyed while a suit or an inquiry lasts. One stream a hold.

A hold names a transfer, or persons: their identifiers and those linked to them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from ledger.commands import PlaceHold, ReleaseHold
from ledger.errors import (
    AlreadyActiveError,
    Defect,
    DoesNotStandError,
    MalformedError,
    NotFoundError,
)
from ledger.format.events import ExpiredEvent, Fact, HoldEvent, HoldPlaced, HoldReleased
from ledger.values import PrincipalRef

TOPICS = (HoldPlaced.TYPE, HoldReleased.TYPE)


@dataclass(frozen=True, slots=True)
class State:
    """One hold.

    Attributes:
        hold: its stream; whoever releases it names it.
        position: where it was placed.
        placed: what is held, and why.
        released_at: None while it stands.
    """

    hold: UUID
    position: int
    placed: HoldPlaced
    placed_at: datetime
    released_at: datetime | None = None
    version: int = 1

    @property
    def is_active(self) -> bool:
        """Whether it keeps anything from being destroyed."""
        return self.released_at is None

    @property
    def transfer(self) -> UUID | None:
        """The transfer that is held; None when persons are."""
        return self.placed.transfer

    @property
    def principals(self) -> tuple[PrincipalRef, ...]:
        """Identifiers of the persons whose records are held; those linked to them are held too."""
        return self.placed.principals


def evolve(state: State | None, fact: Fact[HoldEvent | ExpiredEvent]) -> State | None:
    """The state after `fact`; a hold whose first event has expired is unknown."""
    event = fact.event
    match event:
        case HoldPlaced():
            return State(fact.stream, fact.position, event, fact.at)
        case HoldReleased():
            return _released(state, fact)
        case ExpiredEvent():
            # The reason is gone with the key; that it was released stands in the header.
            return _released(state, fact) if event.type == HoldReleased.TYPE else state
        case _:
            assert_never(event)


def _released(state: State | None, fact: Fact[HoldEvent | ExpiredEvent]) -> State | None:
    if state is None:
        return None
    return replace(state, released_at=fact.at, version=fact.version)


def fold(state: State | None, facts: Iterable[Fact[HoldEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def place(command: PlaceHold, holds: Iterable[State]) -> HoldPlaced:
    """Return the event of the hold.

    Args:
        holds: all that are known. Several may hold the same records, each for its own reason.

    Raises:
        MalformedError: it names neither a transfer nor persons, or both.
        AlreadyActiveError: the same hold, for the same reason, stands already.
    """
    event = command.placed
    if event.transfer is None and not event.principals:
        detail = "name a transfer, or principals"
        raise MalformedError((Defect("/transfer", "HOLD_NAMES_NOTHING", detail),))
    if event.transfer is not None and event.principals:
        detail = "name a transfer or principals, not both: place two holds"
        raise MalformedError((Defect("/principals", "HOLD_NAMES_BOTH", detail),))
    if any(state.is_active and state.placed == event for state in holds):
        raise AlreadyActiveError
    return event


def release(command: ReleaseHold, state: State | None) -> HoldReleased:
    """Return the event that ends the hold.

    Raises:
        NotFoundError: there is no such hold.
        DoesNotStandError: it is released already.
    """
    if state is None:
        raise NotFoundError
    if not state.is_active:
        raise DoesNotStandError
    return HoldReleased(command.reason)
