"""Facts about what is excluded under Order 11, all sealed and all of one size.

What is excluded is written as ranges of positions, so that no name and no id of it stands anywhere.

Source: `docs/reference/event-format.md`, section 6.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ExclusionAct:
    """Who excluded or lifted something, when, and why, as typed.

    Attributes:
        requested: of a lift, who asked for it first: two persons lift. None: none was needed.
        since: of what is excluded again, or lifted: since when without an end it was so. None:
            an exclusion is one since `at`; a lift is of a mark, or was written before 2026-12-04.
    """

    at: datetime
    actor: str
    reason: str
    requested: "ExclusionAct | None" = None
    since: datetime | None = None

    @property
    def begin(self) -> datetime:
        """Of an exclusion: since when it is one."""
        return self.since or self.at


@dataclass(frozen=True, slots=True)
class ExcludedRange:
    """Transfers that are excluded for one person, or for all in them.

    Attributes:
        first, last: positions of events that recorded transfers, both inclusive.
        ground: `i`, `ii`, `iii` or `iv` of Order 11.
        act: None where only what was applied is told.
        principal: the principal key, 16 bytes, of the identifier that the records name; None: they
            are excluded for every person in them.
    """

    first: int
    last: int
    ground: str
    act: ExclusionAct | None = None
    principal: bytes | None = None


@dataclass(frozen=True, slots=True)
class AccessedRange:
    """Records that somebody looked at who may exclude, before or while they are excluded.

    Attributes:
        first, last: positions of events that recorded transfers, both inclusive.
        act: who looked, when, and why, as typed.
        case: the position where the case began that it was for; None: for none.
    """

    first: int
    last: int
    act: ExclusionAct
    case: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewSealed:
    """A decision on a case was made; what was excluded of the person's records, often nothing.

    Attributes:
        unmarked: what emitters had marked of them and was shown all the same.
    """

    TYPE: ClassVar[str] = "review-sealed"
    excluded: tuple[ExcludedRange, ...]
    unmarked: tuple[ExcludedRange, ...] = ()


@dataclass(frozen=True, slots=True)
class ExclusionsSealed:
    """All that is excluded, repeated each day.

    Attributes:
        excluded: what stands; ascending, and no two of one principal overlap.
        lifted: what was lifted since the day before, with who lifted it; told this once.
        looked: what was looked at since the day before, with who looked; told this once.
        unmarked: emitters' marks that were lifted; the ground is the mark's.
        pending: lifts that one person asked for and no second one has confirmed.
    """

    TYPE: ClassVar[str] = "exclusions-sealed"
    excluded: tuple[ExcludedRange, ...]
    lifted: tuple[ExcludedRange, ...] = ()
    looked: tuple[AccessedRange, ...] = ()
    unmarked: tuple[ExcludedRange, ...] = ()
    pending: tuple[ExcludedRange, ...] = ()


ExclusionEvent = ReviewSealed | ExclusionsSealed
