"""Directives of one principal: stops, their lifting, and a new name.

A stop applies from its day, inclusive, to any transfer with that principal (and that counterparty,
if it names one), until it is lifted (Act Art. 27(2)(vi), 35(3)(5); withdrawal of consent).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from ledger.commands import LiftDirective, ReceiveDirective, RenamePrincipal
from ledger.errors import AlreadyActiveError, DoesNotStandError
from ledger.format.events import (
    DirectiveEvent,
    DirectiveLifted,
    DirectiveReceived,
    ExpiredEvent,
    Fact,
    PrincipalRenamed,
)
from ledger.policies.context import ActiveStop


@dataclass(frozen=True, slots=True)
class ReceivedStop:
    """A stop as it was received, and the day from which it no longer applies."""

    stop: ActiveStop
    position: int
    lifted_on: date | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything one principal directed, oldest first; names with the position of the change."""

    stops: tuple[ReceivedStop, ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    version: int = 0


def evolve(state: State | None, fact: Fact[DirectiveEvent | ExpiredEvent]) -> State:
    """The state after `fact`."""
    state = replace(state or State(), version=fact.version)
    event = fact.event
    match event:
        case DirectiveReceived():
            stop = ActiveStop(event.kind, event.day, event.counterparty_party_id)
            return replace(state, stops=(*state.stops, ReceivedStop(stop, fact.position)))
        case DirectiveLifted():
            return replace(
                state,
                stops=tuple(
                    replace(received, lifted_on=event.day)
                    if received.lifted_on is None and _is_meant(received.stop, event)
                    else received
                    for received in state.stops
                ),
            )
        case PrincipalRenamed():
            return replace(state, names=(*state.names, (fact.position, event.name)))
        case ExpiredEvent():
            return state
        case _:
            assert_never(event)


def _is_meant(stop: ActiveStop, event: DirectiveLifted | LiftDirective) -> bool:
    return (stop.kind, stop.counterparty_party_id) == (event.kind, event.counterparty_party_id)


def fold(state: State | None, facts: Iterable[Fact[DirectiveEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def receive(command: ReceiveDirective, state: State | None) -> DirectiveReceived:
    """Return the event of the stop.

    Raises:
        AlreadyStandsError: the same stop stands from that day or earlier.
    """
    for received in (state or State()).stops:
        stop = received.stop
        if (
            received.lifted_on is None
            and (stop.kind, stop.counterparty_party_id)
            == (command.kind, command.counterparty_party_id)
            and stop.day <= command.day
        ):
            raise AlreadyActiveError
    return DirectiveReceived(
        command.principal,
        command.kind,
        command.day,
        command.counterparty_party_id,
        command.reference,
    )


def lift(command: LiftDirective, state: State | None) -> DirectiveLifted:
    """Return the event that lifts every such stop that stands.

    Raises:
        DoesNotStandError: no such stop stands.
    """
    event = DirectiveLifted(
        command.kind, command.day, command.counterparty_party_id, command.reference
    )
    stops = (state or State()).stops
    if not any(r.lifted_on is None and _is_meant(r.stop, event) for r in stops):
        raise DoesNotStandError
    return event


def rename(command: RenamePrincipal, state: State | None) -> PrincipalRenamed:
    """Return the event of the new name.

    Raises:
        AlreadyStandsError: it is the current name already.
    """
    names = (state or State()).names
    if names and names[-1][1] == command.name:
        raise AlreadyActiveError
    return PrincipalRenamed(command.principal, command.name)


def stops_on(state: State, day: date) -> tuple[ActiveStop, ...]:
    """The stops that a transfer on `day` has to reckon with; lifted ones before that day are out.

    Args:
        day: the last day of the transfer; of an open period, the last that surely happened.
    """
    return tuple(
        received.stop
        for received in state.stops
        if received.lifted_on is None or day < received.lifted_on
    )
