"""What the endpoints show of transfers and histories, as plain JSON."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from api.contract import PERSONS_MAX
from ledger.errors import ExpiredError, NotFoundError
from ledger.exclusions import visible_events
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    PrincipalsAppended,
    TransferEvent,
    TransferFindingsSettled,
)
from ledger.policies.context import Verdict
from ledger.streams.history import HistoryEntry
from ledger.streams.streams import Streams
from ledger.transfers import transfer
from ledger.transfers.statutory import other_items, statutory_items
from ledger.transfers.whole_transfer import transfer_data
from ledger.values import Json


def render_verdict(verdict: Verdict) -> dict[str, Json]:
    """A verdict as every endpoint tells it."""
    end = verdict.retain_through
    return {
        "duty": verdict.duty,
        "statutory_items": cast("Json", list(verdict.statutory_items)),
        "retain_through": end.isoformat() if end is not None else None,
        "findings": cast("Json", list(verdict.findings)),
        "lawful": verdict.lawful,
    }


def transfer_facts(
    streams: Streams, stream: UUID, sight: visible_events.Sight
) -> tuple[transfer.State, list[Fact[TransferEvent | ExpiredEvent]]]:
    """One transfer: its state, whose record lives, and what happened to it, oldest first.

    Args:
        sight: gives it as the caller may know of it; None: not at all.

    Raises:
        NotFoundError: there is none, or it may not be seen: one answer for both.
        ExpiredError: its content is gone.
    """
    typed = visible_events.facts_of(streams, stream)
    # A link or a notice has a stream too; only a transfer's is folded here.
    if not typed or not typed[0].facts.get("basis"):
        raise NotFoundError
    whole = transfer.fold(None, typed)
    state = None if whole is None else sight(whole)
    if whole is None or state is None:
        raise NotFoundError
    if state.effective_position is None:
        raise NotFoundError  # a bulk transfer that is being recorded
    if state.entry is None or state.record is None:
        raise ExpiredError(state.first_position)
    shown = list(visible_events.visible_facts(typed, sight))
    events = {one.position: one.event for one in shown}
    settled = (
        replace(one, codes=event.codes)
        for one in state.settlements
        if isinstance(event := events.get(one.position), TransferFindingsSettled)
    )
    positions = tuple(one for one in state.positions if one in events)
    state = replace(state, positions=positions, version=shown[-1].version)
    return replace(state, settlements=tuple(settled)), shown


def render_transfer(
    streams: Streams,
    stream: UUID,
    sight: visible_events.Sight,
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
    state, facts = transfer_facts(streams, stream, sight)
    assert state.entry is not None, "what is shown lives"
    assert state.record is not None, "what is shown lives"
    shown: dict[str, Json] = {
        "transfer": str(stream),
        "source": state.entry.source,
        "id": state.entry.id,
        "data": cast("Json", _data(state)),
        "persons": state.persons,
        "recorded_on": state.record.recorded_on.isoformat(),
        **render_verdict(state.record.verdict),
        "retracted": state.retracted,
        "position": state.first_position,
        "events": [
            {
                "position": fact.position,
                "type": fact.event.type
                if isinstance(fact.event, ExpiredEvent)
                else fact.event.TYPE,
                "at": _instant(fact),
                "version": fact.version,
            }
            for fact in facts
            if state.persons <= PERSONS_MAX or not isinstance(fact.event, PrincipalsAppended)
        ],
    }
    return {**shown, "handling": _handling(state)} if handling else shown


def _data(state: transfer.State) -> dict[str, Json]:
    data = transfer_data(state)
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


def render_entry(entry: HistoryEntry) -> dict[str, Json]:
    """A history entry: the statutory items, and apart from them the rest."""
    shown: dict[str, Json] = {
        "position": entry.position,
        "positions": cast("Json", list(entry.positions)),
        "transfer": str(entry.transfer),
        "recorded_at": entry.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "statutory": [{"code": code, "value": value} for code, value in statutory_items(entry)],
        "rest": cast("Json", other_items(entry)),
        **render_verdict(entry.verdict),
    }
    if entry.retracted is not None:
        shown["retracted"] = entry.retracted
    if len(entry.messages) > 1:
        shown["messages"] = [
            {"transfer": str(message.transfer), "position": message.position}
            for message in entry.messages
        ]
    return shown
