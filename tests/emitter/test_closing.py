"""A day closed from the outbox, against the real ledger: what is missing is sent again."""

from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest

from ledger.clock import day_in_japan, now
from ledger.emitters.id_set import hash_of, product_of
from ledger_emitter import (
    CloseError,
    DayNotKeptError,
    Destination,
    Emitter,
    Outbox,
    OutboxUnavailableError,
    daily_close,
)
from ledger_emitter.clock import instant, now_ms
from ledger_emitter.daily_close import IDS_MAX
from ledger_emitter.send_queue import ItemAcknowledged, ItemDeferred, SendQueue, SourcePaused
from tests.chaos.ledger import Ledger, running_ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import address, destination, key
from tests.emitter.transfers import HASTY, SOURCE, item

FLUSH_S = 60.0


def yesterday() -> date:
    return day_in_japan(now()) - timedelta(days=1)


@pytest.fixture
def emitter_id(ledger: Ledger, source: str) -> str:
    """A registered emitter of the test's own source."""
    code = source.rpartition("/")[2][-40:].strip("-")
    since = (yesterday() - timedelta(days=9)).isoformat()
    answer = httpx2.put(
        f"{address(ledger)}/v1/emitters/{code}",
        json={"source": source, "name": "広告配信基盤", "since": since},
        headers={"Authorization": f"Bearer {key(ledger, None, 'admin:config')}"},
    )
    assert answer.status_code == 200, answer.text
    return code


@pytest.fixture
def closer(ledger: Ledger) -> Destination:
    return destination(ledger, credential=key(ledger, SOURCE, "events:write", "coverage:write"))


def put(outbox: Outbox, source: str, *ids: str, day: date | None = None) -> list[int]:
    on = (day or yesterday()).isoformat()
    return [
        one.number for one in outbox.put_many(item(id_, source, transferred_on=on) for id_ in ids)
    ]


def lose(outbox: Outbox, number: int) -> None:
    """As if the ledger had lost what it acknowledged: in a restore, say."""
    SendQueue(outbox).settle([ItemAcknowledged(number, "recorded", 1)])


def test_both_sides_hash_alike() -> None:
    keys = [("https://a.example/北", "記録-3"), ("https://a.example", "t-1")]
    product = daily_close.EMPTY
    for one in keys:
        product = daily_close.with_element(product, daily_close.element(*one))
    assert daily_close.hash_of(product) == hash_of(product_of(reversed(keys)))


def test_a_day_of_which_all_is_there_is_closed(
    closer: Destination, path: Path, source: str, emitter_id: str
) -> None:
    with Emitter(Outbox(path), closer, HASTY) as emitter:
        put(emitter.outbox, source, "t-1", "t-2")
        put(emitter.outbox, source, "t-3", day=yesterday() - timedelta(days=1))
        assert emitter.flush(FLUSH_S)
        closed = emitter.close_day(emitter_id, yesterday())
        assert (closed.state, closed.count, closed.sent_again) == ("match", 2, 0)
        assert closed.is_complete
        assert emitter.close_day(emitter_id, yesterday()) == closed  # the first receipt


