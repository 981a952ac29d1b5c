"""What is excluded under Order 11 besides what emitters marked: the set that stands.

An exclusion names records and the person for whose sake they are excluded: the other persons of
the same records are answered as if nothing were (Act Art. 33(5)). Whom it names is a principal key,
as a line of the record has it; none stands for every person.

A set and not a stream of single events: the events repeat all of it each day (event format,
section 6), and between two of them it stands in a draft.

Source: Act Art. 33(5); Order 11(i)–(iv).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from ledger.errors import (
    AlreadyActiveError,
    Defect,
    DoesNotStandError,
    LedgerError,
    MalformedError,
)
from ledger.exclusions.ranges import (
    EVERYBODY,
    ExclusionRanges,
    Span,
    dated,
    disjoint,
    joined,
    merged,
    outside,
    overlaps,
    positions_in,
    within,
    without,
)
from ledger.format.events import (
    AccessedRange,
    ExcludedRange,
    ExclusionAct,
    ExclusionsSealed,
    ExpiredEvent,
    Fact,
)
from ledger.policies.my_number import my_number_defects

GROUNDS = ("i", "ii", "iii", "iv")
"""Items of Order 11: life, body, property; unlawful acts; the nation's safety; crime."""

REASON_CHARACTERS_MAX = 100
"""Of a reason: all that stand are repeated each day, within F bytes."""


class ExclusionsFullError(LedgerError):
    """What would be excluded does not fit into the fixed size; nothing was changed.

    Attributes:
        bytes_max: the fixed size, F of the event format, section 6.
    """

    code = "EXCLUSIONS_FULL"

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"what is excluded does not fit into {bytes_max} bytes")
        self.bytes_max = bytes_max


