"""One transfer: State, decide, evolve, fold.

The state is the fold over the transfer's own stream up to a position; what else a verdict needs
comes in as `Context`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import assert_never, cast

from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer
from ledger.errors import ConflictingTransferError, ExpiredError
from ledger.format.events import (
    Entry,
    Event,
    ExemptTransferRecorded,
    ExpiredEvent,
    Fact,
    JointUseTransferRecorded,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    ReceiptRecorded,
    Record,
    RecordCarriedForward,
    RecordedEvent,
    ReferableProvisionRecorded,
    TransferCompleted,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.law.bases import BASES, Route
from ledger.policies.context import Context, TransferVerdict, Verdict, is_same
from ledger.policies.duty import judge, of_person
from ledger.values import PrincipalRef, Transfer, without_principals


class MarkDiffersError(ConflictingTransferError):
    """The transfer is sent again with a mark under Order 11 that its record does not have.

    A repeat records nothing, so the mark would be lost: the record must be excluded instead.
    """

    code = "MARK_DIFFERS"


Finding = tuple[int | None, str]
"""A code of the transfer (None), or of the person whose line has that number."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was done about the findings that stood, and who did it when."""

    position: int
    at: datetime
    actor: str
    codes: tuple[str, ...]
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """A transfer as of a position.

    Attributes:
        entry: as first recorded; None once its key is dead.
        record: as corrected last; None once its key is dead.
        lines: the lines that stand and live, by number; others may have died with their key.
        retracted: the reason, None while the record stands.
        first_position: where it was first recorded.
        effective_position: from where histories show it; None while a bulk transfer is open.
        positions: of every event of the stream, but those that are `apart`.
        settled: the findings about which something was done, as long as they stand.
        settlements: what was done, oldest first.
        apart: positions of the events that say so: they change no history.
    """

    entry: Entry | None
    record: Record | None
    lines: Mapping[int, PersonLine]
    retracted: str | None
    first_position: int
    effective_position: int | None
    positions: tuple[int, ...]
    version: int
    settled: frozenset[Finding] = frozenset()
    settlements: tuple[Settlement, ...] = ()
    apart: frozenset[int] = frozenset()

    @property
    def is_bulk(self) -> bool:
        """Whether it is a bulk transfer, whose lines do not stand in the event that records it."""
        entry = self.entry
        return entry is not None and entry.persons > 0 and not (entry.lines or entry.gone)

    @property
    def persons(self) -> int:
        """How many stand in it, also where of a bulk transfer not every line was read."""
        entry = self.entry
        if entry is None or entry.lines or entry.gone:
            return len(self.lines)
        return max(entry.persons, len(self.lines))

    @property
    def findings(self) -> tuple[str, ...]:
        """Codes of all that stand, each once, sorted; none of what is retracted or dead."""
        return tuple(sorted({code for _, code in current_findings(self)}))

    @property
    def open_findings(self) -> tuple[str, ...]:
        """Those among them about which nothing was done for the transfer, or for one person."""
        return tuple(sorted({code for _, code in current_findings(self) - self.settled}))


def current_findings(state: State) -> frozenset[Finding]:
    """All findings of the transfer and of its persons; none of what is retracted or dead.

    A person's own verdict repeats the transfer's: what it has besides is the person's.
    """
    if state.record is None or state.entry is None or state.retracted is not None:
        return frozenset()
    whole = state.record.verdict.findings
    own = ((n, line.verdict.findings) for n, line in state.lines.items() if line.verdict)
    return frozenset((None, code) for code in whole).union(
        (n, code) for n, codes in own for code in codes if code not in whole
    )


def without_lines(state: State, numbers: Collection[int]) -> State:
    """The transfer as if these lines were not there, and what follows from them.

    The lines that are left are numbered anew, from 0: a number that is missing would tell. What was
    done about findings of those lines alone is left out.
    """
    left = [n for n in sorted(state.lines) if n not in numbers]
    anew = {n: place for place, n in enumerate(left)}
    lines = {anew[n]: state.lines[n] for n in left}
    settled = {
        (None if n is None else anew[n], code) for n, code in state.settled if n in (None, *left)
    }
    shown = replace(state, lines=lines, settled=frozenset(settled))
    gone = frozenset(state.findings).difference(shown.findings)
    settlements = (
        replace(one, codes=tuple(code for code in one.codes if code not in gone))
        for one in state.settlements
    )
    return replace(shown, settlements=tuple(one for one in settlements if one.codes))


