"""What is put is on disk, once, for its owner alone, and within bounds."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger_emitter import (
    ConflictingItemError,
    Item,
    Outbox,
    OutboxExposedError,
    OutboxFormatError,
    OutboxFullError,
    UnfitItemError,
)
from ledger_emitter.send_queue import ItemAcknowledged, ItemRefused, SendQueue
from tests.canary import MEMBER, NAME, traces
from tests.emitter.forking import FORKS
from tests.emitter.transfers import item

UNFIT = {
    "an empty id": Item("https://a.example.jp", "", {}),
    "a source with a control character": Item("https://a.example.jp\n", "1", {}),
    "a lone surrogate in the id": Item("https://a.example.jp", "\ud800", {}),
    "an id of 513 bytes": Item("https://a.example.jp", "x" * 513, {}),
    "NaN": Item("https://a.example.jp", "1", {"amount": float("nan")}),
    "a set": Item("https://a.example.jp", "1", {"name": {NAME}}),
    "a lone surrogate in a text": Item("https://a.example.jp", "1", {"name": NAME + "\udfff"}),
    "a name that refers to itself": Item("https://a.example.jp", "1", {}),
    "more than a request can hold": Item("https://a.example.jp", "1", {"name": "x" * 5_242_880}),
    "an unknown mark": Item("https://a.example.jp", "1", {}, "v"),  # pyright: ignore[reportArgumentType] -- what a caller without types may do
}
_KNOT: dict[str, object] = {"name": NAME}
_KNOT["self"] = _KNOT
UNFIT["a name that refers to itself"] = Item("https://a.example.jp", "1", _KNOT)


def test_the_files_are_readable_for_their_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with Outbox(path) as outbox:
            outbox.put(item("1"))
            assert outbox.election.is_won()
            files = sorted(path.parent.iterdir())
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
            outbox.election.resign()
    finally:
        os.umask(before)
    assert modes == {f"outbox.db{ending}": 0o600 for ending in ("", "-shm", "-wal", ".sender")}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_an_outbox_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    Outbox(path).close()
    path.chmod(mode)
    with pytest.raises(OutboxExposedError, match=f"{mode:04o}"):
        Outbox(path)


def test_a_file_that_is_no_outbox_is_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"a letter to somebody, longer than the header of a database" * 20)
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(OutboxFormatError):
        Outbox(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
    other.close()
    path.chmod(0o600)
    with pytest.raises(OutboxFormatError):
        Outbox(path)


def test_the_same_item_is_put_once_in_whatever_order_its_members_stand(outbox: Outbox) -> None:
    one = item("1")
    turned = Item(one.source, one.id, dict(reversed(list(one.data.items()))))
    first, again = outbox.put(one), outbox.put(turned)
    assert (first.number, first.is_new) == (again.number, not again.is_new)
    assert outbox.status().waiting == 1


def test_other_content_under_the_same_key_is_refused_and_nothing_of_its_batch_is_put(
    outbox: Outbox,
) -> None:
    outbox.put(item("1"))
    with pytest.raises(ConflictingItemError) as raised:
        outbox.put_many([item("2"), item("1", items=["住所"])])
    assert raised.value.number == 1
    assert not traces(str(raised.value))
    assert outbox.status().waiting == 1


@pytest.mark.parametrize("what", UNFIT)
def test_what_no_ledger_could_take_is_refused_without_a_word_of_it(
    outbox: Outbox, what: str
) -> None:
    with pytest.raises(UnfitItemError) as raised:
        outbox.put_many([item("1"), UNFIT[what]])
    assert not traces(str(raised.value))
    assert raised.value.__cause__ is None
    assert outbox.status().waiting == 0


def test_what_is_shown_of_an_item_names_nobody() -> None:
    assert not traces(repr(item(MEMBER)))
    assert MEMBER not in repr(item(MEMBER))


def test_a_full_outbox_raises_at_once_or_after_the_time_that_was_asked(path: Path) -> None:
    with Outbox(path, waiting_max=2) as outbox:
        outbox.put_many([item("1"), item("2")])
        with pytest.raises(OutboxFullError):
            outbox.put(item("3"))
        begun = time.monotonic()
        with pytest.raises(OutboxFullError):
            outbox.put(item("3"), wait_s=0.3)
        assert time.monotonic() - begun >= 0.3
        # Who repeats what is there needs no room.
        assert not outbox.put(item("1")).is_new


def test_whoever_waits_for_room_goes_on_as_soon_as_there_is_some(path: Path) -> None:
    with Outbox(path, waiting_max=1, wait_s=30) as outbox:
        first = outbox.put(item("1"))
        freeing = threading.Timer(
            0.3, SendQueue(outbox).settle, [[ItemAcknowledged(first.number, "recorded", 1)]]
        )
        freeing.start()
        assert outbox.put(item("2")).is_new
        freeing.join()


def test_the_bytes_that_wait_are_bounded_too(path: Path) -> None:
    with Outbox(path, waiting_bytes_max=1_500) as outbox:
        outbox.put(item("1"))
        with pytest.raises(OutboxFullError):
            outbox.put_many([item("2"), item("3"), item("4")])
        assert outbox.status().waiting == 1


def test_a_conflict_stays_until_a_person_has_seen_it(outbox: Outbox) -> None:
    outgoing = SendQueue(outbox)
    other = outbox.put(item("1", items=["住所"]))
    outgoing.settle([ItemRefused(other.number, "conflict", "DUPLICATE_MISMATCH", {"status": 409})])
    first = outbox.put(item("1"))
    outgoing.settle([ItemAcknowledged(first.number, "duplicate", 7)])
    [kept] = outbox.refused()
    assert (kept.status, "住所" in kept.content) == ("conflict", True)
    assert outbox.discard(kept.number)
    assert not outbox.discard(kept.number)
    assert outbox.refused() == []


def test_what_is_deleted_stands_in_no_file(path: Path) -> None:
    at = [1_000_000]
    with Outbox(path, keep_days=0, clock=lambda: at[0]) as outbox:
        outgoing = SendQueue(outbox)
        numbers = [outbox.put(item(str(n))).number for n in range(50)]
        outgoing.settle([ItemAcknowledged(number, "recorded", number) for number in numbers])
        assert any(traces(file.read_bytes()) for file in path.parent.iterdir())
        at[0] += 1
        assert outgoing.prune() == 50
        bad = outbox.put(item("bad"))
        outgoing.settle([ItemRefused(bad.number, "rejected", "SCHEMA_VIOLATION", {})])
        assert outbox.discard(outbox.refused()[0].number)
        assert not any(traces(file.read_bytes()) for file in path.parent.iterdir())


def _put_some(arguments: tuple[Path, int]) -> None:
    path, number = arguments
    done = subprocess.run(
        [sys.executable, "-m", "tests.emitter.producer", path, f"p{number}", "40"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_many_processes_put_into_a_new_outbox_at_once(path: Path) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(_put_some, [(path, number) for number in range(5)]))
    with Outbox(path) as outbox:
        assert outbox.status().waiting == 200


def test_what_forked_children_put_is_not_lost_whoever_lets_go_first(path: Path) -> None:
    forking = [sys.executable, "-m", "tests.emitter.forking", path]
    done = subprocess.run(forking, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with Outbox(path) as outbox:
        theirs = [*(f"child-{number}" for number in range(FORKS)), "child-first", "last"]
        assert not any(outbox.put(item(one)).is_new for one in theirs)
        assert outbox.election.is_won()


def test_what_was_told_as_put_survives_kill_9(path: Path) -> None:
    told: list[str] = []
    for number in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.emitter.producer", path, f"k{number}", "100000"],
            stdout=subprocess.PIPE,
            text=True,
        ) as producer:
            assert producer.stdout is not None
            for line in producer.stdout:
                told.append(line.strip())
                if len(told) % 40 == 0:
                    producer.send_signal(signal.SIGKILL)
                    break
            told += [line.strip() for line in producer.stdout if line.endswith("\n")]
    with Outbox(path) as outbox:
        assert len(told) >= 120
        assert not any(outbox.put(item(one)).is_new for one in told)
