"""Whatever is done to an outbox, in whatever order, it holds what a plain list would hold."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from ledger_emitter import ConflictingItemError, Item, Outbox, OutboxFullError
from ledger_emitter.clock import instant
from ledger_emitter.items import body_bytes, body_of, encoded
from ledger_emitter.send_queue import (
    ItemAcknowledged,
    ItemDeferred,
    ItemRefused,
    QueuedItem,
    SendQueue,
    SourcePaused,
)
from tests.rounds import rounds

SOURCES: Final = ("https://a.example.jp", "https://b.example.jp")
KEEP_DAYS: Final = 2
DAY_MS: Final = 86_400_000
WAITING_MAX: Final = 6


items = strategies.builds(
    Item,
    strategies.sampled_from(SOURCES),
    strategies.sampled_from(["1", "2", "3", "4"]),
    strategies.fixed_dictionaries({"n": strategies.integers(0, 1)}),
)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    source: str
    id: str
    content: bytes
    due_at: int = 0
    acknowledged_at: int | None = None


class Model(RuleBasedStateMachine):
    """A plain list of rows beside the real file, and an end of the process at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-"))
        self.at = 1_700_000_000_000
        self.rows: list[Row] = []
        self.refused: dict[tuple[str, str, bytes], bool] = {}
        self.held: dict[str, int] = {}
        self.last = 0
        self.pruned_to = 0
        self._open()

    def _open(self) -> None:
        self.outbox = Outbox(
            self.folder / "outbox.db",
            waiting_max=WAITING_MAX,
            keep_days=KEEP_DAYS,
            clock=lambda: self.at,
        )
        self.outgoing = SendQueue(self.outbox)

    @override
    def teardown(self) -> None:
        self.outbox.close()
        shutil.rmtree(self.folder)

    # -- what producers and people do ------------------------------------------------------------

    @rule(given=strategies.lists(items, min_size=1, max_size=3))
    def put(self, given: list[Item]) -> None:
        after, new = list(self.rows), 0
        expected: type[Exception] | None = None
        for one in given:
            content = encoded(one)
            known = [row for row in after if (row.source, row.id) == (one.source, one.id)]
            if not known:
                new += 1
                after.append(Row(self.last + new, one.source, one.id, content))
            elif known[0].content != content:
                expected = ConflictingItemError
                break
        waiting = sum(row.acknowledged_at is None for row in after)
        if expected is None and new and waiting > WAITING_MAX:
            expected = OutboxFullError
        if expected is not None:
            with pytest.raises(expected):
                self.outbox.put_many(given)
            return
        placed = self.outbox.put_many(given)
        assert sum(one.is_new for one in placed) == new
        self.rows, self.last = after, self.last + new

    @rule(back_ms=strategies.integers(0, 4 * DAY_MS))
    def replay(self, back_ms: int) -> None:
        since = self.at - back_ms
        chosen = [r.number for r in self.rows if (r.acknowledged_at or 0) >= since]
        replayed = self.outbox.replay(instant(since))
        assert (replayed.items, replayed.is_complete) == (len(chosen), since > self.pruned_to)
        self._change(chosen, acknowledged_at=None, due_at=0)

    @precondition(lambda self: self.refused)
    @rule(again=strategies.booleans())
    def see_to_the_oldest_refused_one(self, *, again: bool) -> None:
        [seen] = self.outbox.refused(limit=1)
        key = (seen.source, seen.id, seen.content.encode())
        if not again:
            assert self.outbox.discard(seen.number)
            del self.refused[key]
            return
        is_free = all((row.source, row.id) != key[:2] for row in self.rows)
        assert self.outbox.requeue(seen.number) == is_free
        if is_free:
            del self.refused[key]
            self.last += 1
            self.rows.append(Row(self.last, *key))

    # -- what the sender does --------------------------------------------------------------------

    @rule(
        said=strategies.lists(
            strategies.sampled_from(["yes", "no", "conflict", "held", "later"]),
            min_size=6,
            max_size=6,
        ),
        items_max=strategies.integers(1, 6),
    )
    def send(self, said: list[str], items_max: int) -> None:
        batch = self.outgoing.batch(items_max, 5_000_000)
        assert [one.number for one in batch] == self._expected(items_max)
        released: list[str] = []
        told = [self._said(one, word, released) for one, word in zip(batch, said, strict=False)]
        self.outgoing.settle(told)
        if told:
            waiting = {row.source for row in self.rows if row.acknowledged_at is None}
            self.held = {
                source: probe_at
                for source, probe_at in self.held.items()
                if source in waiting and source not in released
            }

    def _said(
        self, one: QueuedItem, word: str, released: list[str]
    ) -> ItemAcknowledged | ItemRefused | SourcePaused | ItemDeferred:
        [row] = [row for row in self.rows if row.number == one.number]
        if word == "yes":
            self._change([one.number], acknowledged_at=self.at, due_at=0)
            self.refused = {
                key: is_conflict
                for key, is_conflict in self.refused.items()
                if is_conflict or key[:2] != (row.source, row.id)
            }
            released.append(row.source)
            return ItemAcknowledged(one.number, "recorded", 1)
        if word == "held":
            self.held[one.source] = self.at + 60_000
            return SourcePaused(one.source, "SOURCE_NOT_ALLOWED", 60.0)
        if word == "later":
            self._change([one.number], due_at=self.at + 60_000)
            return ItemDeferred(one.number, 60.0)
        self.rows.remove(row)
        self.refused[(row.source, row.id, row.content)] = word == "conflict"
        return ItemRefused(one.number, "conflict" if word == "conflict" else "rejected", "CODE", {})

    def _expected(self, items_max: int) -> list[int]:
        """The batch that a plain list gives."""
        waiting = [row for row in self.rows if row.acknowledged_at is None]
        probes = [
            next(row.number for row in waiting if row.source == source)
            for source, probe_at in self.held.items()
            if probe_at <= self.at
        ]
        if probes:
            return sorted(probes)[:items_max]
        free = [r.number for r in waiting if r.source not in self.held and r.due_at <= self.at]
        return free[:items_max]

    @rule(ms=strategies.sampled_from([1_000, 60_000, DAY_MS, 3 * DAY_MS]))
    def time_passes(self, ms: int) -> None:
        self.at += ms

    @rule()
    def prune(self) -> None:
        until = self.at - KEEP_DAYS * DAY_MS
        gone = [row for row in self.rows if (row.acknowledged_at or self.at) < until]
        assert self.outgoing.prune() == len(gone)
        self.pruned_to = max([self.pruned_to, *(row.acknowledged_at or 0 for row in gone)])
        self.rows = [row for row in self.rows if row not in gone]

    @rule()
    def the_process_ends_in_the_middle_of_a_put(self) -> None:
        with suppress(KeyboardInterrupt), self.outbox.storage.writing() as writing:
            writing.execute(
                "INSERT INTO items (source, id, content, put_at) VALUES ('', '', x'', 0)"
            )
            raise KeyboardInterrupt
        self.outbox.close()
        self._open()

    def _change(self, numbers: list[int], **changes: int | None) -> None:
        self.rows = [
            replace(row, **changes) if row.number in numbers else row  # pyright: ignore[reportArgumentType] -- its own fields
            for row in self.rows
        ]

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def it_holds_what_the_list_holds(self) -> None:
        waiting = [row for row in self.rows if row.acknowledged_at is None]
        status = self.outbox.status()
        assert status.waiting == len(waiting)
        assert status.waiting_bytes == sum(len(row.content) for row in waiting)
        assert status.kept == len(self.rows) - len(waiting)
        assert status.held_sources == tuple(sorted(self.held))
        kept = self.outbox.refused()
        assert {(one.source, one.id, one.content.encode()) for one in kept} == set(self.refused)
        assert len(kept) == len(self.refused)
        assert self.outbox.last_number() <= self.last


