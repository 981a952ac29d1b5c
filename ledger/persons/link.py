"""Links: two identifiers are one person (名寄せ). One stream a pair.

The cluster of an identifier at a position is the connected component of the links that stand at it;
unlinking removes one link only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from ledger.commands import LinkIdentifiers, UnlinkIdentifiers
from ledger.errors import AlreadyActiveError, Defect, DoesNotStandError, MalformedError
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    IdentifiersLinked,
    IdentifiersUnlinked,
    LinkEvent,
)
from ledger.policies.identifiers import nobody_defects
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class State:
    """One pair. `a` and `b` are None once the key of the link is dead."""

    a: PrincipalRef | None
    b: PrincipalRef | None
    is_active: bool
    version: int


def evolve(_state: State | None, fact: Fact[LinkEvent | ExpiredEvent]) -> State:
    """The state after `fact`: the newest event alone says whether the link stands."""
    match fact.event:
        case IdentifiersLinked():
            return State(fact.event.a, fact.event.b, is_active=True, version=fact.version)
        case IdentifiersUnlinked():
            return State(fact.event.a, fact.event.b, is_active=False, version=fact.version)
        case ExpiredEvent():
            return State(None, None, is_active=False, version=fact.version)
        case _:
            assert_never(fact.event)


def fold(state: State | None, facts: Iterable[Fact[LinkEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def visible_version(state: State | None) -> int:
    """The version of what can be shown of the pair; 0: never linked, or its key is dead."""
    return 0 if state is None or state.a is None else state.version


def link(command: LinkIdentifiers, state: State | None) -> IdentifiersLinked:
    """Return the event that links the two identifiers.

    Raises:
        MalformedError: both identifiers are the same, or one of them is nobody's: whoever bears
            a dash would be one person with all who bear one.
        AlreadyStandsError: they are linked already.
    """
    if (command.a.scheme, command.a.id) == (command.b.scheme, command.b.id):
        raise MalformedError((Defect("/b", "SAME_IDENTIFIER", "name two different identifiers"),))
    nobody = (*nobody_defects(command.a, "/a"), *nobody_defects(command.b, "/b"))
    if nobody:
        raise MalformedError(nobody)
    if state is not None and state.is_active:
        raise AlreadyActiveError
    return IdentifiersLinked(command.a, command.b, command.evidence)


def unlink(command: UnlinkIdentifiers, state: State | None) -> IdentifiersUnlinked:
    """Return the event that takes the link away.

    Raises:
        DoesNotStandError: they are not linked directly.
    """
    if state is None or not state.is_active:
        raise DoesNotStandError
    return IdentifiersUnlinked(command.a, command.b, command.evidence)
