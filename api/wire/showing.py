"""What the doors show of transfers and histories, as plain JSON."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from api.contract import PERSONS_MAX
from ledger import transfer
from ledger.drafts import fact_of
from ledger.errors import ExpiredError, NotFoundError
from ledger.events import (
    Expired,
    Fact,
    Line,
    PrincipalsAppended,
    RecordedEvent,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
)
from ledger.history import HistoryEntry
from ledger.opening import NO_CHUNKS, AnyFact
from ledger.policies.context import Verdict
from ledger.statutory import rest, statutory_items
from ledger.streams import Streams
from ledger.values import Json
from ledger.whole import whole_data

Sight = Callable[[transfer.State], transfer.State | None]
"""Gives a transfer as somebody may know of it; None: not at all."""


def verdict_shown(verdict: Verdict) -> dict[str, Json]:
    """A verdict as every door tells it."""
    end = verdict.retain_through
    return {
        "duty": verdict.duty,
        "statutory_items": cast("Json", list(verdict.statutory_items)),
        "retain_through": end.isoformat() if end is not None else None,
        "findings": cast("Json", list(verdict.findings)),
        "lawful": verdict.lawful,
    }


def _facts(streams: Streams, stream: UUID) -> list[AnyFact]:
    """What happened; of a bulk transfer of very many the persons alone who have their own verdict.

    Its chunks are not read, and none is there in which nobody has one.
    """
    facts = streams.facts([stream], None, NO_CHUNKS).get(stream, [])
    recorded = facts[0].event if facts else None
    if not isinstance(recorded, RecordedEvent):
        return facts
    entry = recorded.entry
    if entry.persons <= PERSONS_MAX and not entry.lines and not entry.gone:
        return streams.facts([stream], None).get(stream, [])
    if entry.lines or entry.gone:
        return facts
    return [fact_of(one) for one in streams.judged([stream], None)]


def transfer_facts(
    streams: Streams, stream: UUID, sees: Sight
) -> tuple[transfer.State, list[Fact[TransferEvent | Expired]]]:
    """One transfer: its state, whose record lives, and what happened to it, oldest first.

    Args:
        sees: gives it as the caller may know of it; None: not at all.

    Raises:
        NotFoundError: there is none, or it may not be seen: one answer for both.
        ExpiredError: its content is gone.
    """
    facts = _facts(streams, stream)
    typed = cast("list[Fact[TransferEvent | Expired]]", facts)
    # A link or a notice has a stream too; only a transfer's is folded here.
    if not typed or not typed[0].facts.get("basis"):
        raise NotFoundError
    whole = transfer.fold(None, typed)
    state = None if whole is None else sees(whole)
    if whole is None or state is None:
        raise NotFoundError
    if state.effective_position is None:
        raise NotFoundError  # a bulk transfer that is being recorded
    if state.entry is None or state.record is None:
        raise ExpiredError(state.first_position)
    shown = list(_restricted(typed, sees))
    told = {one.position: one.event for one in shown}
    settled = (
        replace(one, codes=event.codes)
        for one in state.settlements
        if isinstance(event := told.get(one.position), TransferFindingsSettled)
    )
    return replace(state, settlements=tuple(settled)), shown


def _restricted(
    facts: Iterable[Fact[TransferEvent | Expired]], sees: Sight
) -> Iterator[Fact[TransferEvent | Expired]]:
    """What happened, without the lines that were hidden and without what is about them alone.

    A line is looked at as it stood at each event: one that was taken out later is hidden, too.
    """
    whole: transfer.State | None = None
    shown: transfer.State | None = None
    for fact in facts:
        before, seen_before = whole, shown
        whole = transfer.evolve(whole, fact)
        shown = sees(whole)
        if before is seen_before and whole is shown:
            yield fact
            continue
        event = fact.event
        gone = _gone(before, seen_before) | _gone(whole, shown)
        match event:
            case TransferCorrected() | TransferReclassified():
                if not _says_the_same(seen_before, shown):
                    yield replace(fact, event=replace(event, lines=_others(event.lines, gone)))
            case TransferFindingsSettled():
                codes = () if seen_before is None else seen_before.findings
                left = tuple(one for one in event.codes if one in codes)
                if left:
                    yield replace(fact, event=replace(event, codes=left))
            case PrincipalsAppended():
                yield replace(fact, event=replace(event, lines=_others(event.lines, gone)))
            case _ if isinstance(event, RecordedEvent):
                entry = event.entry
                lines = _others(entry.lines, gone)
                persons = entry.persons - len(entry.lines) + len(lines)
                if shown is not None and shown.entry is not None and not entry.lines:
                    persons = shown.entry.persons  # of a bulk transfer: its lines come behind
                entry = replace(entry, lines=lines, persons=persons)
                yield replace(fact, event=replace(event, entry=entry))
            case _:
                yield fact


def _gone(whole: transfer.State | None, shown: transfer.State | None) -> set[tuple[str, str]]:
    """Who is hidden."""
    lines = {_named(one) for one in whole.lines.values()} if whole else set[tuple[str, str]]()
    return lines - ({_named(one) for one in shown.lines.values()} if shown else set())


def _says_the_same(before: transfer.State | None, after: transfer.State | None) -> bool:
    """Whether nothing that is shown has changed."""
    if before is None or after is None:
        return before is after
    lines = ([line for _, line in sorted(one.lines.items())] for one in (before, after))
    return before.record == after.record and next(lines) == next(lines)


def _others(lines: Mapping[int, Line], gone: Collection[tuple[str, str]]) -> dict[int, Line]:
    return {n: line for n, line in lines.items() if _named(line) not in gone}


def _named(line: Line) -> tuple[str, str]:
    return (line.principal.scheme, line.principal.id)


def transfer_shown(
    streams: Streams,
    stream: UUID,
    sees: Sight,
    *,
    handling: bool = False,
) -> dict[str, Json]:
    """One transfer: its state and its events.

    Of a bulk transfer of more than `PERSONS_MAX` persons neither these nor the events that
    hold them are shown: `persons` says how many they are.

    Args:
        handling: whether it is told, too, which findings are to be handled, those of single
            persons among them, and what was done.

    Raises:
        NotFoundError, ExpiredError: as `transfer_facts`.
    """
    state, facts = transfer_facts(streams, stream, sees)
    assert state.entry is not None, "what is shown lives"
    assert state.record is not None, "what is shown lives"
    shown: dict[str, Json] = {
        "transfer": str(stream),
        "source": state.entry.source,
        "id": state.entry.id,
        "data": cast("Json", _data(state)),
        "persons": state.persons,
        "recorded_on": state.record.recorded_on.isoformat(),
        **verdict_shown(state.record.verdict),
        "retracted": state.retracted,
        "position": state.first_position,
        "events": [
            {
                "position": fact.position,
                "type": fact.event.type if isinstance(fact.event, Expired) else fact.event.TYPE,
                "at": _instant(fact),
                "version": fact.version,
            }
            for fact in facts
            if state.persons <= PERSONS_MAX or not isinstance(fact.event, PrincipalsAppended)
        ],
    }
    return {**shown, "handling": _handling(state)} if handling else shown


def _data(state: transfer.State) -> dict[str, Json]:
    data = whole_data(state)
    if state.persons > PERSONS_MAX:
        data.pop("principals", None)
    return data


def _handling(state: transfer.State) -> dict[str, Json]:
    return {
        "findings": cast("Json", list(state.findings)),
        "open": cast("Json", list(state.open_findings)),
        "settled": [
            {
                "position": done.position,
                "codes": cast("Json", list(done.codes)),
                "action": done.action,
                "reason": done.reason,
            }
            for done in state.settlements
        ],
    }


def _instant(fact: Fact[object]) -> str:
    return fact.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entry_shown(entry: HistoryEntry) -> dict[str, Json]:
    """A history entry: the statutory items, and apart from them the rest."""
    shown: dict[str, Json] = {
        "position": entry.position,
        "positions": cast("Json", list(entry.positions)),
        "transfer": str(entry.transfer),
        "recorded_at": entry.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "statutory": [{"code": code, "value": value} for code, value in statutory_items(entry)],
        "rest": cast("Json", rest(entry)),
        **verdict_shown(entry.verdict),
    }
    if entry.retracted is not None:
        shown["retracted"] = entry.retracted
    if len(entry.messages) > 1:
        shown["messages"] = [
            {"transfer": str(message.transfer), "position": message.position}
            for message in entry.messages
        ]
    return shown
