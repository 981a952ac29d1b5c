"""What is put arrives at the real ledger once, and what it does not take waits for a person."""

import asyncio
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ledger_emitter import AsyncEmitter, Destination, Emitter, Item, Outbox, OutboxFullError, Status
from ledger_emitter.items import BODY_BYTES_MAX
from tests.canary import NAME, traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.doors.samples import OTHER_SOURCE
from tests.emitter.ledgers import destination, key
from tests.emitter.transfers import HASTY, SOURCE, item

FLUSH_S = 30.0


def awaited(outbox: Outbox, holds: Callable[[Status], bool]) -> Status:
    deadline = time.monotonic() + FLUSH_S
    while not holds(status := outbox.status()):
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status


def test_every_item_is_recorded_once_however_often_it_is_put_and_sent(
    ledger: Ledger, outbox: Outbox, path: Path, source: str
) -> None:
    given = [item(str(n), source) for n in range(2_500)]
    with Emitter(outbox, destination(ledger), HASTY) as emitter:
        emitter.put_many(given)
        emitter.put_many(given)
        assert emitter.flush(FLUSH_S)
        status = outbox.status()
        assert (status.waiting, status.kept, status.refused) == (0, 2_500, 0)
        assert (status.state, status.has_sender, status.needs_a_person) == ("sending", True, False)
    once = dict.fromkeys((one.id for one in given), 1)
    assert recorded(ledger, source) == once
    # The outbox is lost, and a job puts all of it again: the ledger knows each.
    path.unlink()
    with Emitter(Outbox(path), destination(ledger), HASTY) as again:
        again.put_many(given)
        assert again.flush(FLUSH_S)
        assert again.outbox.status().refused == 0
    assert recorded(ledger, source) == once


def test_malformed_and_conflicting_items_are_kept_with_their_problem_and_the_others_recorded(
    ledger: Ledger, outbox: Outbox, path: Path, source: str
) -> None:
    with Emitter(Outbox(path.with_name("before.db")), destination(ledger), HASTY) as before:
        before.put(item("taken", source))
        assert before.flush(FLUSH_S)
    with Emitter(outbox, destination(ledger), HASTY) as emitter:
        emitter.put_many(
            [
                item("1", source),
                item("bad", source, items=[]),
                item("taken", source, items=["住所"]),
                item("2", source),
            ]
        )
        assert emitter.flush(FLUSH_S)
        bad, taken = outbox.refused()
        assert (bad.id, bad.status, bad.code) == ("bad", "rejected", "SCHEMA_VIOLATION")
        assert json.loads(bad.problem)["errors"][0]["pointer"].endswith("/data/items")
        assert (taken.id, taken.status, taken.code) == ("taken", "conflict", "DUPLICATE_MISMATCH")
        assert NAME in taken.content
        assert not traces(bad.problem + taken.problem + repr(bad) + repr(taken))
        assert outbox.status().needs_a_person
        # The malformed one is mended under its own key; the other one stays for a person.
        emitter.put(item("bad", source))
        assert emitter.flush(FLUSH_S)
        assert [one.id for one in outbox.refused()] == ["taken"]
    assert recorded(ledger, source) == dict.fromkeys(("taken", "1", "2", "bad"), 1)


@pytest.mark.parametrize("bad", ["alone", "among others"])
def test_a_request_that_cannot_be_read_is_halved_until_the_one_stands_alone(
    ledger: Ledger, path: Path, bad: str
) -> None:
    source = f"{SOURCE}/halved/{bad.replace(' ', '-')}"
    good = [] if bad == "alone" else [item(str(n), source) for n in range(40)]
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    given = [*good[:13], Item(source, "deep", {"items": deep}), *good[13:]]
    with Emitter(Outbox(path), destination(ledger), HASTY) as emitter:
        emitter.put_many(given)
        assert emitter.flush(FLUSH_S)
        [kept] = emitter.outbox.refused()
        assert (kept.id, kept.status, kept.code) == ("deep", "rejected", "NOT_JSON")
    assert recorded(ledger, source) == dict.fromkeys((one.id for one in good), 1)