def says_the_same(
    before: State | None,
    after: State | None,
    own: Callable[[PrincipalRef], bool] = lambda _: True,
) -> bool:
    """Whether a change left the record and the lines of some as they were, in their order.

    The reading of the Act by which they were judged may be another one.
    """
    if before is None or after is None:
        return before is after
    old, new = before.record, after.record
    lines = [
        [line for _, line in sorted(one.lines.items()) if own(line.principal)]
        for one in (before, after)
    ]
    if old is None or new is None or len(lines[0]) != len(lines[1]):
        return False
    return (
        replace(old, verdict=new.verdict) == new
        and is_same(old.verdict, new.verdict)
        and all(
            one.principal == other.principal and is_same(one.verdict, other.verdict)
            for one, other in zip(*lines, strict=True)
        )
    )


def evolve(state: State | None, fact: Fact[TransferEvent | ExpiredEvent]) -> State:
    """The state after `fact`. Requires the facts of one stream in version order."""
    event = fact.event
    if state is None:
        return _begin(fact)
    if not _is_apart(event, state):
        state = replace(state, positions=(*state.positions, fact.position))
    state = replace(state, version=fact.version)
    match event:
        case PrincipalsAppended():
            return replace(state, lines={**state.lines, **_completed(state, event.lines)})
        case TransferCompleted():
            return replace(state, effective_position=fact.position)
        case TransferCorrected() | TransferReclassified():
            lines = {n: line for n, line in state.lines.items() if n not in event.removed}
            state = replace(state, record=event.record, lines={**lines, **event.lines})
            # What goes and comes again is a new finding, and so is another person's.
            left = {one for one in state.settled if one[0] not in event.removed}
            return replace(state, settled=current_findings(state) & left)
        case TransferRetracted():
            return replace(state, retracted=event.reason)
        case TransferFindingsSettled():
            return _settled(state, event, fact)
        case RecordCarriedForward():
            return state  # what it carries stands at the original's place already
        case ExpiredEvent(type=TransferFindingsSettled.TYPE):
            return replace(state, apart=state.apart | {fact.position})
        case ExpiredEvent():
            return replace(state, record=None)
        case (
            ProvisionRecorded()
            | ReceiptRecorded()
            | ReferableProvisionRecorded()
            | JointUseTransferRecorded()
            | ExemptTransferRecorded()
        ):
            raise AssertionError("a transfer is recorded once, as the first event of its stream")
        case _:
            assert_never(event)


def _completed(state: State, lines: Mapping[int, PersonLine]) -> Mapping[int, PersonLine]:
    """The lines of a chunk: what a person's verdict takes from the whole stands in its record."""
    whole = state.record.verdict if state.record else None
    if whole is None or not any(line.verdict for line in lines.values()):
        return lines
    return {
        n: replace(line, verdict=of_person(line.verdict, whole)) if line.verdict else line
        for n, line in lines.items()
    }


def _is_apart(event: TransferEvent | ExpiredEvent, state: State) -> bool:
    """Whether it says nothing of the transfer itself: it is a settlement, or carries one."""
    if isinstance(event, RecordCarriedForward):
        return event.position in state.apart
    name = event.type if isinstance(event, ExpiredEvent) else event.TYPE
    return name == TransferFindingsSettled.TYPE


def _settled(
    state: State, event: TransferFindingsSettled, fact: Fact[TransferEvent | ExpiredEvent]
) -> State:
    settled_findings = {one for one in current_findings(state) if one[1] in event.codes}
    done = Settlement(fact.position, fact.at, fact.actor, event.codes, event.action, event.reason)
    return replace(
        state,
        settled=state.settled | settled_findings,
        settlements=(*state.settlements, done),
        apart=state.apart | {fact.position},
    )


