"""The truth of a history: the fold over a person's own events up to a position.

One pure function, called by everyone: the index only says which streams to fold. A person is a
cluster of identifiers (`own` says whether an identifier belongs to it). Records excluded under
Order 11 for the person are not part of the history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from ledger.crypto.answers import AnsweredLine
from ledger.format.events import (
    Entry,
    ExpiredEvent,
    Fact,
    PersonLine,
    PrincipalsAppended,
    Record,
    RecordCarriedForward,
    RecordedEvent,
    TransferCompleted,
    TransferCorrected,
    TransferEvent,
    TransferReclassified,
)
from ledger.law.bases import BASES, Route
from ledger.policies.context import Verdict
from ledger.policies.retention import from_last_transfer
from ledger.series import series
from ledger.transfers import transfer
from ledger.values import Json, PrincipalRef, counterparty_of, days_of

PROVISION = "provision"
RECEIPT = "receipt"
REFERABLE = "referable"
JOINT_USE = "joint_use"
VOLUNTARY = "voluntary"
RETRACTED = "retracted"
HEADINGS = (PROVISION, RECEIPT, REFERABLE, JOINT_USE, VOLUNTARY, RETRACTED)

Own = Callable[[PrincipalRef], bool]

_CHANGES = (TransferCorrected, TransferReclassified)
_OF_SOME = (PrincipalsAppended, *_CHANGES)
"""Events that may be about some persons alone."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a collective record: where it stands, and the day and items it adds.

    Attributes:
        principals: the person, as the message names them; nobody else.
        answered: the person's lines, as an answer binds them.
    """

    transfer: UUID
    position: int
    first_day: date | None
    last_day: date | None
    items: tuple[str, ...]
    principals: tuple[PrincipalRef, ...]
    answered: tuple[AnsweredLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One transfer as one person may see it.

    Attributes:
        heading: one of `HEADINGS`; only `provision` and `receipt` belong to a reply.
        position: from where histories show it.
        positions: of every event that spoke of it. Copies say nothing new and are none of them, nor
            are events about others alone: chunks of a bulk transfer, and changes that leave the
            record and the person's lines as they were.
        version: of the last event that spoke of it.
        lines: the person's own lines, by number; nobody else's.
        verdict: the verdict for this person.
        retracted: the reason, None while it stands.
        messages: of the person in the same collective record, oldest first; else only itself.
    """

    transfer: UUID
    heading: str
    position: int
    positions: tuple[int, ...]
    version: int
    recorded_at: datetime
    entry: Entry
    record: Record
    lines: tuple[tuple[int, PersonLine], ...]
    verdict: Verdict
    retracted: str | None
    messages: tuple[Message, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items of all messages, each once, in the order in which they came."""
        return tuple(dict.fromkeys(item for m in self.messages for item in m.items))

    @property
    def first_day(self) -> date | None:
        """The first day of all messages, in Japan; None when no day was recorded."""
        return min((m.first_day for m in self.messages if m.first_day), default=None)

    @property
    def last_day(self) -> date | None:
        """The last day of all messages; None when no day was recorded or the period is open."""
        if any(m.last_day is None for m in self.messages):
            return None
        return max((m.last_day for m in self.messages if m.last_day), default=None)

    def judged(self, verdict: Verdict) -> "HistoryEntry":
        """The same under another verdict for this person."""
        heading = _heading(self.retracted, verdict, cast("str", self.record.data["basis"]))
        return replace(self, verdict=verdict, heading=heading)


def _is_hidden(_: int) -> bool:
    return True


def entry_of(
    facts: Sequence[Fact[TransferEvent | ExpiredEvent]],
    own: Own,
    hides_marked: Callable[[int], bool] = _is_hidden,
) -> HistoryEntry | None:
    """What `facts`, all of one transfer up to a position, say about the person.

    Returns None when the person is not in it, it is not in effect yet, its content is gone with its
    key, or its emitter's mark hides it. A dead record says neither whose it was nor whether it was
    marked.

    Args:
        hides_marked: whether a mark hides from the person what was recorded at a position.
    """
    state = transfer.fold(None, facts)
    if state is None or state.effective_position is None:
        return None
    if state.entry is None or state.record is None:
        return None
    first = facts[0]
    lines = tuple((n, line) for n, line in sorted(state.lines.items()) if own(line.principal))
    if not lines or (state.entry.order_11 and hides_marked(state.first_position)):
        return None
    verdict = strictest(state.record.verdict, [line.verdict for _, line in lines])
    data = state.record.data
    first_day, last_day = days_of(data)
    positions = _spoken(state.positions, facts, own)
    newest = next(one for one in facts if one.position == positions[-1])
    at = _proving(facts, [number for number, _ in lines])
    return HistoryEntry(
        transfer=first.stream,
        heading=_heading(state.retracted, verdict, cast("str", data["basis"])),
        position=state.effective_position,
        positions=positions,
        version=next(one.version for one in reversed(facts) if one.position in state.positions),
        recorded_at=first.at,
        entry=state.entry,
        record=state.record,
        lines=lines,
        verdict=verdict,
        retracted=state.retracted,
        messages=(
            Message(
                first.stream,
                state.effective_position,
                first_day,
                last_day,
                tuple(cast("list[str]", data["items"])),
                tuple(line.principal for _, line in lines),
                tuple(
                    AnsweredLine(
                        first.stream,
                        state.first_position,
                        newest.position,
                        newest.version,
                        number,
                        at[None],
                        at[number],
                    )
                    for number, _ in lines
                ),
            ),
        ),
    )


def _proving(
    facts: Sequence[Fact[TransferEvent | ExpiredEvent]], numbers: Sequence[int]
) -> dict[int | None, int]:
    """Line, or None for the transfer → position of the event of the log that proves what it says.

    It is the newest that says so, as in `ledger.log.record_proofs`; of what a bulk transfer is
    recorded with it is the completion.

    Args:
        numbers: of the lines that are asked for.
    """
    found: dict[int | None, int] = {}
    for fact in facts:
        event = fact.event
        if isinstance(event, TransferCompleted):
            found = dict.fromkeys(found, fact.position)
            continue
        if isinstance(event, RecordedEvent):
            lines = event.entry.lines
        elif isinstance(event, (*_CHANGES, PrincipalsAppended)):
            lines = event.lines
        else:
            continue
        if not isinstance(event, PrincipalsAppended):
            found[None] = fact.position
        found |= dict.fromkeys((n for n in numbers if n in lines), fact.position)
    return found


def _spoken(
    positions: tuple[int, ...], facts: Sequence[Fact[TransferEvent | ExpiredEvent]], own: Own
) -> tuple[int, ...]:
    """Those without the events that are about others alone, and without copies.

    So a history says the same whether what it leaves out may be known (Order 11) or not: a copy may
    be kept for somebody who is hidden.
    """
    others = {one.position for one in facts if isinstance(one.event, RecordCarriedForward)}
    if not any(isinstance(fact.event, _OF_SOME) for fact in facts):
        return tuple(one for one in positions if one not in others)
    state: transfer.State | None = None
    for fact in facts:
        event, before = fact.event, state
        if isinstance(event, PrincipalsAppended):
            lines = {n: line for n, line in event.lines.items() if own(line.principal)}
            if not lines:
                others.add(fact.position)
                continue
            state = transfer.evolve(state, replace(fact, event=replace(event, lines=lines)))
            continue
        state = transfer.evolve(state, fact)
        if isinstance(event, _CHANGES) and transfer.says_the_same(before, state, own):
            others.add(fact.position)
    return tuple(one for one in positions if one not in others)


def says_since(
    facts: Sequence[Fact[TransferEvent | ExpiredEvent]], own: Own, position: int
) -> bool:
    """Whether an event behind a position says something of the person, or what they say is gone.

    A copy that was carried forward says nothing, nor does what is about others alone.
    """
    state = transfer.fold(None, facts)
    if state is None or state.record is None:
        return True
    if not any(own(line.principal) for line in state.lines.values()):
        return True
    return any(one > position for one in _spoken(state.positions, facts, own))


def strictest(whole: Verdict, own: Iterable[Verdict | None]) -> Verdict:
    """The verdict with the most findings: one person may be named by two identifiers."""
    return max((verdict or whole for verdict in own), key=lambda v: len(v.findings))


def _heading(retracted: str | None, verdict: Verdict, basis: str) -> str:
    if retracted is not None:
        return RETRACTED
    if verdict.in_reply:
        return PROVISION if verdict.duty == "art29" else RECEIPT
    if verdict.duty == "art31_provider":
        return REFERABLE
    if BASES[basis].route is Route.JOINT_USE and verdict.lawful:
        return JOINT_USE
    return VOLUNTARY


def merge(entries: Sequence[HistoryEntry], whole: series.State | None) -> list[HistoryEntry]:
    """The records that the person's messages of one series form, each under its first message.

    As a rule one. A message that is something else in law (a voluntary log, retracted, another
    verdict for this person), or that names another party, is no part of it (Rule 19(2): repeatedly,
    to that third party): merged, it would hide a record or be hidden by it.

    Args:
        whole: the series as of the position; None between its first message and its opening.
    """
    groups: dict[tuple[object, ...], list[HistoryEntry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.position):
        party = counterparty_of(cast("Mapping[str, Json]", entry.record.data["counterparty"]))
        verdict = entry.verdict
        key = (
            entry.heading,
            party.party_id or party.name,
            verdict.duty,
            verdict.findings,
            verdict.statutory_items,
        )
        groups.setdefault(key, []).append(entry)
    return [_merged(group, whole) for group in groups.values()]


def _merged(group: Sequence[HistoryEntry], whole: series.State | None) -> HistoryEntry:
    """One record, kept from the last transfer of the whole series on (Rule 21(ii))."""
    messages = [message for entry in group for message in entry.messages]
    closed_on = whole.last_day if whole is not None and not whole.open else None
    if closed_on is not None:
        # What a message left open ended when the series was closed, unless it began later.
        messages = [
            replace(message, last_day=closed_on)
            if message.last_day is None
            and message.first_day is not None
            and message.first_day <= closed_on
            else message
            for message in messages
        ]
        if any(one.first_day is not None and one.last_day is None for one in messages):
            closed_on = None
    first = group[0]
    verdict = first.verdict
    if verdict.effective_method == "collective" and verdict.duty != "none":
        until = from_last_transfer("collective", closed_on) if closed_on is not None else None
        verdict = replace(verdict, retain_through=until)
    return replace(first, messages=tuple(messages), verdict=verdict)
