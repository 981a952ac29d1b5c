"""Records that were destroyed before their day, as headers tell, which are never destroyed.

Whose a record was is gone with it, and so is the day that its key had. What the law asks for stands
in the header: through which day it was to be kept. Pure.

Source: Act Art. 29(2), 30(4); Rules 21, 25, 29; `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.format.envelope import Header
from ledger.lifetimes import RECORD_DAYS_MIN, record_day
from ledger.policies.retention import deletable_from, from_last_transfer

_DAYS: Final = ("transferred_to", "transferred_on", "transferred_from", "recorded_on")


@dataclass(frozen=True, slots=True)
class KeyEnd:
    """When a key was destroyed.

    Attributes:
        position: of the event that says so.
        day: in Japan; no later than any event behind it says.
        is_planned: a plan named the key. After a restore what was destroyed is destroyed again
            without one.
    """

    position: int
    day: date
    is_planned: bool


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """A record that was destroyed before its day.

    Attributes:
        stream: of the transfer; position: of the event whose content is gone.
        due: the first day on which it might have been destroyed; done: when it was.
        destroyed_at: position of the event that says so.
    """

    stream: UUID
    position: int
    due: date
    done: date
    destroyed_at: int

    @property
    def text(self) -> str:
        """A sentence without personal data."""
        return (
            f"the transfer {self.stream}, at position {self.position}, was destroyed on {self.done}"
            f" (position {self.destroyed_at}): it was to be kept until {self.due}"
        )


@dataclass(frozen=True, slots=True)
class RetainedEvent:
    """A sealed event of a stream that somebody kept, and the ends of all that opened it.

    Attributes:
        ends: of its own key and of its copies' keys; None for one that lives.
    """

    stream: UUID
    position: int
    ends: Sequence[KeyEnd | None]


def due_day(header: Header) -> date | None:
    """The first day on which what the event says of a record may be destroyed; None: no record.

    Not later than the ledger itself has it: what one person's verdict or a series adds is sealed.
    """
    if header.statement is None:
        return None
    facts = header.facts
    earliest = day_in_japan(header.at) + timedelta(days=RECORD_DAYS_MIN)
    if facts.get("duty", "none") == "none":
        return earliest
    through = _day(facts, "retain_through")
    if through is not None:
        return record_day(through, header.at)
    days = [day for name in _DAYS if (day := _day(facts, name)) is not None]
    if not days:
        return earliest
    method = cast("str", facts.get("effective_method", "contract"))
    # Of what has no end yet at least the day that is known counts.
    counted = "collective" if method == "individual" else method
    return max(earliest, deletable_from(from_last_transfer(counted, min(days))))


def early_end(header: Header, position: int, end: KeyEnd) -> EarlyEnd | None:
    """The record of this event, if its key ended before its day."""
    due = due_day(header)
    if due is None or end.day >= due:
        return None
    return EarlyEnd(header.stream, position, due, end.day, end.position)


def clamped(days: Sequence[date]) -> list[date]:
    """The days of events in the order of the log, each no later than any that follows.

    A clock that was set ahead to destroy something early is set back afterwards.
    """
    found: list[date] = []
    earliest = date.max
    for day in reversed(days):
        earliest = min(earliest, day)
        found.append(earliest)
    return found[::-1]


def loss_within(event: RetainedEvent, begin: int, end: int | None) -> KeyEnd | None:
    """The end of the last that opened the event, if it lies between two positions.

    What a restore destroyed again does not count: the end of who kept it may be lost.

    Args:
        begin, end: where the keeper begins and ends; None: it has not ended.
    """
    ends = [one for one in event.ends if one is not None]
    if len(ends) < len(event.ends) or not ends:
        return None
    last = max(ends, key=lambda one: one.position)
    is_within = begin < last.position and (end is None or last.position < end)
    return last if is_within and last.is_planned else None


def _day(facts: Mapping[str, object], name: str) -> date | None:
    value = facts.get(name)
    return None if value is None else date.fromisoformat(cast("str", value))
