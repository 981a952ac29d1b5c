"""What happened to one transfer, and what each change made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.resources.histories.page_parts import RETRACTED
from api.resources.transfers.forms.finding_view import changed
from api.resources.transfers.forms.words import ACTIONS, EVENTS
from ledger.format.events import (
    RECORDED_TYPES,
    ExpiredEvent,
    Fact,
    PrincipalsAppended,
    TransferCompleted,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.transfers import transfer
from ledger.transfers.transfer import State

_BY_EMITTER: Final = frozenset((*RECORDED_TYPES, PrincipalsAppended.TYPE, TransferCompleted.TYPE))


@dataclass(frozen=True, slots=True)
class TransferTimelineEntry:
    """One thing that happened.

    Attributes:
        version: of the transfer since then.
        words: what it was.
        actor: the officer who did it; None: its emitter did.
        is_own: it was the visitor.
        reason: as typed; empty when none was given, or its content is gone.
        cause: position of the late event that asked for it.
        changes: (member, before, after) of what the record says.
        persons: whether who the transfer is about changed.
        gone, come: codes of findings that it took, that it brought.
        settled: codes of the findings that were settled by it.
    """

    position: int
    version: int
    at: datetime
    words: str
    actor: str | None
    is_own: bool
    reason: str = ""
    cause: int | None = None
    changes: Sequence[tuple[str, str, str]] = ()
    persons: bool = False
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


def build_timeline(
    facts: Sequence[Fact[TransferEvent | ExpiredEvent]], actor: str
) -> list[TransferTimelineEntry]:
    """What happened, oldest first, for a visitor."""
    entries: list[TransferTimelineEntry] = []
    state: State | None = None
    for fact in facts:
        after = transfer.evolve(state, fact)
        entries.append(_build_entry(fact, state, after, actor))
        state = after
    return entries


def _build_entry(
    fact: Fact[TransferEvent | ExpiredEvent],
    before: State | None,
    after: State,
    actor: str,
) -> TransferTimelineEntry:
    event = fact.event
    code = event.type if isinstance(event, ExpiredEvent) else event.TYPE
    is_officers = code not in _BY_EMITTER
    then = () if before is None else before.findings
    match event:
        case TransferCorrected() | TransferReclassified():
            reason, settled = event.reason, ()
        case TransferRetracted():
            why = RETRACTED.get(event.reason, event.reason)
            reason, settled = "\n".join(one for one in (why, event.note) if one), ()
        case TransferFindingsSettled():
            did = ACTIONS.get(event.action, event.action)
            reason, settled = f"{did}\n{event.reason}", event.codes
        case _:
            reason, settled = "", ()
    return TransferTimelineEntry(
        position=fact.position,
        version=fact.version,
        at=fact.at,
        words=EVENTS.get(code, code)
        + ("（内容は消去済み）" if isinstance(event, ExpiredEvent) else ""),
        actor=fact.actor if is_officers else None,
        is_own=is_officers and fact.actor == actor,
        reason=reason,
        cause=event.cause_position if isinstance(event, TransferReclassified) else None,
        changes=_changes(before, after),
        persons=before is not None and _who(before) != _who(after) and is_officers,
        gone=tuple(sorted({*then} - {*after.findings})) if before is not None else (),
        come=tuple(sorted({*after.findings} - {*then})) if before is not None else (),
        settled=settled,
    )


def _changes(before: State | None, after: State) -> Sequence[tuple[str, str, str]]:
    if before is None or before.record is None or after.record is None:
        return ()
    return changed(before.record.data, after.record.data)


def _who(state: State) -> list[object]:
    return [line.principal for _, line in sorted(state.lines.items())]
