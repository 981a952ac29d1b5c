"""Random honest ledgers, whose days pass: an audit accuses nobody; and finds a lie among them.

With corrections, purges, exclusions and lifts, marks, holds, cases that stay open or are reopened,
links and several persons; the stories are those of `tests.retaining.drawn`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from ledger.cases.refusals import StaleApprovalError
from ledger.errors import AlreadyActiveError, DoesNotStandError, LedgerError, MalformedError
from ledger.values import PrincipalRef
from tests.database import Server, cloned_database
from tests.ledger.excluding import ask_to_lift, exclude, lift
from tests.ledger.given import ACTOR, person, received
from tests.ledger.inside import inside
from tests.oracle.test_random_ledgers import bounded
from tests.replying.auditing import Lie, Office, flipped, twice, without
from tests.replying.desk import whole
from tests.retaining import drawn
from tests.retaining.desk import verified, withdrawn
from tests.retaining.drawn import PEOPLE, Story
from tests.retaining.expected import Held, Life
from tests.retaining.keeper import Keeper, retaining
from tests.retaining.telling import Teller
from tests.rounds import rounds

REPEATED: Final = timedelta(days=300)
BEGINS: Final = (date(2024, 2, 28), date(2024, 12, 31), date(2025, 2, 28))
AUDITS_MAX: Final = 5
"""Before the last one of a story."""
unshrunk = settings(
    bounded, phases=(Phase.explicit, Phase.reuse, Phase.generate), max_examples=rounds(30)
)


@dataclass(slots=True)
class MarkingKeeper(Keeper):
    """One whose records bear marks now and then."""

    random: Random = field(default_factory=Random)
    marks: bool = True
    hidden: set[str] = field(default_factory=set[str])

    @override
    def record(self, key: str, content: dict[str, Any], mark: int = 0) -> UUID:
        drawn_mark = 1 if self.marks and self.random.random() < 0.1 else mark
        if drawn_mark:
            self.hidden.add(key)
        return Keeper.record(self, key, content, drawn_mark)


@dataclass(slots=True)
class AuditedTeller(Teller):
    """Tells a story in which replies are bound, and audits it as its days pass."""

    random: Random = field(default_factory=Random)
    office: Office = field(init=False)
    audits: int = 0
    bound: int = 0

    def __post_init__(self) -> None:
        self.office = Office(self.kept)

    @override
    def step(self, step: drawn.Step) -> None:
        hidden = self._hidden_target(step)
        if hidden is None:
            Teller.step(self, step)
        elif hidden.lives and isinstance(step, drawn.Correct):
            # As whoever may know of it: to others it does not exist.
            self.office.correct(
                self.kept.transfers[hidden.key], purpose=f"目的 {self.kept.inside.head()}"
            )
        if self.kept.transfers and self.random.random() < 0.4:
            self._hide(self.random.choice([*self.kept.transfers]))
        if self.kept.transfers and self.random.random() < 0.2:
            key = f"r{len(self.expected.lives)}-{self.bound}-{self.kept.inside.head()}"
            day = self.kept.today.isoformat()
            self.kept.record(key, received(*PEOPLE[:2], transferred_on=day))
        if self.kept.transfers and self.random.random() < 0.5:
            who = self.random.choice(PEOPLE)
            case = self.office.asked(who)
            self.cases.append(case)
            self.expected.cases.append(Held(None, {who}))
            self._reply(case, person(who))
            self.answered.add(case)
            if self.random.random() < 0.7:
                self.office.closed(case)
                self.expected.cases[-1].released_on = self.kept.today

    def _hidden_target(self, step: drawn.Step) -> Life | None:
        """The record that was hidden once and is to be corrected or retracted."""
        if not isinstance(step, drawn.Correct | drawn.Retract):
            return None
        life = self._target(step.target)
        assert isinstance(self.kept, MarkingKeeper)
        return life if life is not None and life.key in self.kept.hidden else None

    @override
    def run(self, day: date) -> None:
        # What is excluded is repeated each day, before anything dies.
        while self.kept.transfers and self.kept.today < day:
            self.kept.clock_says(min(day, self.kept.today + REPEATED))
            self.kept.inside.house.exclusions().repeat(self.kept.inside.now, ACTOR)
        Teller.run(self, day)

    @override
    def _end(self, case: UUID, who: str | None, known: Held) -> None:
        if who is None and case not in self.answered:
            withdrawn(self.kept, case)
            known.released_on = self.kept.today
            return
        if case not in self.answered:
            verified(self.kept, case)
        state = self.office.state(case)
        if not state.replies or state.search is None:
            named = {who} if who is not None else known.persons
            self._reply(case, *(person(one) for one in sorted(named)))
            known.persons |= named
        self.office.closed(case)
        self.answered.add(case)
        known.released_on = self.kept.today

    def _reply(self, case: UUID, *who: PrincipalRef) -> None:
        """Something may be hidden or shown again after the search, and after the decision."""
        for chance in (0.3, 0.3, 0.0):
            found = self.office.searched(case, *who)
            if self.random.random() < chance and self.kept.transfers:
                self._hide(self.random.choice([*self.kept.transfers]))
                found = self.office.searched(case, *who)
            held = [one for one in found.entries if self.random.random() < 0.2]
            self.office.decided(case, *(whole(one.transfer) for one in held))
            if self.random.random() < chance and self.kept.transfers:
                self._hide(self.random.choice([*self.kept.transfers]))
            try:
                self.office.approved(case)
            except StaleApprovalError:
                continue
            break
        self.bound += 1
        self.office.posted(case)

    def _hide(self, key: str) -> None:
        """Exclude a record for one of its persons, or for all, or lift it."""
        inside, whom = self.kept.inside, self.random.choice((*PEOPLE, None))
        assert isinstance(self.kept, MarkingKeeper)
        self.kept.hidden.add(key)
        [named] = inside.house.exclusions().named([self.kept.transfers[key]])
        how = self.random.choice((exclude, exclude, lift, ask_to_lift))
        try:
            how(inside, named.span[0], of=whom)
        except (AlreadyActiveError, DoesNotStandError, MalformedError, LedgerError):
            return

    def audit(self) -> None:
        named, counts = self.office.audit()
        assert not named, (named, counts)
        assert sum(counts.values()) == self.bound, counts


def audited(teller: Teller) -> None:
    """An audit, now and then."""
    assert isinstance(teller, AuditedTeller)
    if teller.audits < AUDITS_MAX and teller.random.random() < 0.3:
        teller.audits += 1
        teller.audit()


@contextmanager
def telling(server: Server, random: Random) -> Generator[AuditedTeller]:
    with cloned_database(server) as database, inside(database) as made:
        kept = MarkingKeeper(made, retaining(made, made.follow), random=random)
        yield AuditedTeller(kept, audited, random=random)


def lie_of(random: Random, lines: int) -> Lie:
    n = random.randrange(lines)
    return random.choice((without(n), twice(n), flipped(n)))


@unshrunk
@given(
    begin=st.sampled_from(BEGINS),
    story=drawn.stories,
    seed=st.integers(0, 2**32),
)
def test_an_honest_ledger_is_accused_of_nothing_and_a_lie_in_it_is_named(
    server: Server, begin: date, story: Story, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 -- a story
    with telling(server, random) as teller:
        teller.tell(begin, story)
        teller.audit()
        office = teller.office
        teller.kept.clock_says(teller.kept.today + timedelta(days=1))
        assert isinstance(teller.kept, MarkingKeeper)
        teller.kept.marks = False
        teller.kept.sent("last", "P1", "P2")
        case = office.asked("P1")
        lines = sum(len(one.lines) for one in office.searched(case).entries)
        office.decided(case)
        office.approved(case, lie_of(random, lines))
        assert office.audit()[0]
