"""What becomes of each record, computed the slow way from what was sent, by the words of the law.

It knows neither keys nor events nor the product's policies.

Source: Act Art. 29(2), 30(4); Rules 20(2), 21, 25; Civil Code 140-143; event format, section 5.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from tests.retaining.drawn import KEYED, OPENED

DAY = timedelta(days=1)
FLOOR = timedelta(days=30)
"""No record dies sooner after one of its events."""


# -- the law --------------------------------------------------------------------------------------


@cache
def end(first: date, years: int) -> date:
    """The last day of a period whose first counted day is `first` (Civil Code 143)."""
    day = first
    while (day.month, day.year) != (first.month, first.year + years):
        day += DAY
    while day.day != first.day and (day + DAY).month == first.month:
        day += DAY
    return day - DAY if day.day == first.day else day


def e3(recorded_on: date) -> date:
    return end(recorded_on + DAY, 3)


def b3(last: date) -> date:
    return end(last, 3)


def k1(last: date) -> date:
    return end(last, 1)


# -- one record -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Said:
    """What one event says of a record: the day it was written down, and the event's own day.

    Attributes:
        stopped: those of its persons whose consent is withdrawn.
    """

    recorded_on: date
    last: date | None
    on: date
    stopped: frozenset[str] = frozenset()


@dataclass(slots=True)
class Life:
    """A record and who of its persons can still read it.

    Attributes:
        stands: whether what is not a person's can be read; another record may need that alone.
        stood: whether it stood before the newest run.
        moved: whether a correction took it away from somebody.
    """

    key: str
    kind: str
    people: tuple[str, ...]
    base: str | None
    series: int | None
    said: list[Said]
    living: set[str]
    retracted: bool = False
    stands: bool = True
    stood: bool = True
    moved: bool = False

    @property
    def lives(self) -> bool:
        return bool(self.living)

    def through(self, who: str) -> date | None:
        """The last day of the statutory period by what was said last; None while it is open."""
        said = self.said[-1]
        return _through(self.kind, said, stopped=who in said.stopped)

    def day(self) -> date | None:
        """The day of death of a record by itself: no version dies before another."""
        days: list[date] = []
        for said in self.said:
            through = _through(self.kind, said, stopped=bool(said.stopped))
            if through is not None:
                days += [through + DAY, said.on + FLOOR]
        is_open = _through(self.kind, self.said[-1], stopped=False) is None
        if is_open and not self.retracted:
            return None
        return max(days, default=self.said[-1].on + FLOOR)

    def day_at_most(self) -> date | None:
        """What did not happen and had no end is kept as if it had been closed at once."""
        day = self.day()
        if self.kind not in OPENED or day is None or self.said[-1].last is not None:
            return day
        return max(day, *(e3(said.recorded_on) + DAY for said in self.said))


def _through(kind: str, said: Said, *, stopped: bool) -> date | None:
    """The end of the period; of a log without a duty, the day before its three years are over."""
    if kind == "log":
        return b3(said.recorded_on)
    if kind in ("single", "gap"):
        return e3(said.recorded_on)
    if kind in ("contract", "supply") and stopped:
        return e3(said.recorded_on)
    if said.last is None:
        return None
    return k1(said.last) if kind in ("contract", "supply") else b3(said.last)


# -- all of them ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Held:
    """A hold on a transfer or on persons; or a case about persons, which may be opened again.

    Attributes:
        shown: record → those of its persons to whom a reply of the case showed it.
    """

    key: str | None
    persons: set[str]
    released_on: date | None = None
    shown: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


@dataclass(slots=True)
class Expected:
    """What is known of a ledger in plain text, and what must and may live."""

    lives: dict[str, Life] = field(default_factory=dict[str, Life])
    holds: list[Held] = field(default_factory=list[Held])
    cases: list[Held] = field(default_factory=list[Held])
    links: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    ever: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    """Links that stood at any time: a base is copied for whoever was linked on that day."""
    unlinked_on: date | None = None
    stops: list[tuple[str, date]] = field(default_factory=list[tuple[str, date]])
    before: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Who lived before the newest run."""

    def link(self, a: str, b: str) -> None:
        self.links.add(frozenset((a, b)))
        self.ever.add(frozenset((a, b)))

    def unlink(self, a: str, b: str, on: date) -> None:
        self.links.discard(frozenset((a, b)))
        self.unlinked_on = on

    def reply(self, case: Held, people: Collection[str]) -> None:
        """A reply to these people goes out: it shows what belongs to one and is theirs."""
        for life in self.lives.values():
            theirs = life.living & self._persons(people)
            if theirs and not life.retracted and life.kind != "log":
                case.shown.setdefault(life.key, set()).update(theirs)

    def person(self, who: str, links: Collection[frozenset[str]] | None = None) -> set[str]:
        """All identifiers of the person."""
        pairs = self.links if links is None else links
        found = {who}
        while True:
            wider = found.union(*(pair for pair in pairs if pair & found))
            if wider == found:
                return found
            found = wider

    def stopped(self, people: Iterable[str], last: date) -> frozenset[str]:
        """Those whose withdrawal stands on the day."""
        return frozenset(
            who
            for who in people
            for stopped, day in self.stops
            if stopped in self.person(who) and day <= last
        )

    def series(self, number: int | None) -> list[Life]:
        return [
            life for life in self.lives.values() if number is not None and life.series == number
        ]

    def day(self, life: Life) -> tuple[date | None, date | None]:
        """(day before which it must not die, day on which it must be dead); None: no end yet."""
        if life.series is None:
            return life.day(), life.day_at_most()
        messages = self.series(life.series)
        standing = [one for one in messages if not one.retracted]
        floor = max(said.on for one in messages for said in one.said) + FLOOR
        # Once nothing of it stood, the day may have been set as for records by themselves; the day
        # of a key only moves on.
        alone = [e3(said.recorded_on) + DAY for one in messages for said in one.said]
        retracted = alone if len(standing) < len(messages) else []
        if not standing:
            return floor, max(floor, *alone)
        if not any(one.kind == "closing" for one in standing):
            return None, None
        last = [b3(said.last) + DAY for one in messages for said in one.said if said.last]
        ends = [b3(one.said[-1].last) + DAY for one in standing if one.said[-1].last]
        # What was recorded after the series ended may begin after it, and is kept as if alone.
        ended = max(said.last for one in messages for said in one.said if said.last)
        late = [
            e3(said.recorded_on) + DAY
            for one in messages
            for said in one.said
            if said.recorded_on > ended
        ]
        return max(floor, *ends), max(floor, *retracted, *last, *late)

    def must_live(self, life: Life, who: str, today: date) -> bool:
        """Whether a line that lived before the run of `today` may not be dead after it."""
        first, _ = self.day(life)
        return (
            first is None
            or today < first
            or any(one.released_on is None and self._holds(one, life, who) for one in self.keepers)
            or any(who in self._persons(one.living) for one in self._dependants(life))
        )

    def may_live(self, life: Life, who: str, today: date) -> bool:
        """Whether that line may be alive after the run of `today`.

        What a hold or a case kept dies on the day after its end; a record with many persons keeps
        its whole base; what has a key of its own lives as a whole.
        """
        _, last = self.day(life)
        if last is None or today < last:
            return True
        if life.kind not in KEYED:
            return self._is_needed(life, who, today)
        mates = self._mates(life)
        return any(
            self._is_shown(mate, today) or self._is_needed(mate, one, today)
            for mate in mates
            for one in mate.people
        )

    def must_stand(self, life: Life) -> bool:
        """Whether a record may not be gone: omitted items are looked up in it, by whomever.

        Or a reply showed it whose case is open, so that it is known to have told of a stranger.
        """
        return bool(self._dependants(life)) or self._is_shown(life)

    def may_stand(self, life: Life, today: date) -> bool:
        """Whether a record of which no line is left may be there after the run of `today`."""
        return (
            bool(self._grounded(life, today))
            or self._is_shown(life, today)
            or any(self._is_held(life, who, today) for who in life.people)
        )

    def _is_shown(self, life: Life, released_on: date | None = None) -> bool:
        """Whether a reply of an open case showed it to one who is a person of the case by now.

        Args:
            released_on: the day on which a case may have been closed as well.
        """
        return any(
            not one.persons.isdisjoint(self._persons(one.shown.get(life.key, ())))
            for one in self.cases
            if one.released_on in (None, released_on)
        )

    def _is_held(self, life: Life, who: str, today: date) -> bool:
        recent = [one for one in self.keepers if one.released_on in (None, today)]
        return any(self._holds(one, life, who) for one in recent)

    def _is_needed(self, life: Life, who: str, today: date) -> bool:
        """A dependant of which no line is left is itself looked up in, for nobody knows whom."""
        return self._is_held(life, who, today) or any(
            len(one.people) > 1
            or one.moved
            or life.kind in KEYED
            or not self.before[one.key]
            or any(who in self.person(other, self.ever) for other in self.before[one.key])
            for one in self._grounded(life, today)
        )

    def _grounded(self, life: Life, today: date) -> list[Life]:
        """The records that take items from this one, and are there for more than each other."""
        lives = self.lives.values()
        found = {
            one.key
            for one in lives
            if (last := self.day(one)[1]) is None
            or today < last
            or self._is_shown(one, today)
            or any(self._is_held(one, who, today) for who in one.people)
        }
        while True:
            more = {one.base for one in lives if one.key in found and self._depends(one)}
            more |= {mate.key for one in lives if one.key in found for mate in self._mates(one)}
            if more <= found | {None}:
                return [one for one in self._dependants(life) if one.key in found]
            found |= {key for key in more if key is not None}

    def _mates(self, life: Life) -> list[Life]:
        """The records that die with it, for they have one key: itself, and those of its series."""
        return self.series(life.series) or [life]

    def boundaries(self, today: date) -> Iterator[date]:
        """Days to come on which something may die, and the days before them."""
        for life in self.lives.values():
            if life.lives:
                for day in self.day(life):
                    if day is not None:
                        yield from (one for one in (day - DAY, day) if one > today)
        if self.unlinked_on == today or any(one.released_on == today for one in self.keepers):
            yield today + DAY

    @property
    def keepers(self) -> list[Held]:
        return [*self.holds, *self.cases]

    def _holds(self, one: Held, life: Life, who: str) -> bool:
        return one.key == life.key or not one.persons.isdisjoint(self.person(who))

    def _dependants(self, life: Life) -> list[Life]:
        """The records that took items from this one, and stand."""
        return [one for one in self.lives.values() if one.base == life.key and self._depends(one)]

    def _depends(self, life: Life) -> bool:
        return life.stands and not life.retracted

    def _persons(self, people: Iterable[str]) -> set[str]:
        return {one for who in people for one in self.person(who)}