def _begin(fact: Fact[TransferEvent | ExpiredEvent]) -> State:
    event = fact.event
    if isinstance(event, ExpiredEvent):
        return State(None, None, {}, None, fact.position, fact.position, (fact.position,), 1)
    assert isinstance(event, RecordedEvent), "the first event of a transfer's stream records it"
    entry = event.entry
    # A bulk transfer is recorded without lines; it takes effect with its completion. One whose
    # lines are all gone had them.
    waiting = entry.persons > 0 and not entry.lines and not entry.gone
    return State(
        entry=entry,
        record=entry.record,
        lines=entry.lines,
        retracted=None,
        first_position=fact.position,
        effective_position=None if waiting else fact.position,
        positions=(fact.position,),
        version=1,
    )


def fold(state: State | None, facts: Iterable[Fact[TransferEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`, which begin where `state` ended."""
    for is_chunk, run in groupby(facts, lambda one: isinstance(one.event, PrincipalsAppended)):
        if is_chunk and state is not None:
            state = _appended(state, cast("Iterable[Fact[PrincipalsAppended]]", run))
            continue
        for fact in run:
            state = evolve(state, fact)
    return state


def _appended(state: State, chunks: Iterable[Fact[PrincipalsAppended]]) -> State:
    """As `evolve` chunk by chunk, but the lines of thousands are not copied for each of them."""
    lines, positions, version = dict(state.lines), list(state.positions), state.version
    for fact in chunks:
        lines.update(_completed(state, fact.event.lines))
        positions.append(fact.position)
        version = fact.version
    return replace(state, lines=lines, positions=tuple(positions), version=version)


def record(
    command: RecordTransfer,
    transfer: Transfer,
    state: State | None,
    context: Context,
    at: datetime,
    fingerprint: bytes,
) -> tuple[RecordedEvent, ...]:
    """Return the event that records the transfer; none when it is a repeat.

    Args:
        transfer: the typed view of the command's data.
        fingerprint: over source, id and data as received (event format, section 2).

    Raises:
        ExpiredError: the key was used, and the record's content is gone.
        ConflictingTransferError: the key was used for other content.
        MarkDiffersError: it is recorded, without the mark that the command states.
    """
    if state is not None:
        position = state.effective_position or state.first_position  # as the first answer told
        if state.entry is None or state.entry.fingerprint is None:
            raise ExpiredError(position)
        if state.entry.fingerprint != fingerprint:
            raise ConflictingTransferError(position)
        # Silence would leave whoever marks believing that nobody sees the record. A repeat that
        # states no mark comes from a sender who may not know of it.
        if command.order_11 not in (0, state.entry.order_11):
            raise MarkDiffersError(position)
        return ()
    recorded_on = transfer.recorded_on or day_in_japan(at)
    verdict = judge(transfer, context, recorded_on)
    entry = Entry(
        source=command.source,
        id=command.id,
        order_11=command.order_11,
        fingerprint=fingerprint,
        record=Record(without_principals(command.data), recorded_on, verdict.whole),
        lines=_lines(transfer, verdict),
        persons=len(transfer.principals),
    )
    return (_recorded(transfer, verdict.whole)(entry),)


def _lines(transfer: Transfer, verdict: TransferVerdict) -> dict[int, PersonLine]:
    return {n: PersonLine(one, verdict.persons.get(n)) for n, one in enumerate(transfer.principals)}


def _recorded(transfer: Transfer, verdict: Verdict) -> type[RecordedEvent]:
    """The type that names what the transfer is in law (architecture, section 2)."""
    if verdict.in_reply:
        return ProvisionRecorded if verdict.duty == "art29" else ReceiptRecorded
    if verdict.duty == "art31_provider":
        return ReferableProvisionRecorded
    if BASES[transfer.basis].route is Route.JOINT_USE and verdict.lawful:
        return JointUseTransferRecorded
    return ExemptTransferRecorded


def ever_in(facts: Iterable[Fact[Event | ExpiredEvent]]) -> tuple[list[Record], list[PersonLine]]:
    """What a transfer's record ever was, and every line that ever stood in it."""
    records: list[Record] = []
    lines: list[PersonLine] = []
    for fact in facts:
        match fact.event:
            case TransferCorrected() | TransferReclassified() as event:
                records.append(event.record)
                lines += event.lines.values()
            case PrincipalsAppended() as event:
                lines += event.lines.values()
            case event if isinstance(event, RecordedEvent):
                records.append(event.entry.record)
                lines += event.entry.lines.values()
            case _:
                continue
    return records, lines
