"""The daily close: an emitter says which transfers a day had, the ledger compares with its own.

A transfer belongs to the day on which it was made: `transferred_on`, or the last day of its period
(`transferred_to`), as it was recorded at first. One without such a day belongs to none.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.emitters.events import DayClosed, ItemWhereabouts, MissingTransfer, Registration
from ledger.emitters.id_set import TransferKey, element, hash_of, joined, product_of
from ledger.emitters.sources import is_within
from ledger.errors import Defect, MalformedError
from ledger.values import Json

IDS_MAX: Final = 10_000
"""Ids in one request: as many as are looked up within a second."""
NAMED_MAX: Final = 1_000
"""Of those that are not recorded, how many an event names; all of them are counted."""
DAYS_MAX: Final = 180
"""How far back a day may be closed: no record of such a day is destroyed yet, so the read side can
count all of them (the shortest time is one year, APPI Enforcement Rules Art. 21(i))."""

DayStatus = Literal["match", "gap", "differs", "surplus", "late", "declared", "open", "overdue"]
"""How a day stands: closed, and all is there and no more; closed, and some are missing; closed,
and what is different is not known; closed, and the ledger holds more, or some of it with another
day; closed, and more came in since; not closed, but declared complete; neither, and over since
yesterday; neither, for longer."""


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Close a day of an emitter.

    Attributes:
        emitter: its id.
        count, id_hash: of the keys of the day's transfers (`ledger.emitters.id_set`), lower-case
        hex. ids: some of these keys, or all: those that are not recorded are named.
    """

    command: UUID
    actor: str
    emitter: str
    day: date
    count: int
    id_hash: str
    ids: tuple[TransferKey, ...] = ()


@dataclass(frozen=True, slots=True)
class DayHoldings:
    """What the ledger holds of a day.

    Attributes:
        as_of: up to which position.
        count, product: of the day's keys (`ledger.emitters.id_set`); None while the read side has
        none.
    """

    as_of: int
    count: int | None
    product: int


@dataclass(frozen=True, slots=True)
class DailyClose:
    """A close that stands.

    Attributes:
        position: of its event.
        number: 1 for the first close of its day, 2 for the one that corrects it.
    """

    event: DayClosed
    position: int
    number: int

    @property
    def day(self) -> date:
        """The day that is closed."""
        return self.event.day

    @property
    def lost(self) -> int:
        """How many are known not to be recorded: missing, or among the rejected items."""
        return self.event.missing + self.event.quarantined

    @property
    def is_open(self) -> bool:
        """Whether something differs that the given ids do not explain."""
        return not self.event.matches and self.event.unnamed is None and not self._all_there

    @property
    def is_short(self) -> bool:
        """Whether transfers of the day are missing, or may be."""
        return bool(self.lost) or self.is_open

    @property
    def _all_there(self) -> bool:
        return self.event.recorded is None and bool(self.event.other_day) and not self.lost


def day_of(facts: Mapping[str, Json]) -> date | None:
    """The day to which a recorded transfer belongs, as its header says it; None: to no day."""
    day_text = facts.get("transferred_on") or facts.get("transferred_to")
    return date.fromisoformat(day_text) if isinstance(day_text, str) else None


def after(
    closes: tuple[DailyClose, ...], event: DayClosed, position: int
) -> tuple[DailyClose, ...]:
    """The closes once `event` has the last word about its day; ascending by day."""
    place = bisect_left(closes, event.day, key=lambda one: one.day)
    is_known = place < len(closes) and closes[place].day == event.day
    number = closes[place].number + 1 if is_known else 1
    return (*closes[:place], DailyClose(event, position, number), *closes[place + is_known :])


def without_days(closes: tuple[DailyClose, ...], first: date, last: date) -> tuple[DailyClose, ...]:
    """The closes of other days than these."""
    return tuple(one for one in closes if not first <= one.day <= last)


def close_of(closes: Sequence[DailyClose], day: date) -> DailyClose | None:
    """The close of that day."""
    place = bisect_left(closes, day, key=lambda one: one.day)
    return closes[place] if place < len(closes) and closes[place].day == day else None


def check(command: CloseDay, registration: Registration, at: datetime) -> None:
    """Refuse what cannot be a close of the emitter's day.

    Raises:
        MalformedError: the day is not over, not the emitter's or too long ago; an id comes twice,
            is of another emitter, or they are not those that are counted.
    """
    defects = day_defects(command.day, registration, day_in_japan(at))
    defects += id_defects(command.ids, registration)
    if len(command.ids) > command.count:
        detail = "more ids are given than are counted"
        defects.append(Defect("/ids", "CLOSE_COUNT_MISMATCH", detail))
    elif not defects and _is_all(command) and hash_of(product_of(command.ids)) != command.id_hash:
        detail = "this is not the hash of the given ids, which are as many as are counted"
        defects.append(Defect("/hash", "CLOSE_HASH_MISMATCH", detail))
    if defects:
        raise MalformedError(tuple(defects))


