"""What is excluded under Order 11 besides what emitters marked: the set that stands.

A set and not a stream of single events: the events repeat all of it each day (event format,
section 6), and between two of them it stands in a draft.

Source: Act Art. 33(5); Order 11(i)–(iv).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from ledger.errors import (
    AlreadyStandsError,
    CorruptRecordError,
    Defect,
    DoesNotStandError,
    LedgerError,
    MalformedError,
)
from ledger.events import Act, Excluded, ExclusionsSealed, Expired, Fact, LookedAt
from ledger.policies.my_number import my_number_defects

GROUNDS = ("i", "ii", "iii", "iv")
"""Items of Order 11: life, body, property; unlawful acts; the nation's safety; crime."""

REASON_CHARACTERS_MAX = 100
"""Of a reason: all that stand are repeated each day, within F bytes."""

Span = tuple[int, int]
"""First and last position, inclusive."""


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
    """Exclude transfers: those recorded at the positions of `spans`, on one ground."""

    command: UUID
    actor: str
    spans: tuple[Span, ...]
    ground: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftExclusion:
    """Let transfers be seen again: what of `spans` is excluded."""

    command: UUID
    actor: str
    spans: tuple[Span, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Look at what was recorded at the positions of `spans`, to decide whether it is excluded.

    Attributes:
        case: the position where the case began that it is for; None: for none.
    """

    actor: str
    spans: tuple[Span, ...]
    reason: str
    case: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is excluded now. Who looked is no part of what stands, and is not compared.

    Attributes:
        excluded: ascending; no two overlap.
        lifted: what the next daily event tells as lifted.
        looked: who looked at records since the last one, which the next one tells.

    Raises:
        CorruptRecordError: they overlap, or stand in another order.
    """

    excluded: tuple[Excluded, ...] = ()
    lifted: tuple[Excluded, ...] = ()
    looked: tuple[LookedAt, ...] = field(default=(), compare=False)
    _firsts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        last = 0
        for one in self.excluded:
            if not last < one.first <= one.last:
                raise CorruptRecordError("the exclusions overlap, or stand in another order")
            last = one.last
        object.__setattr__(self, "_firsts", tuple(one.first for one in self.excluded))

    def covers(self, position: int) -> bool:
        """Whether the transfer that was recorded at `position` is excluded."""
        return self._at(position) is not None

    def applied_to(self, positions: Iterable[int]) -> tuple[Excluded, ...]:
        """The exclusions that cover one of these transfers, each once, without who made them.

        Whole ranges and not the positions in them: so what was applied to one person never takes
        more room than what stands.
        """
        found = {one.first: one for p in positions if (one := self._at(p)) is not None}
        return tuple(replace(found[first], act=None) for first in sorted(found))

    @property
    def event(self) -> ExclusionsSealed:
        """The event that repeats it."""
        return ExclusionsSealed(self.excluded, self.lifted, self.looked)

    def _at(self, position: int) -> Excluded | None:
        place = bisect_right(self._firsts, position) - 1
        if place < 0 or position > self.excluded[place].last:
            return None
        return self.excluded[place]


NOTHING = Standing()


def decide(command: Exclude | LiftExclusion, standing: Standing, at: datetime) -> ExclusionsSealed:
    """Return what the next daily event says after the command.

    What is excluded again, on another ground, is excluded on that ground alone.

    Raises:
        MalformedError: no span, a span that ends before it begins, an unknown ground, a reason that
            is empty or too long.
        AlreadyStandsError: all of it is excluded on that ground.
        DoesNotStandError: nothing of one of the spans is excluded.
    """
    _check(command)
    act = Act(at, command.actor, command.reason)
    spans = _joined(command.spans)
    named = [part for span in spans for part in _within(standing.excluded, span)]
    if isinstance(command, LiftExclusion):
        if not all(any(True for _ in _within(standing.excluded, one)) for one in command.spans):
            raise DoesNotStandError
        lifted = tuple(replace(one, act=act) for one in named)
        left = _without(standing.excluded, spans)
        return replace(standing.event, excluded=left, lifted=(*standing.lifted, *_merged(lifted)))
    same = sum(one.last - one.first + 1 for one in named if one.ground == command.ground)
    if same == sum(last - first + 1 for first, last in spans):
        raise AlreadyStandsError
    added = [Excluded(first, last, command.ground, act) for first, last in spans]
    return replace(standing.event, excluded=_merged((*_without(standing.excluded, spans), *added)))


def look(command: LookAt, standing: Standing, at: datetime) -> ExclusionsSealed:
    """Return what the next daily event says after a look; what stands is as it was.

    Raises:
        MalformedError: no span, a span that ends before it begins, a reason that is empty or too
            long.
    """
    _check(command)
    act = Act(at, command.actor, command.reason)
    added = tuple(LookedAt(*span, act, command.case) for span in _joined(command.spans))
    return replace(standing.event, looked=(*standing.looked, *added))


def evolve(standing: Standing | None, fact: Fact[ExclusionsSealed | Expired]) -> Standing | None:
    """What stands after a daily event; None when it cannot be read any more.

    What it told as lifted, and who looked, has been told.
    """
    event = fact.event
    if isinstance(event, ExclusionsSealed):
        return Standing(event.excluded)
    return None if event.type == ExclusionsSealed.TYPE else standing


def _check(command: Exclude | LiftExclusion | LookAt) -> None:
    defects: list[Defect] = []
    if not command.spans:
        defects.append(Defect("", "EXCLUSION_NAMES_NOTHING", "name transfers, or positions"))
    for n, (first, last) in enumerate(command.spans):
        if not 1 <= first <= last:
            detail = "a range of positions begins at 1 or later, and ends where it begins or later"
            defects.append(Defect(f"/positions/{n}", "RANGE_EMPTY", detail))
    if isinstance(command, Exclude) and command.ground not in GROUNDS:
        defects.append(Defect("/ground", "SCHEMA", f"give one of {', '.join(GROUNDS)}"))
    if not command.reason.strip() or len(command.reason) > REASON_CHARACTERS_MAX:
        detail = f"say why, in at most {REASON_CHARACTERS_MAX} characters"
        defects.append(Defect("/reason", "SCHEMA", detail))
    defects += my_number_defects(command.reason, "/reason")
    if defects:
        raise MalformedError(tuple(defects))


def _joined(spans: Collection[Span]) -> list[Span]:
    """The same positions as disjoint spans, ascending."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _within(excluded: Iterable[Excluded], span: Span) -> Iterator[Excluded]:
    """What of it lies in the span."""
    for one in excluded:
        first, last = max(one.first, span[0]), min(one.last, span[1])
        if first <= last:
            yield replace(one, first=first, last=last)


def _without(excluded: Sequence[Excluded], spans: Iterable[Span]) -> tuple[Excluded, ...]:
    """What of it lies in none of the spans."""
    left = list(excluded)
    for first, last in spans:
        left = [
            part
            for one in left
            for part in (
                replace(one, last=min(one.last, first - 1)),
                replace(one, first=max(one.first, last + 1)),
            )
            # An excluded range that the span does not touch comes out of one of the two whole.
            if part.first <= part.last
        ]
    return tuple(left)


def _merged(excluded: Iterable[Excluded]) -> tuple[Excluded, ...]:
    """The same, ascending; neighbours of one ground and one act are one range."""
    found: list[Excluded] = []
    for one in sorted(excluded, key=lambda one: one.first):
        last = found[-1] if found else None
        if last is not None and last == replace(one, first=last.first, last=one.first - 1):
            found[-1] = replace(last, last=one.last)
        else:
            found.append(one)
    return tuple(found)