def test_lost_events_of_a_day_of_several_pages_of_ids_are_found(
    ledger: Ledger, closer: Destination, path: Path, source: str, emitter_id: str
) -> None:
    count = IDS_MAX + 50
    with Outbox(path) as outbox:
        numbers = put(outbox, source, *(f"t-{n}" for n in range(count)))
        for place in (0, IDS_MAX - 1, IDS_MAX, count - 1):
            lose(outbox, numbers[place])
    with Emitter(Outbox(path), closer, HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
        assert len(recorded(ledger, source)) == count - 4
        closed = emitter.close_day(emitter_id, yesterday(), wait_s=FLUSH_S)
    assert (closed.state, closed.count, closed.sent_again, closed.named) == ("match", count, 4, ())
    assert len(recorded(ledger, source)) == count


def test_a_refused_item_is_counted_and_named_as_one_in_quarantine(
    closer: Destination, path: Path, source: str, emitter_id: str
) -> None:
    with Emitter(Outbox(path), closer, HASTY) as emitter:
        put(emitter.outbox, source, "t-1")
        on = yesterday().isoformat()
        emitter.put(item("t-bad", source, transferred_on=on, direction="sideways"))
        assert emitter.flush(FLUSH_S)
        closed = emitter.close_day(emitter_id, yesterday())
    assert (closed.state, closed.count, closed.sent_again) == ("gap", 2, 0)
    assert [(one.id, one.found) for one in closed.named] == [("t-bad", "quarantine")]


def test_a_day_is_not_closed_while_an_item_of_it_waits(
    closer: Destination, path: Path, source: str, emitter_id: str
) -> None:
    with Outbox(path) as outbox:
        [number, _] = put(outbox, source, "t-1", "t-2")
        # As while the ledger breaks on this one alone: it waits by itself.
        SendQueue(outbox).settle([ItemDeferred(number, 3_600.0)])
    with Emitter(Outbox(path), closer, HASTY) as emitter:
        closed = emitter.close_day(emitter_id, yesterday(), wait_s=2.0)
    assert (closed.state, closed.position) == ("waiting", None)
    assert (closed.count, closed.waiting) == (2, 1)


def test_a_day_that_is_kept_no_longer_is_not_closed_from_the_outbox(path: Path) -> None:
    at = [now_ms()]
    with Outbox(path, keep_days=0, clock=lambda: at[0]) as outbox:
        [number] = put(outbox, SOURCE, "t-1")
        lose(outbox, number)
        at[0] += 1_000
        assert SendQueue(outbox).prune() == 1
        nobody = Destination("http://127.0.0.1:9", "key")
        with Emitter(outbox, nobody, HASTY) as emitter, pytest.raises(DayNotKeptError):
            emitter.close_day("ads", yesterday())


def test_what_the_ledger_refuses_is_told_by_its_code(
    ledger: Ledger, closer: Destination, path: Path, source: str, emitter_id: str
) -> None:
    today = yesterday() + timedelta(days=1)
    with Emitter(Outbox(path), closer, HASTY) as emitter:
        with pytest.raises(CloseError) as refused:
            emitter.close_day(emitter_id, today)
        assert refused.value.http_status == 422
        with pytest.raises(CloseError) as unknown:
            emitter.close_day("nobody", yesterday())
        assert unknown.value.code == "NOT_FOUND"
    with Emitter(Outbox(path), destination(ledger), HASTY) as emitter:
        put(emitter.outbox, source, "t-1")
        with pytest.raises(CloseError) as barred:
            emitter.close_day(emitter_id, yesterday())
        assert barred.value.http_status == 403


# -- A ledger that was restored to an earlier state gets back what it lost, and nothing twice --


def test_what_a_restored_ledger_lost_is_sent_again_in_the_order_of_putting(
    ledger: Ledger, path: Path, tmp_path: Path, source: str
) -> None:
    with Emitter(Outbox(path), destination(ledger), HASTY) as emitter:
        emitter.put_many([item(f"old-{n}", source) for n in range(20)])
        assert emitter.flush(FLUSH_S)
        saved = instant(now_ms() + 1)
        while instant(now_ms()) <= saved:
            pass
        emitter.put_many([item(f"new-{n}", source) for n in range(20)])
        assert emitter.flush(FLUSH_S)
    # Another one that holds what the backup held, some of which it was sent again since.
    with running_ledger(tmp_path) as restored:
        before = [item(f"old-{n}", source) for n in range(20)]
        with Emitter(Outbox(tmp_path / "b.db"), destination(restored), HASTY) as backup:
            backup.put_many([*before, item("new-7", source)])
            assert backup.flush(FLUSH_S)
        with Emitter(Outbox(path), destination(restored), HASTY) as emitter:
            replayed = emitter.outbox.replay(saved)
            assert (replayed.items, replayed.is_complete) == (20, True)
            assert emitter.flush(FLUSH_S)
            assert emitter.outbox.status().refused == 0
        names = [f"{kind}-{n}" for kind in ("old", "new") for n in range(20)]
        assert recorded(restored, source) == dict.fromkeys(names, 1)
        order = [one for one in recorded(restored, source) if one.startswith("new-")]
        assert order == ["new-7", *(f"new-{n}" for n in range(20) if n != 7)]


def test_a_replay_that_cannot_be_whole_says_so(path: Path) -> None:
    at = [now_ms()]
    with Outbox(path, keep_days=2, clock=lambda: at[0]) as outbox:
        outgoing = SendQueue(outbox)
        for _ in range(5):
            number = outbox.put(item(str(at[0]))).number
            outgoing.settle([ItemAcknowledged(number, "recorded", number)])
            at[0] += 86_400_000
        assert outgoing.prune() == 3
        begun = instant(at[0])
        assert outbox.replay(begun - timedelta(days=2)).is_complete
        assert not outbox.replay(begun - timedelta(days=4)).is_complete


def test_a_clock_that_is_set_back_puts_nothing_off_for_long(path: Path) -> None:
    at = [now_ms()]
    with Outbox(path, clock=lambda: at[0]) as outbox:
        outgoing = SendQueue(outbox)
        one, other = outbox.put(item("1")), outbox.put(item("2", "https://b.example.jp"))
        outgoing.settle(
            [
                ItemDeferred(one.number, 900),
                SourcePaused("https://b.example.jp", "SOURCE_NOT_ALLOWED", 60),
            ]
        )
        assert outgoing.batch(10, 1_000_000) == []
        at[0] -= 365 * 86_400_000
        assert [found.number for found in outgoing.batch(10, 1_000_000)] == [other.number]
        outgoing.settle([ItemAcknowledged(other.number, "recorded", 1)])
        assert [found.number for found in outgoing.batch(10, 1_000_000)] == [one.number]


def test_a_full_disk_is_told_and_what_was_put_before_is_sent(
    ledger: Ledger, path: Path, source: str
) -> None:
    with Outbox(path) as outbox:
        outbox.put(item("before", source))
        with outbox.storage.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OutboxUnavailableError, match="full"):
            outbox.put_many([item(str(n), source) for n in range(100)])
        assert outbox.status().waiting == 1
    with Emitter(Outbox(path), destination(ledger), HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {"before": 1}