def test_an_outbox_is_a_list_that_survives() -> None:
    run_state_machine_as_test(
        Model, settings=settings(max_examples=rounds(60), stateful_step_count=40, deadline=None)
    )


def test_a_batch_holds_as_many_items_as_its_request_may_be_long(outbox: Outbox) -> None:
    outgoing = SendQueue(outbox)
    outbox.put_many([Item(SOURCES[0], str(n), {"text": "x" * n * 10}) for n in range(50)])
    sizes = [len(one.content) for one in outgoing.batch(50, 1_000_000)]
    for count in range(1, 51):
        exact = body_bytes(count, sum(sizes[:count]))
        assert len(outgoing.batch(1_000, exact)) == count
        # One item at least, or it would wait for ever.
        assert len(outgoing.batch(1_000, exact - 1)) == max(count - 1, 1)
        body = body_of([one.content for one in outgoing.batch(count, 1_000_000)])
        assert len(body) == exact


def test_what_is_not_sent_again_takes_no_number(outbox: Outbox) -> None:
    outgoing = SendQueue(outbox)
    [wrong] = outbox.put_many([Item(SOURCES[0], "1", {"n": 0})])
    outgoing.settle([ItemRefused(wrong.number, "rejected", "CODE", {})])
    [mended] = outbox.put_many([Item(SOURCES[0], "1", {"n": 1})])
    [kept] = outbox.refused()
    assert not outbox.requeue(kept.number)
    [following] = outbox.put_many([Item(SOURCES[0], "2", {"n": 0})])
    assert following.number == mended.number + 1
