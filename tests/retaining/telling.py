"""Lets a drawn story happen in a real ledger, day by day, and reads who can still be read."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    ReceiveDirective,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import AlreadyActiveError, MalformedError
from tests.database import Server, cloned_database
from tests.ledger.given import ACTOR, data, person
from tests.oracle.decoder import Seen
from tests.oracle.fold import transfers_at
from tests.retaining import desk, drawn
from tests.retaining.drawn import Story
from tests.retaining.expected import DAY, Expected, Held, Life, Said
from tests.retaining.keeper import Keeper, keeper


@dataclass(slots=True)
class Teller:
    """Lets a story happen in a real ledger; after each day's run `watch` looks."""

    kept: Keeper
    watch: Callable[["Teller"], None]
    expected: Expected = field(default_factory=Expected)
    holds: list[UUID] = field(default_factory=list[UUID])
    cases: list[UUID] = field(default_factory=list[UUID])
    answered: set[UUID] = field(default_factory=set[UUID])
    changed: set[str] = field(default_factory=set[str])
    events: list[Seen] = field(default_factory=list[Seen])

    # -- days ------------------------------------------------------------------------------------

    def tell(self, begin: date, story: Story) -> None:
        """Tell all of it; what fails says which story it was, to be pasted among `stories`."""
        try:
            self._told(begin, story)
        except Exception as error:
            error.add_note(f"begin = {begin!r}\nstory = {list(story)!r}")
            raise

    def _told(self, begin: date, story: Story) -> None:
        self.kept.clock_says(begin)
        for gap, step in story:
            if gap:
                self.days_pass(self.kept.today + timedelta(days=gap))
            self.step(step)
        self.days_pass(None)
        for number, hold in enumerate(self.expected.holds):
            if hold.released_on is None:
                self.step(drawn.Release(number))
        for number in range(len(self.cases)):
            self.step(drawn.Answer(number))
        self.days_pass(None)

    def days_pass(self, until: date | None) -> None:
        """Every day on which something may die, and the day before it; None: all there are."""
        while True:
            days = [*self.expected.boundaries(self.kept.today), *([until] if until else [])]
            days = [day for day in days if until is None or day <= until]
            if not days:
                return
            self.run(min(days))
            if self.kept.today == until:
                return

    def run(self, day: date) -> None:
        """The run of that day; over a long time somebody vouches for the clock."""
        kept = self.kept
        kept.clock_says(day)
        if not kept.transfers:
            return
        kept.plan(confirmed=day - kept.witnessed > timedelta(days=1))
        kept.expire()
        self.look()

    def look(self) -> None:
        """Read who can still be read, with the decoder that knows nothing of the product."""
        self.events = self.kept.inside.events()
        found = {one.key: one for one in transfers_at(self.events, len(self.events)).values()}
        lives = self.expected.lives.values()
        self.expected.before = {life.key: set(life.living) for life in lives}
        for life in lives:
            one = found.get(life.key)
            persons = one.persons() if one is not None and not one.is_gone else ()
            living = {who for _, who in persons}
            assert living <= life.living, "nobody comes back"
            life.living = living
            life.stood, life.stands = life.stands, one is not None and not one.is_gone
            assert life.stood or not life.stands, "nothing comes back"
        self.watch(self)
        self.changed = set()

    # -- steps -----------------------------------------------------------------------------------

    def step(self, step: drawn.Step) -> None:
        match step:
            case drawn.Record():
                self._record(step)
            case drawn.Correct():
                self._correct(step)
            case drawn.Retract():
                self._retract(step)
            case drawn.Hold():
                self._hold(step)
            case drawn.Release():
                self._release(step)
            case drawn.Ask() | drawn.Answer() | drawn.Reopen():
                self._at_the_desk(step)
            case drawn.Link() | drawn.Unlink() | drawn.Stop():
                self._say(step)

    def _record(self, step: drawn.Record) -> None:
        day = self.kept.today - timedelta(days=step.back)
        if (day.month, day.day) == (2, 29) and step.kind in drawn.SERIES_KINDS:
            day -= DAY
        key, series = f"t{len(self.expected.lives)}", None
        changes = _content(step.kind, day)
        base = f"t{step.base}" if step.base is not None and step.kind in drawn.BASED else None
        if base is not None:
            changes |= {"base_record": base, "omitted_items": ["COUNTERPARTY"]}
        if step.kind in drawn.SERIES_KINDS:
            series = self._series(step.series)
            changes["series_id"] = f"S{step.series}"
        last = None if step.kind in drawn.OPENED else day
        said = Said(day, last, self.kept.today, self.expected.stopped(step.people, day))
        content = data(*step.people, **changes)
        if step.kind in drawn.OPENED:
            content["transferred_to"] = None
        self.kept.record(key, content)
        self.expected.lives[key] = Life(
            key,
            step.kind,
            step.people,
            base,
            series,
            [said],
            set(step.people),
        )

    def _series(self, number: int) -> int:
        """The number of the series of that id that lives; a dead one begins anew."""
        known = {one.series for one in self.expected.lives.values() if one.series is not None}
        known = {one for one in known if one % 2 == number}
        newest = max(known, default=number)
        lives = any(one.lives for one in self.expected.series(newest))
        return newest if lives or newest not in known else newest + 2

    def _target(self, index: int) -> Life | None:
        lives = list(self.expected.lives.values())
        return lives[index % len(lives)] if lives else None

    def _correct(self, step: drawn.Correct) -> None:
        life = self._target(step.target)
        if life is None or life.retracted or not life.lives:
            return
        said, today = life.said[-1], self.kept.today
        changes: dict[str, Any] = {"purpose": f"目的 {len(life.said)}"}
        match step.how:
            case "later":
                said = replace(said, recorded_on=today)
            case "earlier":
                said = replace(said, recorded_on=said.recorded_on - timedelta(days=20))
            case "close" if life.kind in drawn.OPENED and said.last is None:
                changes["transferred_to"] = today.isoformat()
                said = replace(said, last=today)
            case _:
                pass
        changes["recorded_on"] = said.recorded_on.isoformat()
        if step.people:
            changes["principals"] = data(*step.people)["principals"]
            life.moved = life.moved or not set(life.people) <= set(step.people)
            life.people, life.living = step.people, set(step.people)
        # An open period is looked at on the last day that has surely happened.
        seen = said.last or max(life.said[0].recorded_on, said.recorded_on)
        stopped = self.expected.stopped(life.living, seen)
        life.said.append(replace(said, on=today, stopped=stopped))
        command = CorrectTransfer(
            random_uuid(), ACTOR, self.kept.transfers[life.key], changes, "誤り"
        )
        self.kept.inside.ledger.correct(command, self.kept.inside.now)
        self._touched(life)

    def _retract(self, step: drawn.Retract) -> None:
        life = self._target(step.target)
        if life is None or life.retracted or not life.lives:
            return
        command = RetractTransfer(
            random_uuid(), ACTOR, self.kept.transfers[life.key], "not_occurred"
        )
        self.kept.inside.ledger.retract(command, self.kept.inside.now)
        life.retracted = True
        life.said.append(replace(life.said[-1], on=self.kept.today))
        self._touched(life)

    def _touched(self, life: Life) -> None:
        mates = self.expected.series(life.series) or [life]
        self.changed |= {one.key for one in mates}

    def _hold(self, step: drawn.Hold) -> None:
        life = self._target(step.target)
        reason = f"理由 {len(self.holds)}"
        if step.person is not None:
            self.holds.append(self.kept.hold(reason, step.person))
            self.expected.holds.append(Held(None, {step.person}))
        elif life is not None and life.lives:
            stream = self.kept.transfers[life.key]
            self.holds.append(self.kept.hold(reason, transfer=stream))
            self.expected.holds.append(Held(life.key, set()))

    def _release(self, step: drawn.Release) -> None:
        if self.holds:
            number = step.which % len(self.holds)
            hold = self.expected.holds[number]
            if hold.released_on is None:
                self.kept.release(self.holds[number])
                hold.released_on = self.kept.today

    def _at_the_desk(self, step: drawn.Ask | drawn.Answer | drawn.Reopen) -> None:
        kept = self.kept
        if isinstance(step, drawn.Ask):
            who = () if step.person is None else (step.person,)
            self.cases.append(desk.received(kept, *who))
            self.expected.cases.append(Held(None, set(who)))
            return
        if not self.cases:
            return
        number = step.which % len(self.cases)
        case, known = self.cases[number], self.expected.cases[number]
        if isinstance(step, drawn.Reopen):
            if known.released_on is not None and case in self.answered:
                desk.reopened(kept, case)
                known.released_on = None
        elif known.released_on is None:
            self._end(case, step.who, known)

    def _end(self, case: UUID, who: str | None, known: Held) -> None:
        """Answer, or let who asks withdraw: a case whose reply went out can be closed alone."""
        if who is None and case not in self.answered:
            desk.withdrawn(self.kept, case)
        else:
            person = {who} if who is not None else set(known.persons)
            if case not in self.answered:
                desk.verified(self.kept, case)
            desk.sent(self.kept, case, *sorted(person))
            desk.closed(self.kept, case)
            known.persons |= person
            self.expected.reply(known, person)
            self.answered.add(case)
        known.released_on = self.kept.today

    def _say(self, step: drawn.Link | drawn.Unlink | drawn.Stop) -> None:
        ledger, now = self.kept.inside.ledger, self.kept.inside.now
        if isinstance(step, drawn.Unlink):
            if pairs := sorted(map(sorted, self.expected.links)):
                a, b = pairs[step.which % len(pairs)]
                taken = UnlinkIdentifiers(random_uuid(), ACTOR, person(a), person(b), "別人")
                ledger.link(taken, now)
                self.expected.unlink(a, b, self.kept.today)
            return
        try:
            if isinstance(step, drawn.Link):
                a, b = person(step.a), person(step.b)
                ledger.link(LinkIdentifiers(random_uuid(), ACTOR, a, b, "会員台帳"), now)
                self.expected.link(step.a, step.b)
            else:
                who, today = person(step.who), self.kept.today
                stop = ReceiveDirective(random_uuid(), ACTOR, who, "consent_withdrawn", today)
                ledger.direct(stop, now)
                self.expected.stops.append((step.who, today))
        except (AlreadyActiveError, MalformedError):
            return  # twice the same, or one identifier with itself


def _content(kind: str, day: date) -> dict[str, Any]:
    """What differs from a consented provision that is recorded by itself."""
    text = day.isoformat()
    opened = {"transferred_on": None, "transferred_from": text}
    period = {"transferred_on": None, "transferred_from": text, "transferred_to": text}
    made: dict[str, dict[str, Any]] = {
        "single": {},
        "contract": {"method": "contract", "contract_reference": "契約第1号"},
        "gap": {
            "method": "contract",
            "contract_reference": "契約第2号",
            "contract_missing_items": ["COUNTERPARTY"],
        },
        "period": {"method": "collective", **period},
        "open": {"method": "collective", **opened},
        "supply": {"method": "contract", "contract_reference": "契約第3号", **opened},
        "log": {"basis": "entrustment_27_5_i", "consent": None, "purpose": "委託"},
        "message": {"method": "collective"},
        "closing": {"method": "collective", **period},
    }
    return {"transferred_on": text, "recorded_on": text, **made[kind]}


@contextmanager
def telling(server: Server, watch: Callable[[Teller], None]) -> Generator[Teller]:
    with cloned_database(server) as database, keeper(database) as kept:
        yield Teller(kept, watch)
