"""How long is waited, and that whoever asks for more time gets it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given, strategies

from ledger_emitter import Backoff
from ledger_emitter.answers import Answer, Later, judged
from ledger_emitter.clock import milliseconds
from tests.matrix import every

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
UNREADABLE = {"words": "soon", "a negative number": "-5", "nothing": "", "a fraction": "1.5"}
seconds = strategies.floats(0, 1e9)


@given(strategies.integers(1, 10_000), strategies.none() | seconds)
def test_the_wait_is_within_its_span_and_never_shorter_than_asked(
    failures: int, asked: float | None
) -> None:
    backoff = Backoff()
    span = min(backoff.span_s_max, backoff.first_s * 2 ** min(failures - 1, 20))
    least = 0.0 if asked is None else min(asked, backoff.retry_after_s_max)
    assert least <= backoff.after(failures, asked) <= least + span


def test_two_emitters_do_not_come_back_at_the_same_moment() -> None:
    waits = [Backoff().after(8) for _ in range(200)]
    assert len(set(waits)) == 200
    assert min(waits) < 15, "the whole span is used"
    assert max(waits) > 45


def test_while_paused_the_ledger_is_asked_at_most_twice_a_pause() -> None:
    waits = [Backoff().while_paused() for _ in range(200)]
    assert 30 <= min(waits) < max(waits) <= 60
    assert Backoff().while_paused(300) >= 300


def told(retry_after: str | None) -> float | None:
    answer = Answer(503, "text/html", retry_after, b"")
    found = judged(1, answer, milliseconds(NOW))
    assert isinstance(found, Later)
    return found.retry_after_s


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert told("120") == 120
    assert told(format_datetime(NOW + timedelta(seconds=90), usegmt=True)) == 90
    assert told(format_datetime(NOW - timedelta(seconds=90), usegmt=True)) == 0
    assert told(None) is None


@every("what", UNREADABLE)
def test_a_retry_after_that_cannot_be_read_asks_for_nothing(what: str) -> None:
    assert told(UNREADABLE[what]) is None