def test_requests_longer_than_the_ledger_takes_are_halved(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    many = [{"scheme": "member", "id": f"M-{n}", "name": "見" * 200} for n in range(1_000)]
    given = [item(str(n), source, principals=many) for n in range(9)]
    longer = destination(ledger, body_bytes_max=4 * BODY_BYTES_MAX)
    with Emitter(outbox, longer, HASTY) as emitter:
        emitter.put_many(given)
        assert outbox.status().waiting_bytes > BODY_BYTES_MAX
        assert emitter.flush(FLUSH_S)
        assert outbox.refused() == []
    assert recorded(ledger, source) == dict.fromkeys((one.id for one in given), 1)


def test_a_key_that_nobody_knows_pauses_loudly_and_the_right_one_goes_on(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    current = ["plk_" + "0" * 16 + "_" + "0" * 64]
    mended = destination(ledger, credential=lambda: current[0])
    with Emitter(outbox, mended, HASTY) as emitter:
        emitter.put(item("1", source))
        status = awaited(outbox, lambda now: now.state == "paused")
        assert (status.code, status.http_status) == ("UNAUTHENTICATED", 401)
        assert status.needs_a_person
        assert (status.waiting, status.refused) == (1, 0)
        current[0] = key(ledger, SOURCE, "coverage:write")
        status = awaited(outbox, lambda now: now.http_status == 403)
        assert (status.state, status.code, status.waiting) == ("paused", "SCOPE_MISSING", 1)
        current[0] = ledger.key()
        assert emitter.flush(FLUSH_S)
        assert awaited(outbox, lambda now: now.state == "sending").refused == 0
    assert recorded(ledger, source) == {"1": 1}


@pytest.mark.parametrize("count", [1, 5])
def test_items_of_a_source_that_the_key_may_not_send_for_wait_and_hold_up_no_others(
    ledger: Ledger, path: Path, count: int
) -> None:
    ours, theirs = f"{SOURCE}/held/{count}", f"{OTHER_SOURCE}/held/{count}"
    current = [ledger.key()]
    given = destination(ledger, credential=lambda: current[0])
    with Emitter(Outbox(path), given, HASTY) as emitter:
        emitter.put_many([item(f"t{n}", theirs) for n in range(count)])
        status = awaited(emitter.outbox, lambda now: bool(now.held_sources))
        assert status.held_sources == (theirs,)
        assert status.needs_a_person
        emitter.put_many([item(str(n), ours) for n in range(3)])
        status = awaited(emitter.outbox, lambda now: now.waiting == count)
        assert (status.refused, status.kept) == (0, 3)
        # The key is mended: what waited goes out by itself.
        current[0] = key(ledger, OTHER_SOURCE)
        assert emitter.flush(FLUSH_S)
        assert emitter.outbox.status().held_sources == ()
    assert recorded(ledger, ours) == {"0": 1, "1": 1, "2": 1}
    assert recorded(ledger, theirs) == {f"t{n}": 1 for n in range(count)}


@pytest.mark.parametrize("alone", [True, False])
def test_a_mark_that_the_key_may_not_set_is_kept_until_it_may(
    ledger: Ledger,
    path: Path,
    log_lines: io.StringIO,
    alone: bool,  # noqa: FBT001 -- a case
) -> None:
    source = f"{SOURCE}/marked/{alone}".lower()
    marked = replace(item("marked", source), order_11="ii")
    current = [ledger.key()]
    given = destination(ledger, credential=lambda: current[0])
    with Emitter(Outbox(path), given, HASTY) as emitter:
        emitter.put_many([marked] if alone else [marked, item("1", source)])
        assert emitter.flush(FLUSH_S)
        [kept] = emitter.outbox.refused()
        assert (kept.status, kept.code) == ("rejected", "SCOPE_MISSING")
        assert "1 items were refused (REJECTED)" in log_lines.getvalue()
        assert "SCOPE_MISSING" not in log_lines.getvalue(), "it tells that one is marked"
        current[0] = key(ledger, SOURCE, "events:write", "records:exclude")
        assert emitter.outbox.requeue(kept.number)
        assert emitter.flush(FLUSH_S)
        assert emitter.outbox.status().refused == 0
    assert recorded(ledger, source)["marked"] == 1


@pytest.mark.parametrize("alone", [True, False])
def test_a_mark_that_comes_too_late_is_logged_as_any_conflict_is(
    ledger: Ledger,
    path: Path,
    log_lines: io.StringIO,
    alone: bool,  # noqa: FBT001 -- a case
) -> None:
    source = f"{SOURCE}/late/{alone}".lower()
    plain = item("late", source)
    with Emitter(Outbox(path.with_name("before.db")), destination(ledger), HASTY) as before:
        before.put(plain)
        assert before.flush(FLUSH_S)
    may_mark = destination(
        ledger, credential=key(ledger, SOURCE, "events:write", "records:exclude")
    )
    with Emitter(Outbox(path), may_mark, HASTY) as emitter:
        marked = replace(plain, order_11="ii")
        emitter.put_many([marked] if alone else [marked, item("1", source)])
        assert emitter.flush(FLUSH_S)
        [kept] = emitter.outbox.refused()
    assert (kept.status, kept.code) == ("conflict", "MARK_DIFFERS")
    assert "1 items were refused (CONFLICT)" in log_lines.getvalue()
    assert "MARK" not in log_lines.getvalue()


def test_a_ledger_that_is_down_is_waited_for_and_nothing_is_lost(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    # The port is still listened at, so a request gets through and no answer comes.
    given = destination(ledger, timeout_s=0.5)
    ledger.kill("web")
    try:
        with Emitter(outbox, given, HASTY) as emitter:
            emitter.put_many([item(str(n), source) for n in range(20)])
            assert not emitter.flush(3)
            assert outbox.status().code == "ReadTimeout"
    finally:
        ledger.start("web")
        ledger.await_answers()
    # The program ended meanwhile; another one goes on.
    with Emitter(Outbox(outbox.storage.path), given, HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {str(n): 1 for n in range(20)}


def test_a_ledger_without_its_database_is_told_as_away(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    given = destination(ledger)
    ledger.kill_postmaster()
    try:
        with Emitter(outbox, given, HASTY) as emitter:
            emitter.put(item("1", source))
            status = awaited(outbox, lambda now: now.state == "retrying")
            assert (status.code, status.http_status) == ("STORE_UNAVAILABLE", 503)
            assert status.next_try_at is not None
            assert not status.needs_a_person
    finally:
        ledger.server.start()
    with Emitter(Outbox(outbox.storage.path), given, HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {"1": 1}


def test_one_of_several_emitters_sends_and_another_goes_on_when_it_ends(
    ledger: Ledger, path: Path, source: str
) -> None:
    given = destination(ledger)
    with Emitter(Outbox(path), given, HASTY) as first:
        first.put(item("1", source))
        assert first.flush(FLUSH_S)
        with Emitter(Outbox(path), given, HASTY) as second:
            second.put(item("2", source))
            assert second.flush(FLUSH_S)
            assert not second.outbox.election.is_won()
            first.close()
            second.put(item("3", source))
            assert second.flush(FLUSH_S)
    assert not Outbox(path).status().has_sender
    assert recorded(ledger, source) == {"1": 1, "2": 1, "3": 1}


# -- The emitter of an event loop: the same outbox, and the loop never waits for the disk --


NOBODY = Destination("http://127.0.0.1:9", "plk_nobody")


def test_what_many_tasks_put_is_recorded_once(ledger: Ledger, outbox: Outbox, source: str) -> None:
    given = destination(ledger)

    async def main() -> None:
        async with AsyncEmitter(outbox, given, HASTY) as emitter:
            puts = [emitter.put(item(str(n % 200), source)) for n in range(300)]
            placed = await asyncio.gather(*puts)
            assert sum(one.is_new for one in placed) == 200
            assert await emitter.flush(FLUSH_S)

    asyncio.run(main())
    assert recorded(ledger, source) == {str(n): 1 for n in range(200)}


def test_whoever_waits_for_room_holds_up_nobody(path: Path) -> None:
    async def main() -> None:
        async with AsyncEmitter(Outbox(path, waiting_max=1), NOBODY, HASTY) as emitter:
            await emitter.put(item("1"))
            waiting = [emitter.put(item(f"w{n}"), wait_s=1.0) for n in range(20)]
            tasks = [asyncio.create_task(one) for one in waiting]
            begun, turns = time.monotonic(), 0
            while time.monotonic() - begun < 0.5:
                await asyncio.sleep(0.01)
                turns += 1
            assert turns > 10
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, OutboxFullError) for one in results)
            with pytest.raises(OutboxFullError):
                await emitter.put(item("2"))

    asyncio.run(main())


def test_closing_does_not_wait_for_an_answer_that_does_not_come(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    given = destination(ledger)
    held, released, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def main() -> float:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            held.set()
            await released.wait()
            writer.close()
            await writer.wait_closed()
            ended.set()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            async with AsyncEmitter(
                outbox, Destination(f"http://127.0.0.1:{port}", "plk_x"), HASTY
            ) as emitter:
                await emitter.put(item("1", source))
                await asyncio.wait_for(held.wait(), FLUSH_S)
                begun = time.monotonic()
            passed = time.monotonic() - begun
            released.set()
            await ended.wait()
            return passed

    assert asyncio.run(main()) < 10
    with Emitter(Outbox(outbox.storage.path), given, HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {"1": 1}
