"""Nothing dies before its day, nothing lives past it; and what lives on says what it said."""

from dataclasses import dataclass, field, replace
from datetime import date

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.database import Server
from tests.oracle.fold import Answer, history
from tests.oracle.test_random_ledgers import bounded
from tests.oracle.world import answer_of
from tests.retaining import drawn
from tests.retaining.drawn import PEOPLE, Story
from tests.retaining.expected import Life
from tests.retaining.stories import BEGIN, KEPT, STORIES
from tests.retaining.telling import Teller, telling
from tests.rounds import rounds

# Before and on days that three years later there are not, and on the last of a year.
BEGINS = (date(2024, 2, 28), date(2024, 2, 29), date(2024, 12, 31), date(2025, 2, 28))
POSITIONS_MAX = 6
# A story lasts seconds: a smaller one would cost minutes, and the failure says the whole of it.
unshrunk = settings(
    bounded, phases=(Phase.explicit, Phase.reuse, Phase.generate), max_examples=rounds(6)
)


def watch_who_lives(teller: Teller) -> None:
    expected, today = teller.expected, teller.kept.today
    for life in expected.lives.values():
        for who in expected.before[life.key]:
            where = f"{life.key} ({life.kind}) of {who} on {today}"
            if who in life.living:
                assert expected.may_live(life, who, today), f"{where} lives past its day"
            else:
                assert not expected.must_live(life, who, today), f"{where} dies before its day"
        where = f"what is left of {life.key} ({life.kind}) on {today}"
        if life.stands and not life.lives:
            assert expected.may_stand(life, today), f"{where} stands past its day"
        if life.stood and not life.stands:
            assert not expected.must_stand(life), f"{where} goes before its day"


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
        if any(life.moved for life in lives):
            return
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
        # The lines are those of the first message; the others of a series, which dies as a whole,
        # may be under another identifier of the person.
        first, *others = _lives_of(teller, answer)
        if first.moved or any(life.moved for life in others):
            # It was of others then: what is left of it is what was told, or less.
            left = found.get(answer.transfer)
            assert left is None or set(left.lines) <= set(answer.lines)
            continue
        people = {one for _, _, one, _ in answer.lines}
        if people <= first.living and all(life.lives for life in others):
            assert found[answer.transfer] == answer
        elif not people & first.living and not any(life.lives for life in others):
            assert answer.transfer not in found
        else:
            assert set(found[answer.transfer].lines) < set(answer.lines)


@pytest.mark.parametrize("story", [*STORIES.values(), *KEPT.values()], ids=[*STORIES, *KEPT])
def test_a_story_ends_as_the_law_and_its_holds_say(server: Server, story: Story) -> None:
    answers = Answers()

    def watch(teller: Teller) -> None:
        watch_who_lives(teller)
        answers(teller)

    with telling(server, watch) as teller:
        teller.tell(BEGIN, story)


def test_a_correction_that_shortens_a_period_needs_no_copy(server: Server) -> None:
    """It is sealed under the key of the original from the start (ADR 0034)."""

    def watch(teller: Teller) -> None:
        watch_who_lives(teller)
        assert not [one for one in teller.events if one.type == "record-carried-forward"]

    with telling(server, watch) as teller:
        story = "a period that a correction shortens dies on the day of the original"
        teller.tell(BEGIN, STORIES[story])


@unshrunk
@given(begin=st.sampled_from(BEGINS), story=drawn.stories)
def test_nothing_dies_before_its_day_and_nothing_lives_past_it_unless_held(
    server: Server, begin: date, story: Story
) -> None:
    with telling(server, watch_who_lives) as teller:
        teller.tell(begin, story)


@unshrunk
@given(begin=st.sampled_from(BEGINS), story=drawn.stories)
def test_what_lives_on_says_what_it_said_and_its_end_never_moves_back(
    server: Server, begin: date, story: Story
) -> None:
    with telling(server, Answers()) as teller:
        teller.tell(begin, story)
