"""What happened to a case, told without names: people are numbers of this case alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.application.cases import CaseFact
from ledger.events import Expired


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened.

    Attributes:
        version: of the case since then.
        actor: who did it; not for a page.
        person: the number of who did it: the first to work on the case is 1.
        is_own: it was the visitor.
    """

    type: str
    at: datetime
    position: int
    version: int
    actor: str
    person: int
    is_own: bool


def happened(facts: Sequence[CaseFact], actor: str) -> tuple[Happened, ...]:
    """What happened, oldest first, for a visitor; the ledger knows no names of people."""
    numbers: dict[str, int] = {}
    return tuple(
        Happened(
            type=fact.event.TYPE,
            at=fact.at,
            position=fact.position,
            version=fact.version,
            actor=fact.actor,
            person=numbers.setdefault(fact.actor, len(numbers) + 1),
            is_own=fact.actor == actor,
        )
        for fact in facts
        if not isinstance(fact.event, Expired)
    )
