"""What happened to a transfer, for who may not know of all its lines (Order 11)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from ledger.format.event_reader import fact_of
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    PersonLine,
    PrincipalsAppended,
    RecordCarriedForward,
    RecordedEvent,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
)
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.streams import Streams, is_large
from ledger.transfers import transfer
from ledger.transfers.correction import LINES_MAX

Sight = Callable[[transfer.State], transfer.State | None]
"""Gives a transfer as somebody may know of it; None: not at all."""

TransferFact = Fact[TransferEvent | ExpiredEvent]


def facts_of(streams: Streams, stream: UUID) -> list[TransferFact]:
    """What happened; of a bulk transfer of very many the persons alone who have their own verdict.

    Its chunks are not read, and none is there in which nobody has one.
    """
    facts = streams.facts([stream], None, NO_CHUNKS).get(stream, [])
    recorded = facts[0].event if facts else None
    if isinstance(recorded, RecordedEvent):
        entry = recorded.entry
        has_lines = bool(entry.lines or entry.gone)
        if not has_lines and entry.persons <= LINES_MAX:
            facts = streams.facts([stream], None).get(stream, [])
        elif not has_lines:
            facts = [fact_of(one) for one in streams.judged([stream], None)]
    return cast("list[TransferFact]", facts)


def visible_facts(facts: Iterable[TransferFact], sight: Sight) -> Iterator[TransferFact]:
    """What happened, without hidden lines and without events that are about these alone.

    Copies are left out for everybody: each may be kept for somebody who is hidden. A line is looked
    at as it stood at each event: one that was taken out later is hidden, too. The events that are
    left have the versions that they would have without the others: a version that is missing would
    tell of them.
    """
    whole: transfer.State | None = None
    seen: transfer.State | None = None
    left_out: set[int] = set()
    for fact in facts:
        before, seen_before = whole, seen
        whole = transfer.evolve(whole, fact)
        seen = sight(whole)
        if isinstance(fact.event, RecordCarriedForward):
            left_out.add(fact.position)
            continue
        if before is seen_before and whole is seen:
            yield replace(fact, version=fact.version - len(left_out)) if left_out else fact
            continue
        event = _visible_event(fact.event, (before, seen_before), (whole, seen))
        if event is not None:
            yield replace(fact, event=event, version=fact.version - len(left_out))
        elif not (isinstance(fact.event, PrincipalsAppended) and is_large(whole)):
            left_out.add(fact.position)  # of a large transfer not every chunk is read: none counts


def visible_version(facts: Iterable[TransferFact], sight: Sight) -> int:
    """The version of the transfer as `visible_facts` numbers it; 0 without facts."""
    return max((one.version for one in visible_facts(facts, sight)), default=0)


_Pair = tuple[transfer.State | None, transfer.State | None]
"""A transfer, and as it is seen."""


def _visible_event(
    event: TransferEvent | ExpiredEvent, before: _Pair, after: _Pair
) -> TransferEvent | ExpiredEvent | None:
    """The event without what is hidden; None where nothing is left of it."""
    gone = _hidden_persons(*before) | _hidden_persons(*after)
    match event:
        case TransferCorrected() | TransferReclassified():
            if transfer.says_the_same(before[1], after[1]):
                return None
            return replace(event, lines=_others(event.lines, gone))
        case TransferFindingsSettled():
            codes = () if before[1] is None else before[1].findings
            left = tuple(one for one in event.codes if one in codes)
            return replace(event, codes=left) if left else None
        case PrincipalsAppended():
            others = _others(event.lines, gone)
            return replace(event, lines=others) if others else None
        case ExpiredEvent():
            return None  # nobody knows any more whom it was about
        case _ if isinstance(event, RecordedEvent):
            return replace(event, entry=_visible_entry(event, after[1], gone))
        case _:
            return event


def _visible_entry(
    event: RecordedEvent, seen: transfer.State | None, gone: Collection[tuple[str, str]]
) -> transfer.Entry:
    entry = event.entry
    lines = _others(entry.lines, gone)
    persons = entry.persons - len(entry.lines) + len(lines)
    if seen is not None and seen.entry is not None and not entry.lines:
        persons = seen.entry.persons  # of a bulk transfer: its lines come behind
    return replace(entry, lines=lines, persons=persons)


def _hidden_persons(
    whole: transfer.State | None, seen: transfer.State | None
) -> set[tuple[str, str]]:
    """Who is hidden."""
    lines = {_named(one) for one in whole.lines.values()} if whole else set[tuple[str, str]]()
    return lines - ({_named(one) for one in seen.lines.values()} if seen else set())


def _others(
    lines: Mapping[int, PersonLine], gone: Collection[tuple[str, str]]
) -> dict[int, PersonLine]:
    return {n: line for n, line in lines.items() if _named(line) not in gone}


def _named(line: PersonLine) -> tuple[str, str]:
    return (line.principal.scheme, line.principal.id)
