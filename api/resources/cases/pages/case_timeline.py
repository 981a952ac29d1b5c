"""What happened to a case, and who did it; pages call them by `colleague` (`api.auth.people`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.cases.service import CaseFact
from ledger.format.events import ExpiredEvent


@dataclass(frozen=True, slots=True)
class CaseTimelineEntry:
    """One thing that happened.

    Attributes:
        version: of the case since then.
        actor: who did it.
        is_own: it was the visitor.
    """

    type: str
    at: datetime
    position: int
    version: int
    actor: str
    is_own: bool


def build_timeline(facts: Sequence[CaseFact], actor: str) -> tuple[CaseTimelineEntry, ...]:
    """What happened, oldest first, for a visitor."""
    return tuple(
        CaseTimelineEntry(
            type=fact.event.TYPE,
            at=fact.at,
            position=fact.position,
            version=fact.version,
            actor=fact.actor,
            is_own=fact.actor == actor,
        )
        for fact in facts
        if not isinstance(fact.event, ExpiredEvent)
    )
