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
    Record,
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
    if state is not whole:
        typed = list(_restricted(typed, whole, state))
    return state, typed


def _restricted(
    facts: Iterable[Fact[TransferEvent | Expired]], whole: transfer.State, shown: transfer.State
) -> Iterator[Fact[TransferEvent | Expired]]:
    """What happened, without the lines that are not shown and without what is about them alone."""
    gone = {_named(one) for one in whole.lines.values()} - {
        _named(one) for one in shown.lines.values()
    }
    codes = frozenset(whole.findings).difference(shown.findings)
    # Of a bulk transfer, whose lines do not stand in the event that records it.
    fewer = (whole.entry.persons if whole.entry else 0) - (
        shown.entry.persons if shown.entry else 0
    )
    record: Record | None = None
    for fact in facts:
        event = fact.event
        match event:
            case TransferCorrected() | TransferReclassified():
                lines = _others(event.lines, gone)
                if event.record == record and event.lines and not lines:
                    continue
                record = event.record
                yield replace(fact, event=replace(event, lines=lines))
            case TransferFindingsSettled():
                left = tuple(one for one in event.codes if one not in codes)
                if left:
                    yield replace(fact, event=replace(event, codes=left))
            case PrincipalsAppended():
                yield replace(fact, event=replace(event, lines=_others(event.lines, gone)))
            case _ if isinstance(event, RecordedEvent):
                entry = event.entry
                record, lines = entry.record, _others(entry.lines, gone)
                persons = entry.persons - len(entry.lines) + len(lines) - fewer
                entry = replace(entry, lines=lines, persons=persons)
                yield replace(fact, event=replace(event, entry=entry))
            case _:
                yield fact


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