def day_defects(day: date, registration: Registration, today: date) -> list[Defect]:
    """Why the day cannot be one of the emitter's that is closed."""
    pointer, until = "/path/day", registration.until
    if day >= today:
        return [Defect(pointer, "CLOSE_NOT_OVER", "only a day that is over in Japan can be closed")]
    if day < today - timedelta(days=DAYS_MAX):
        detail = f"only the last {DAYS_MAX} days can be closed; declare earlier ones complete"
        return [Defect(pointer, "CLOSE_TOO_LONG_AGO", detail)]
    if day < registration.since:
        detail = f"the emitter's first day is {registration.since}"
        return [Defect(pointer, "CLOSE_BEFORE_SINCE", detail)]
    if until is not None and day > until:
        return [Defect(pointer, "CLOSE_AFTER_UNTIL", f"the emitter's last day is {until}")]
    return []


def id_defects(ids: Sequence[TransferKey], registration: Registration) -> list[Defect]:
    """What is wrong with given ids."""
    defects: list[Defect] = []
    seen: set[TransferKey] = set()
    for n, key in enumerate(ids):
        if not is_within(key[0], registration.source):
            detail = "the source is none of this emitter's"
            defects.append(Defect(f"/ids/{n}/source", "CLOSE_SOURCE_NOT_OWN", detail))
        elif key in seen:
            defects.append(Defect(f"/ids/{n}", "CLOSE_ID_TWICE", "the id is given twice"))
        seen.add(key)
    return defects


def named_of(
    ids: Sequence[TransferKey],
    day: date,
    recorded: Mapping[TransferKey, date | None],
    waiting: frozenset[TransferKey],
) -> tuple[MissingTransfer, ...]:
    """Which of the ids the ledger does not hold as transfers of that day, by source and id.

    Args:
        recorded: the day of each of them that is recorded, None without one.
        waiting: those that wait among the rejected items.
    """
    found: list[MissingTransfer] = []
    for source, id_ in sorted(ids):
        key = (source, id_)
        where: ItemWhereabouts = "quarantine" if key in waiting else "missing"
        if key in recorded:
            if recorded[key] == day:
                continue
            where = "other_day"
        found.append(MissingTransfer(source, id_, where))
    return tuple(found)


def close(
    command: CloseDay,
    current_close: DailyClose | None,
    registration: Registration,
    held: DayHoldings,
    named: tuple[MissingTransfer, ...],
) -> DayClosed | None:
    """Return the event of the close; None when the standing one says all of it.

    Args:
        current_close: of that day.
        held, named: as of `held.as_of`, which is no earlier than the command.

    Raises:
        MalformedError: without all ids the ledger cannot compare now; or count and hash are those
            of what it holds, and an id is given that it does not hold for the day.
    """
    is_all = _is_all(command)
    if held.count is None and not is_all:
        detail = "until the read side is built anew the ledger can compare by all ids alone"
        raise MalformedError((Defect("/ids", "CLOSE_IDS_NEEDED", detail),))
    matches = _matches(command, held, named, is_all=is_all)
    if matches and named:
        detail = "it is none of the counted ones, which the ledger holds"
        others = {(one.source, one.id) for one in named}
        defects = [
            Defect(f"/ids/{n}", "CLOSE_HASH_MISMATCH", detail)
            for n, key in enumerate(command.ids)
            if key in others
        ]
        raise MalformedError(tuple(defects))
    numbers = Counter(one.found for one in named)
    event = DayClosed(
        registration,
        command.day,
        matches=matches,
        as_of=held.as_of,
        count=command.count,
        id_hash=command.id_hash,
        recorded=held.count,
        missing=numbers["missing"],
        quarantined=numbers["quarantine"],
        other_day=numbers["other_day"],
        unnamed=_unnamed(command, held, named, is_all=is_all),
        named=named[:NAMED_MAX],
    )
    comparable = replace(event, as_of=0)
    is_known = (
        current_close is not None
        and replace(current_close.event, registration=registration, as_of=0) == comparable
    )
    return None if is_known else event


def _is_all(command: CloseDay) -> bool:
    return len(command.ids) == command.count


def _matches(
    command: CloseDay, held: DayHoldings, named: tuple[MissingTransfer, ...], *, is_all: bool
) -> bool:
    if held.count is None:
        return is_all and not named
    return held.count == command.count and hash_of(held.product) == command.id_hash


def _unnamed(
    command: CloseDay, held: DayHoldings, named: tuple[MissingTransfer, ...], *, is_all: bool
) -> int | None:
    """How many the ledger holds that were not said.

    All ids were given: what is held and not among them. Otherwise the named ones may explain the
    whole difference: then what is held, with them, is what was said.
    """
    if held.count is None:
        return None
    if is_all:
        return held.count - (command.count - len(named))
    besides = joined(held.product, *(element(one.source, one.id) for one in named))
    is_explained = held.count + len(named) == command.count and hash_of(besides) == command.id_hash
    return 0 if is_explained else None


def day_status(
    day: date, today: date, found: DailyClose | None, *, is_declared: bool, held: int | None = None
) -> DayStatus:
    """How a day that is over stands.

    Args:
        found: its close.
        is_declared: whether it was declared complete.
        held: how many of the day the ledger holds by now; None: it is not asked.
    """
    if found is None:
        if is_declared:
            return "declared"
        return "open" if day >= today - timedelta(days=1) else "overdue"
    if found.lost:
        return "gap"
    if found.is_open:
        return "differs"
    recorded = found.event.recorded
    if not found.event.matches:
        return "surplus"
    return "late" if None not in (held, recorded) and held != recorded else "match"
