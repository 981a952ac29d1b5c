"""What of a batch can be appended, and where: pure, one pass, in the order of the batch.

Each append is judged against what stands in the database and what the batch has taken before it;
one that cannot go is refused alone and takes no position.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger.errors import KeyDestroyedError, LedgerError, StreamMovedError, UnstorableError
from ledger.format.envelope import Append, DutyRow, LookupRow, SealedEvent

UNIQUE_KINDS = frozenset({"directive", "pair", "series", "notice", "emitter"})
"""Kinds of lookup rows that name one stream per key, in one row."""
_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class AppendedBatch:
    """An append that stands.

    Attributes:
        positions: of its events, rising.
        known: whether the command was appended before; the positions are those of that time.
    """

    positions: tuple[int, ...]
    known: bool = False


@dataclass(frozen=True, slots=True)
class BatchState:
    """What the database holds, as far as the batch touches it, under the head's lock.

    Attributes:
        head: the last position.
        commands: positions of the batch's commands that are stored.
        versions: last version of the batch's streams that exist.
        lookups: streams of the batch's unique (kind, key) that exist.
        expired_keys: data keys of the batch that do not stand.
        newest: position of the newest event of each type that came since a caller of the batch has
            looked, of the types that they rest on.
    """

    head: int
    commands: dict[UUID, tuple[int, ...]] = field(default_factory=dict[UUID, tuple[int, ...]])
    versions: dict[UUID, int] = field(default_factory=dict[UUID, int])
    lookups: dict[tuple[str, bytes], UUID] = field(default_factory=dict[tuple[str, bytes], UUID])
    expired_keys: frozenset[bytes] = frozenset()
    newest: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class AppendPlan:
    """What will be written, and what will be answered once it is committed."""

    head: int
    results: list[AppendedBatch | LedgerError] = field(
        default_factory=list[AppendedBatch | LedgerError]
    )
    events: list[SealedEvent] = field(default_factory=list[SealedEvent])
    lookups: list[LookupRow] = field(default_factory=list[LookupRow])
    duties: list[DutyRow] = field(default_factory=list[DutyRow])
    commands: set[UUID] = field(default_factory=set[UUID])


def planned(appends: Sequence[Append], state: BatchState, unsettled: set[UUID]) -> AppendPlan:
    """Judge the batch; `events` get the positions head + 1, head + 2, … in their order.

    Args:
        unsettled: commands of this batch whose commit was sent and not answered. They were one
            transaction: where all of them stand, it was this call that appended them.
    """
    plan = AppendPlan(state.head)
    commands = dict(state.commands)
    versions = dict(state.versions)
    lookups = dict(state.lookups)
    newest = dict(state.newest)
    own = set(unsettled) if unsettled <= state.commands.keys() else set[UUID]()
    position = state.head
    for append in appends:
        command = append.events[0].command
        first = None if append.goes_on else commands.get(command)
        if first is not None:
            plan.results.append(AppendedBatch(first, known=command not in own))
            own.discard(command)
            continue
        error = _refusal(append, versions, lookups, state.expired_keys)
        if error is None and not _is_met(append, newest):
            error = StreamMovedError(append.events[0].stream)
        if error is not None:
            plan.results.append(error)
            continue
        for event in append.events:
            versions[event.stream] = event.version
        for row in append.lookups:
            if row.kind in UNIQUE_KINDS:
                lookups[row.kind, row.key] = row.stream
        positions = tuple(range(position + 1, position + 1 + len(append.events)))
        newest.update(zip([event.type for event in append.events], positions, strict=True))
        position = positions[-1]
        if not append.goes_on:
            commands[command] = positions
        plan.commands.add(command)
        plan.events.extend(append.events)
        plan.lookups.extend(append.lookups)
        plan.duties.extend(append.duties)
        plan.results.append(AppendedBatch(positions))
    return plan


def _refusal(
    append: Append,
    versions: dict[UUID, int],
    lookups: dict[tuple[str, bytes], UUID],
    expired_keys: frozenset[bytes],
) -> LedgerError | None:
    moved: dict[UUID, int] = {}
    for event in append.events:
        stream = event.stream
        last = moved.get(stream) or versions.get(stream, 0)
        if event.version != last + 1:
            return StreamMovedError(stream)
        moved[stream] = event.version
        if event.key_id in expired_keys:
            return KeyDestroyedError(event.key_id)
    claimed: dict[tuple[str, bytes], UUID] = {}
    for row in append.lookups:
        if row.key_id in expired_keys:
            return KeyDestroyedError(row.key_id)
        if row.kind in UNIQUE_KINDS:
            there = lookups.get((row.kind, row.key), row.stream)
            if there != row.stream:
                return StreamMovedError(there)
            if claimed.setdefault((row.kind, row.key), row.stream) != row.stream:
                # It contradicts itself: the index would refuse it, whenever it comes.
                return UnstorableError(_UNIQUE_VIOLATION, "lookups_unique")
    return None


def _is_met(append: Append, newest: dict[str, int]) -> bool:
    condition = append.condition
    return condition is None or all(
        newest.get(one, 0) <= condition.since for one in condition.types
    )


def check_shape(append: Append) -> None:
    """Refuse what no caller may hand in.

    Raises:
        ValueError: no events, or more than one command.
    """
    events = append.events
    if not events:
        raise ValueError("an append holds at least one event")
    if len(events) > 1 and any(event.command != events[0].command for event in events):
        raise ValueError("the events of one append share one command")
