"""A ledger that was restored to an earlier state gets back what it lost, and nothing twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from ledger_emitter import Emitter, Outbox, OutboxUnavailableError
from ledger_emitter.clock import instant, now_ms
from ledger_emitter.send_queue import ItemAcknowledged, ItemDeferred, SendQueue, SourcePaused
from tests.chaos.ledger import Ledger, running_ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import destination
from tests.emitter.transfers import HASTY, item

FLUSH_S = 60.0


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