@dataclass(frozen=True, slots=True)
class Exclude:
    """Exclude transfers: those recorded at the positions of `spans`, on one ground.

    Attributes:
        principals: of each span, keys of the person's identifiers there; None: for every person.
    """

    command: UUID
    actor: str
    spans: tuple[Span, ...]
    ground: str
    reason: str
    principals: tuple[tuple[bytes | None, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class RecordAt:
    """A record, as far as a lift has to know it.

    Attributes:
        principals: keys of all who stand in it.
        ground: of its emitter's mark; empty where it has none.
    """

    principals: frozenset[bytes]
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LiftExclusion:
    """Let transfers be seen again: what of `spans` is excluded. Two persons must ask for it.

    Attributes:
        principals: as of `Exclude`.
        records: position → a record of the spans whose mark is lifted too, or that is excluded for
            every person and is shown to this one again.
        earlier: actors under which the same person acted in older versions (decision 0104).
    """

    command: UUID
    actor: str
    spans: tuple[Span, ...]
    reason: str
    principals: tuple[tuple[bytes | None, ...], ...] | None = None
    records: Mapping[int, RecordAt] = field(default_factory=dict[int, RecordAt])
    earlier: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AccessRecords:
    """Look at what was recorded at the positions of `spans`, to decide whether it is excluded.

    Attributes:
        case: the position where the case began that it is for; None: for none.
    """

    actor: str
    spans: tuple[Span, ...]
    reason: str
    case: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveExclusions:
    """What is excluded now.

    Who looked, and what a second person has still to confirm, is no part of what stands, and is not
    compared.

    Attributes:
        excluded: ascending; no two of one principal overlap.
        lifted: what the next daily event tells as lifted.
        accesses: who looked at records since the last one, which the next one tells.
        unmarked: emitters' marks that were lifted, of the same form; the ground is the mark's.
        pending: lifts that one person asked for, of the same form.

    Raises:
        CorruptRecordError: they overlap, or stand in another order.
    """

    excluded: tuple[ExcludedRange, ...] = ()
    lifted: tuple[ExcludedRange, ...] = ()
    accesses: tuple[AccessedRange, ...] = field(default=(), compare=False)
    unmarked: tuple[ExcludedRange, ...] = ()
    pending: tuple[ExcludedRange, ...] = field(default=(), compare=False)
    _excluded: ExclusionRanges = field(init=False, repr=False, compare=False)
    _unmarked: ExclusionRanges = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_excluded", ExclusionRanges(self.excluded))
        object.__setattr__(self, "_unmarked", ExclusionRanges(self.unmarked))
        ExclusionRanges(self.pending)

    def covers(self, position: int, keys: Iterable[bytes] = ()) -> bool:
        """Whether the transfer that was recorded at `position` is excluded for a person.

        Args:
            keys: of all identifiers of the person; none: whether it is for every person.
        """
        return self._excluded.covers(position, keys)

    def hides(self, position: int, keys: Iterable[bytes], *, is_marked: bool) -> bool:
        """Whether a transfer is hidden from a person: it is excluded, or its mark was not lifted.

        Args:
            keys: as of `covers`.
            is_marked: whether its emitter marked it.
        """
        keys = tuple(keys)
        is_shown = not is_marked or self._unmarked.covers(position, keys)
        return not is_shown or self._excluded.covers(position, keys)

    def distinguishes_persons(self, position: int) -> bool:
        """Whether a transfer may be hidden from one of its persons and not from another."""
        return self._excluded.is_keyed(position) or self._unmarked.is_keyed(position)

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is hidden and from whom, and not of why."""
        lines = [
            f"{kind} {one.first} {one.last} {(one.principal or b'').hex()}\n"
            for kind, some in (("excluded", self.excluded), ("unmarked", self.unmarked))
            for one in some
        ]
        return sha256("".join(lines).encode()).digest()

    @property
    def keyed(self) -> tuple[Span, ...]:
        """Where `distinguishes_persons` says so, ascending."""
        return (*joined([*self._excluded.keyed, *self._unmarked.keyed]),)

    def applied_to(
        self, positions: Iterable[int], keys: Iterable[bytes] = ()
    ) -> tuple[ExcludedRange, ...]:
        """The exclusions that cover one of these transfers for a person, each once, without acts.

        Whole ranges and not the positions in them: so what was applied to one person never takes
        more room than what stands.

        Args:
            keys: as of `covers`.
        """
        return self._excluded.applied_to(positions, keys)

    def unmarked_of(
        self, positions: Iterable[int], keys: Iterable[bytes] = ()
    ) -> tuple[ExcludedRange, ...]:
        """As `applied_to`, of the marks that were lifted."""
        return self._unmarked.applied_to(positions, keys)

    @property
    def event(self) -> ExclusionsSealed:
        """The event that repeats it."""
        return ExclusionsSealed(
            self.excluded, self.lifted, self.accesses, self.unmarked, self.pending
        )


NOTHING = ActiveExclusions()


def exclusions_of(event: ExclusionsSealed) -> ActiveExclusions:
    """What stands as long as the next daily event is to say `event`."""
    return ActiveExclusions(
        event.excluded, event.lifted, event.looked, event.unmarked, event.pending
    )


def decide(
    command: Exclude | LiftExclusion, active: ActiveExclusions, at: datetime
) -> ExclusionsSealed:
    """Return what the next daily event says after the command.

    What is excluded again, on another ground, is excluded on that ground alone; a lift of it that
    waited for a second person is dropped. What is lifted was asked for by another person before:
    the rest of it waits.

    Raises:
        MalformedError: no span, a span that ends before it begins, an unknown ground, a reason that
            is empty or too long.
        AlreadyStandsError: all of it is excluded on that ground.
        DoesNotStandError: nothing of one of the spans is hidden.
    """
    _check(command)
    if isinstance(command, LiftExclusion):
        return _lifted(command, active, ExclusionAct(at, command.actor, command.reason)).event
    return _excluded(command, active, ExclusionAct(at, command.actor, command.reason)).event


def _excluded(command: Exclude, active: ActiveExclusions, act: ExclusionAct) -> ActiveExclusions:
    excluded, pending, same, width = active.excluded, active.pending, 0, 0
    for scope, spans in _scopes(command).items():
        named = [one for span in spans for one in within(excluded, span, (scope,))]
        same += sum(one.last - one.first + 1 for one in named if one.ground == command.ground)
        fresh = (ExcludedRange(first, last, command.ground, act, scope) for first, last in spans)
        before = [one for one in active.excluded if one.principal in {scope, EVERYBODY}]
        added = [part for one in fresh for part in dated(one, before)]
        excluded = merged((*without(excluded, spans, (scope,)), *added))
        pending = without(pending, spans, None if scope is EVERYBODY else (scope, EVERYBODY))
        width += sum(last - first + 1 for first, last in spans)
    if same == width and pending == active.pending:
        raise AlreadyActiveError
    return replace(active, excluded=excluded, pending=pending)


def _lifted(
    command: LiftExclusion, active: ActiveExclusions, act: ExclusionAct
) -> ActiveExclusions:
    requested = _requested_ranges(command, active, act)
    if not all(any(overlaps(one, span) for one in requested) for span in command.spans):
        raise DoesNotStandError
    confirmed = [
        replace(both, principal=scope, act=replace(act, requested=other.act))
        for other in active.pending
        if other.act is not None and other.act.actor not in command.earlier | {act.actor}
        for one in requested
        if EVERYBODY in (one.principal, other.principal) or one.principal == other.principal
        for scope in (other.principal if one.principal is EVERYBODY else one.principal,)
        for both in within((one,), (other.first, other.last))
    ]
    after = active
    for one in confirmed:
        after = _apply_lift(one, after, command.records)
    pending = after.pending
    for one in _requested_ranges(command, after, act):  # what is left of it waits
        known = [(two.first, two.last) for two in pending if two.principal in (None, one.principal)]
        pending = (*pending, *without((one,), known))
    spans = joined((one.first, one.last) for one in confirmed)
    still = [part for one in pending for part in _due(one, spans, after, command.records)]
    return replace(after, pending=merged([*without(pending, spans), *still]))


def _requested_ranges(
    command: LiftExclusion, active: ActiveExclusions, act: ExclusionAct
) -> tuple[ExcludedRange, ...]:
    """What of the spans is hidden from those whom the command names: of each principal disjoint."""
    found: list[ExcludedRange] = []
    for scope, spans in _scopes(command).items():
        parts = [
            one
            for span in spans
            for one in within(active.excluded, span, None if scope is EVERYBODY else (scope,))
        ]
        for position, record in positions_in(command.records, spans):
            where = (position, position)
            if scope is not EVERYBODY:
                if scope not in record.principals:
                    continue
                parts += within(active.excluded, where, (EVERYBODY,))
            if record.ground and _is_marked(active, position, scope):
                parts.append(ExcludedRange(*where, record.ground))
        found += disjoint(replace(one, principal=scope, act=act) for one in parts)
    return tuple(found)


def _apply_lift(
    done: ExcludedRange, active: ActiveExclusions, records: Mapping[int, RecordAt]
) -> ActiveExclusions:
    """What stands after a lift that two persons asked for, for one principal or for all."""
    span, scope = (done.first, done.last), done.principal
    principals = None if scope is EVERYBODY else (scope,)
    gone = list(within(active.excluded, span, principals))
    left = list(without(active.excluded, [span], principals))
    unmarked = active.unmarked
    marks: list[ExcludedRange] = []
    for position, record in positions_in(records, [span]):
        where = (position, position)
        if scope is not EVERYBODY:
            if scope not in record.principals:
                continue
            # Excluded for every person: it stays so for the others.
            of_all = list(within(left, where, (EVERYBODY,)))
            known = {one.principal for one in within(left, where)}
            others = sorted(record.principals - known - {scope})
            left = [
                *without(left, [where], (EVERYBODY,)),
                *(replace(one, principal=other) for one in of_all for other in others),
            ]
            gone += [replace(one, principal=scope) for one in of_all]
        if record.ground and _is_marked(active, position, scope):
            mark = ExcludedRange(*where, record.ground, done.act, scope)
            unmarked = (*without(unmarked, [where], principals), mark)
            marks.append(mark)
    lifted_ranges = merged((*(_with_begin(one, done.act) for one in gone), *marks))
    return replace(
        active,
        excluded=merged(left),
        lifted=(*active.lifted, *lifted_ranges),
        unmarked=merged(unmarked),
        pending=without(active.pending, [span], principals),
    )


def _with_begin(gone: ExcludedRange, act: ExclusionAct | None) -> ExcludedRange:
    """What was lifted by an act, which also says since when it was excluded."""
    if act is None or gone.act is None:
        return replace(gone, act=act)
    return replace(gone, act=replace(act, since=gone.act.begin))


def _due(
    one: ExcludedRange,
    spans: Iterable[Span],
    active: ActiveExclusions,
    records: Mapping[int, RecordAt],
) -> tuple[ExcludedRange, ...]:
    """What of a lift that waits is still hidden, of where another lift was carried out."""
    scope = one.principal
    whom = None if scope is EVERYBODY else (scope, EVERYBODY)
    parts: list[ExcludedRange] = []
    for part in (part for span in spans for part in within((one,), span)):
        where = (part.first, part.last)
        parts += within(active.excluded, where, whom)
        parts += [
            ExcludedRange(position, position, record.ground)
            for position, record in positions_in(records, [where])
            if record.ground and _is_marked(active, position, scope)
        ]
    return disjoint(replace(part, principal=scope, act=one.act) for part in parts)


def _is_marked(active: ActiveExclusions, position: int, scope: bytes | None) -> bool:
    """Whether the mark of a record still hides it from a principal, or from anybody."""
    whom = (EVERYBODY,) if scope is EVERYBODY else (EVERYBODY, scope)
    return not any(True for _ in within(active.unmarked, (position, position), whom))


def _scopes(command: Exclude | LiftExclusion) -> dict[bytes | None, list[Span]]:
    """Each principal, or everybody, with the positions that are meant."""
    if command.principals is None:
        return {EVERYBODY: joined(command.spans)}
    found: dict[bytes | None, list[Span]] = {}
    for span, keys in zip(command.spans, command.principals, strict=True):
        for key in keys:
            found.setdefault(key, []).append(span)
    return {key: joined(spans) for key, spans in found.items()}


def record_access(
    command: AccessRecords, active: ActiveExclusions, at: datetime
) -> ExclusionsSealed:
    """Return what the next daily event says after a look; what stands is as it was.

    Raises:
        MalformedError: no span, a span that ends before it begins, a reason that is empty or too
            long.
    """
    _check(command)
    act = ExclusionAct(at, command.actor, command.reason)
    added = tuple(AccessedRange(*span, act, command.case) for span in joined(command.spans))
    return replace(active.event, looked=(*active.accesses, *added))


def evolve(
    active: ActiveExclusions | None, fact: Fact[ExclusionsSealed | ExpiredEvent]
) -> ActiveExclusions | None:
    """What stands after a daily event; None when it cannot be read any more.

    What it told as lifted, and who looked, has been told.
    """
    event = fact.event
    if isinstance(event, ExclusionsSealed):
        return ActiveExclusions(event.excluded, unmarked=event.unmarked, pending=event.pending)
    return None if event.type == ExclusionsSealed.TYPE else active


def unexplained(before: ExclusionsSealed, after: ExclusionsSealed) -> tuple[ExcludedRange, ...]:
    """What `before` hides and `after` shows, of which `after` tells no lift.

    What stands of records whose content is gone is left out of a daily event and is among it:
    whoever asks knows what lives.

    Args:
        before: a daily event.
        after: the next one, or what stands.
    """
    lifted = [one for one in after.lifted if one not in before.lifted]
    found = [
        left
        for one in before.excluded
        for left in outside((one,), after.excluded, _whom(one))
        # Lifted for one person, what was excluded for everybody is excluded for each of the others.
        for left in outside((left,), lifted, None if one.principal is EVERYBODY else _whom(one))
    ]
    found += [
        left
        for one in after.unmarked
        for left in outside((one,), before.unmarked, _whom(one))
        for left in outside((left,), lifted, _whom(one))
    ]
    return tuple(found)


def _whom(one: ExcludedRange) -> tuple[bytes | None, ...]:
    return (EVERYBODY,) if one.principal is EVERYBODY else (EVERYBODY, one.principal)


def empty_ranges(spans: Iterable[Span]) -> list[Defect]:
    """A defect for each range that ends before it begins, or begins before position 1."""
    detail = "a range of positions begins at 1 or later, and ends where it begins or later"
    return [
        Defect(f"/positions/{n}", "RANGE_EMPTY", detail)
        for n, (first, last) in enumerate(spans)
        if not 1 <= first <= last
    ]


def _check(command: Exclude | LiftExclusion | AccessRecords) -> None:
    defects: list[Defect] = []
    if not command.spans:
        defects.append(Defect("", "EXCLUSION_NAMES_NOTHING", "name transfers, or positions"))
    defects += empty_ranges(command.spans)
    if isinstance(command, Exclude) and command.ground not in GROUNDS:
        defects.append(Defect("/ground", "SCHEMA", f"give one of {', '.join(GROUNDS)}"))
    if not command.reason.strip() or len(command.reason) > REASON_CHARACTERS_MAX:
        detail = f"say why, in at most {REASON_CHARACTERS_MAX} characters"
        defects.append(Defect("/reason", "SCHEMA", detail))
    defects += my_number_defects(command.reason, "/reason")
    if defects:
        raise MalformedError(tuple(defects))
