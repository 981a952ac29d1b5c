"""Nothing dies before its day, nothing lives past it; and what lives on says what it said."""

from dataclasses import dataclass, field, replace
from datetime import date

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database import Server
from tests.oracle.fold import Answer, history
from tests.oracle.test_random_ledgers import bounded
from tests.oracle.world import answer_of
from tests.retaining import drawn
from tests.retaining.drawn import (
    PEOPLE,
    Correct,
    Hold,
    Link,
    Record,
    Release,
    Retract,
    Stop,
    Story,
)
from tests.retaining.expected import Life
from tests.retaining.telling import Teller, telling

# Before and on days that three years later there are not, and on the last of a year.
BEGINS = (date(2024, 2, 28), date(2024, 2, 29), date(2024, 12, 31), date(2025, 2, 28))
POSITIONS_MAX = 6


def watch_who_lives(teller: Teller) -> None:
    expected, today = teller.expected, teller.kept.today
    for life in expected.lives.values():
        for who in expected.before[life.key]:
            where = f"{life.key} ({life.kind}) of {who} on {today}"
            if who in life.living:
                assert expected.may_live(life, who, today), f"{where} lives past its day"
            else:
                assert not expected.must_live(life, who, today), f"{where} dies before its day"


@dataclass(slots=True)
class Answers:
    """What each person was told, at each position at which it was asked, and by the head."""

    told: dict[tuple[str, int], list[Answer]] = field(
        default_factory=dict[tuple[str, int], list[Answer]]
    )
    newest: dict[tuple[str, str], Answer] = field(default_factory=dict[tuple[str, str], Answer])
    headers: list[bytes] = field(default_factory=list[bytes])

    def __call__(self, teller: Teller) -> None:
        self._headers_stay(teller)
        for (who, position), earlier in self.told.items():
            _is_told_again(teller, self._asked(teller, who, position), earlier)
        head = len(teller.events)
        # A link that died links nobody.
        events = [replace(one, type="gone") if one.is_dead else one for one in teller.events]
        for who in PEOPLE:
            told = self._asked(teller, who, head)
            assert told == history(events, head, [("member", who)])
            _is_told_to(teller, who, told)
            for answer in told:
                self._never_back(teller, who, answer)
            if len(self.told) < POSITIONS_MAX * len(PEOPLE):
                self.told[who, head] = told

    def _asked(self, teller: Teller, who: str, position: int) -> list[Answer]:
        return [answer_of(entry) for entry in teller.kept.inside.page(who, as_of=position).entries]

    def _headers_stay(self, teller: Teller) -> None:
        """So that every root there was is a root still."""
        with psycopg.connect(teller.kept.inside.database.admin) as admin:
            rows = admin.execute("SELECT state FROM ledger.events ORDER BY notification_id")
            headers = [bytes(row[0]) for row in rows]
        assert headers[: len(self.headers)] == self.headers
        self.headers = headers

    def _never_back(self, teller: Teller, who: str, answer: Answer) -> None:
        lives = _lives_of(teller, answer)
        told = _through(answer)
        before = self.newest.get((who, answer.transfer))
        self.newest[who, answer.transfer] = answer
        if lives[0].series is None:
            ends = {lives[0].through(one) for _, _, one, _ in answer.lines}
            assert told in ends if lives[0].kind != "log" else told is None
        if before is None or before.lines != answer.lines:
            return
        earlier = _through(before)
        is_corrected = teller.changed & {life.key for life in lives}
        if earlier is not None and told is not None and not is_corrected:
            assert told >= earlier


def _through(answer: Answer) -> date | None:
    return None if answer.retain_through is None else date.fromisoformat(answer.retain_through)


def _lives_of(teller: Teller, answer: Answer) -> list[Life]:
    key_of = {str(stream): key for key, stream in teller.kept.transfers.items()}
    return [teller.expected.lives[key_of[stream]] for stream, _, _ in answer.messages]


def _is_told_to(teller: Teller, who: str, told: list[Answer]) -> None:
    """Everything of the person that can be read, under each of the person's identifiers."""
    found = {life.key for answer in told for life in _lives_of(teller, answer)}
    person = teller.expected.person(who)
    lives = teller.expected.lives.values()
    assert found == {life.key for life in lives if life.living & person}


def _is_told_again(teller: Teller, told: list[Answer], earlier: list[Answer]) -> None:
    """Of each answer that lives, the same; of the others less, and nothing new."""
    found = {answer.transfer: answer for answer in told}
    assert found.keys() <= {answer.transfer for answer in earlier}
    for answer in earlier:
        lives = _lives_of(teller, answer)
        people = {one for _, _, one, _ in answer.lines}
        if all(people <= life.living for life in lives):
            assert found[answer.transfer] == answer
        elif not any(people & life.living for life in lives):
            assert answer.transfer not in found
        else:
            assert set(found[answer.transfer].lines) < set(answer.lines)


