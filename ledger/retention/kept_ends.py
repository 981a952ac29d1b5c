"""When keys were destroyed, and records that went although a hold or an open case kept them.

Whose a record was is gone with it. So of a hold on a transfer this is known for ever, and of holds
on persons and of cases only of those records of which something else still says whose they were.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.exclusions.events import ExclusionsSealed
from ledger.format.envelope import OpenEvent
from ledger.format.events import (
    ExpiryPlanned,
    HoldPlaced,
    HoldReleased,
    IdentifiersUnlinked,
    RecordsExpired,
    TransferCorrected,
    TransferReclassified,
)
from ledger.retention.early_ends import KeyEnd, RetainedEvent, clamped, loss_within
from ledger.store.fact_reader import bare
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

_AT_ONCE: Final = 500
# Some of them come each day: so the clock of a destruction is compared with that of the day after.
_CLOCKS: Final = (RecordsExpired.TYPE, ExpiryPlanned.TYPE, ExclusionsSealed.TYPE)
_CHANGES: Final = frozenset({TransferCorrected.TYPE, TransferReclassified.TYPE})


@dataclass(frozen=True, slots=True)
class _Hold:
    transfer: UUID | None
    principals: tuple[PrincipalRef, ...]
    position: int
    released: int | None = None


@dataclass(frozen=True, slots=True)
class UnkeptRecord:
    """A record that was destroyed although somebody kept it.

    Attributes:
        keeper: position of the hold, or where the case began.
        end: the end of the last that opened it.
    """

    stream: UUID
    position: int
    keeper: int
    end: KeyEnd

    @property
    def text(self) -> str:
        """A sentence without personal data."""
        return (
            f"the transfer {self.stream}, at position {self.position}, was destroyed on"
            f" {self.end.day} (position {self.end.position}): what began at position {self.keeper}"
            " kept it"
        )


def key_ends(streams: Streams, today: date) -> dict[bytes, KeyEnd]:
    """Key → when it was destroyed, of all that ever were: the one thing that is held in memory."""
    found: list[tuple[int, date, tuple[bytes, ...], bool]] = []
    position = 0
    while stored := streams.reads.facts_of_topics(_CLOCKS, position, _AT_ONCE):
        for one in bare(stored, streams.ledger):
            header, day = one.header, min(day_in_japan(one.header.at), today)
            found.append((one.position, day, header.keys, header.version > 1))
        position = stored[-1].position
    days = clamped([day for _, day, _, _ in found])
    return {
        key: KeyEnd(at, day, is_planned)
        for (at, _, keys, is_planned), day in zip(found, days, strict=True)
        for key in keys
    }


class RetainedRecords:
    """Finds records that went although they were kept. Belongs to one thread.

    Args:
        ends: key → when it was destroyed.
    """

    def __init__(self, streams: Streams, ends: Mapping[bytes, KeyEnd]) -> None:
        self._streams = streams
        self._ends = ends
        self._holds = tuple(_holds(streams))

    def of_holds(self) -> Iterator[UnkeptRecord]:
        """Of transfers that a hold names."""
        for hold in self._holds:
            if hold.transfer is not None:
                yield from self._unkept(hold.transfer, hold.position, hold.released)

    def of_person(
        self, stream: UUID, identifiers: Collection[PrincipalRef], as_of: int
    ) -> Iterator[UnkeptRecord]:
        """Of a transfer that was a person's as of a position, by the holds on that person."""
        own = {self._streams.principal_key(one) for one in identifiers}
        for hold in self._holds:
            keys = {self._streams.principal_key(one) for one in hold.principals}
            if keys & own:
                yield from self.unkept(stream, hold.position, hold.released, as_of)

    def unkept(
        self, stream: UUID, begin: int, end: int | None, as_of: int
    ) -> Iterator[UnkeptRecord]:
        """Of a transfer that was a person's as of a position, by who kept the person's records.

        Nothing of one that was corrected since, or that links fell after: it may be of others.
        """
        if any(one.header.type in _CHANGES for one in self._events(stream)):
            return
        parted = self._streams.reads.facts_of_topics((IdentifiersUnlinked.TYPE,), as_of, 1)
        for one in self._unkept(stream, begin, end):
            if not parted or parted[0].position > one.end.position:
                yield one

    def _unkept(self, stream: UUID, begin: int, end: int | None) -> Iterator[UnkeptRecord]:
        events = self._events(stream)
        for one in events:
            if one.header.copies is not None or one.header.sealed_key is None:
                continue
            own = [one, *(two for two in events if _is_copy(two, one.position))]
            ends = [self._ends.get(cast("bytes", two.header.sealed_key)) for two in own]
            lost = loss_within(RetainedEvent(stream, one.position, ends), begin, end)
            if lost is not None:
                yield UnkeptRecord(stream, one.position, begin, lost)

    def _events(self, stream: UUID) -> Sequence[OpenEvent]:
        stored = self._streams.reads.facts_of_streams([stream], None)
        return bare(stored, self._streams.ledger)


def _is_copy(event: OpenEvent, position: int) -> bool:
    copies = event.header.copies
    return copies is not None and copies.position == position


def _holds(streams: Streams) -> Iterator[_Hold]:
    found: dict[UUID, _Hold] = {}
    for fact in streams.facts_of_topics((HoldPlaced.TYPE, HoldReleased.TYPE), 0):
        event = fact.event
        if isinstance(event, HoldPlaced):
            found[fact.stream] = _Hold(event.transfer, event.principals, fact.position)
        elif fact.stream in found:
            found[fact.stream] = replace(found[fact.stream], released=fact.position)
    yield from found.values()