STORIES: dict[str, Story] = {
    "a base lives by a dependant that only a hold keeps, and no longer": [
        (0, Record("single", ("P1",))),
        (1, Record("single", ("P1",), base=0)),
        (1, Hold(1)),
    ],
    "a base lives for the persons of its dependant": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (1, Link("P2", "P3")),
        (31, Record("single", ("P2",), base=0)),
    ],
    "a chain of dependants": [
        (0, Record("contract", ("P1", "P2"))),
        (150, Record("contract", ("P2",), base=0)),
        (150, Record("single", ("P2",), base=1)),
        (31, Retract(1)),
    ],
    "a link stands while a hold keeps a record that it leads to": [
        (0, Record("single", ("P1",))),
        (0, Link("P1", "P2")),
        (0, Hold(0)),
    ],
    "a link stands while the next one leads on to a record": [
        (0, Record("single", ("P1",))),
        (0, Link("P1", "P2")),
        (0, Link("P2", "P3")),
        (250, Record("single", ("P3",))),
    ],
    "a hold on a person, and on those linked to it later": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Hold(0, "P1")),
        (31, Link("P1", "P2")),
        (250, Correct(0, "words")),
        (250, Release(0)),
    ],
    "two holds, of which one is released": [
        (0, Record("contract", ("P1", "P2", "P3"))),
        (0, Hold(0, "P1")),
        (0, Hold(0, "P2")),
        (250, Correct(0, "later")),
        (250, Release(0)),
    ],
    "an open period ends when it is closed": [
        (0, Record("open", ("P1",), 400)),
        (250, Correct(0, "close")),
        (31, Correct(0, "words")),
    ],
    "an open period that was retracted ends": [(0, Record("open", ("P1",))), (31, Retract(0))],
    "a wrong day corrected, and one that prolongs": [
        (0, Record("single", ("P1", "P2"))),
        (1, Correct(0, "earlier")),
        (0, Record("contract", ("P1", "P2"))),
        (250, Correct(1, "words")),
        (10, Correct(0, "later")),
    ],
    "a consent that was withdrawn makes a contract's record an ordinary one": [
        (0, Stop("P2")),
        (0, Link("P2", "P3")),
        (1, Record("contract", ("P1", "P3"))),
        (1, Record("contract", ("P1",))),
    ],
    "a record of long ago is kept for a month": [
        (0, Record("single", ("P1",), 1080)),
        (10, Record("contract", ("P1",), 1080)),
        (10, Correct(1, "words")),
        (1, Record("log", ("P1",), 1080)),
        (1, Retract(0)),
    ],
    "a series that was closed, opened and closed again": [
        (0, Record("message", ("P1", "P2"))),
        (31, Record("closing", ("P2",))),
        (31, Record("message", ("P3",), 40)),
        (10, Retract(1)),
        (150, Record("closing", ("P1",))),
        (31, Hold(0, "P2")),
    ],
    "a series that nobody closes lives on": [
        (0, Record("message", ("P1", "P2"))),
        (250, Record("message", ("P1",))),
        (250, Correct(0, "words")),
        (0, Record("single", ("P3",))),
    ],
    "a period that a correction shortens dies on the day of the original": [
        (31, Record("single", ("P1",))),
        (10, Record("contract", ("P2",))),
        (0, Correct(0, "earlier")),
        (0, Correct(1, "earlier")),
        (0, Correct(0, "words")),
    ],
    "a base in a series": [
        (0, Record("closing", ("P1", "P2"))),
        (250, Record("single", ("P1",), base=0)),
        (0, Hold(1)),
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_ends_as_the_law_and_its_holds_say(server: Server, story: Story) -> None:
    answers = Answers()

    def watch(teller: Teller) -> None:
        watch_who_lives(teller)
        answers(teller)

    with telling(server, watch) as teller:
        teller.tell(date(2024, 2, 28), story)


@settings(parent=bounded, max_examples=8)
@given(begin=st.sampled_from(BEGINS), story=drawn.stories)
def test_nothing_dies_before_its_day_and_nothing_lives_past_it_unless_held(
    server: Server, begin: date, story: Story
) -> None:
    with telling(server, watch_who_lives) as teller:
        teller.tell(begin, story)


@settings(parent=bounded, max_examples=8)
@given(begin=st.sampled_from(BEGINS), story=drawn.stories)
def test_what_lives_on_says_what_it_said_and_its_end_never_moves_back(
    server: Server, begin: date, story: Story
) -> None:
    with telling(server, Answers()) as teller:
        teller.tell(begin, story)
