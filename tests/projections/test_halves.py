"""A large batch is written by two connections: nobody sees half of it, whatever happens."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from projections import entries, months, parallel_copy, verification
from projections.progress import progress_of
from projections.verification import IndexDifference, differences
from tests.ledger.given import data
from tests.ledger.inside import Inside
from tests.projections.log import log_of

TRANSFERS = 20


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_copy, "PARALLEL_MIN", 2)


@pytest.fixture
def filled(house: Inside) -> Inside:
    for n in range(TRANSFERS):
        house.record(f"t{n}", data(f"P{n}", f"Q{n % 3}"))
    return house


def wanted(house: Inside) -> set[entries.Named]:
    """The rows of all that was recorded, made at once."""
    facts = house.house.reads.facts_after(0, 1_000)
    rows = entries.rows(house.house.streams.unsealed(facts), house.house.secret)
    return set(rows.with_marks().entries)


def stored(connection: psycopg.Connection) -> set[entries.Named]:
    asked = "SELECT principal_key, position, name_key FROM projections.entries_a"
    found = connection.execute(asked).fetchall()
    connection.rollback()
    return {(key.bytes, position, name and name.bytes) for key, position, name in found}


def test_none_of_them_stands_when_something_fails(
    filled: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = filled.house.follower("a")

    def failing(*_: object) -> None:
        raise MemoryError

    with follower.connect() as connection:
        with monkeypatch.context() as patch:
            patch.setattr(months, "write", failing)
            with pytest.raises(MemoryError):
                follower.step(connection)
        assert (stored(connection), progress_of(connection, "a").position) == (set(), 0)
        follower.step(connection)
        assert stored(connection) == wanted(filled)


@pytest.mark.parametrize("share", [(0, 1), (1, 2), (0, 2)], ids=["lower", "upper", "both"])
@pytest.mark.parametrize("batch_max", [1_000, 7])
def test_rows_that_a_killed_follower_left_are_written_anew(
    filled: Inside, share: tuple[int, int], batch_max: int
) -> None:
    follower = replace(filled.house.follower("a"), batch_max=batch_max)
    facts = filled.house.reads.facts_after(0, batch_max)
    events = filled.house.streams.unsealed(facts)
    rows = entries.rows(events, filled.house.secret).with_marks().packed
    begin, end = (half * len(rows) // 2 for half in share)
    with follower.connect() as connection:
        with connection.cursor() as cursor:
            entries.write(cursor, "a", entries.IndexRows(rows[begin:end], ()))
        connection.commit()
        assert progress_of(connection, "a").position == 0
        while follower.step(connection):
            pass
        assert stored(connection) == wanted(filled)


def test_where_no_second_connection_is_to_be_had_the_first_one_writes_all(filled: Inside) -> None:
    follower = filled.house.follower("a")

    def none() -> psycopg.Connection:
        raise psycopg.OperationalError

    with follower.connect() as connection:
        assert replace(follower, connect=none).step(connection) == TRANSFERS
        assert stored(connection) == wanted(filled)


@pytest.mark.parametrize("late", [0, 1], ids=["the lower half", "the upper half"])
def test_who_asks_for_the_table_between_the_two_does_not_stop_them_for_ever(
    filled: Inside, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    follower = filled.house.follower("a")
    write, asking = entries.write, "SELECT FROM pg_locks WHERE NOT granted"
    begun = Event()
    with (
        follower.connect() as connection,
        follower.connect() as look,
        follower.connect() as other,
        ThreadPoolExecutor(1) as thread,
    ):

        def lock() -> None:
            begun.wait()
            with other.transaction():
                other.execute("LOCK TABLE projections.entries_a IN SHARE MODE")

        def writing(
            cursor: psycopg.Cursor[tuple[object, ...]], slot: str, batch: entries.IndexRows
        ) -> None:
            own = cursor.connection is not connection
            while own == bool(late) and look.execute(asking).rowcount == 0:
                time.sleep(0.01)
            write(cursor, slot, batch)
            begun.set()

        with monkeypatch.context() as patch:
            patch.setattr(entries, "write", writing)
            patch.setattr(parallel_copy, "WAIT", "500ms")
            asked = thread.submit(lock)
            with pytest.raises(LockNotAvailable):
                follower.step(connection)
        asked.result()
        assert (stored(connection), progress_of(connection, "a").position) == (set(), 0)
        follower.step(connection)
        assert stored(connection) == wanted(filled)


def test_a_half_that_waits_for_the_position_is_no_difference(
    filled: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = filled.house.follower("a")
    log = log_of(filled.house)
    facts = filled.house.reads.facts_after(0, 1_000)
    events = filled.house.streams.unsealed(facts)
    rows = entries.rows(events, filled.house.secret).with_marks().packed

    def compared() -> list[IndexDifference]:
        with follower.connect() as looking:
            looking.autocommit = True
            return list(differences(looking, log, filled.house.secret))

    with follower.connect() as connection:
        with connection.cursor() as cursor:
            entries.write(cursor, "a", entries.IndexRows(rows[len(rows) // 2 :], ()))
        connection.commit()
        left = compared()
        assert {one.kind for one in left} == {"unexpected"}
        assert len(left) == len(rows) - len(rows) // 2
        monkeypatch.setattr(verification, "_POLLS", 1_000)
        with ThreadPoolExecutor(1) as beside:
            looked = beside.submit(compared)
            time.sleep(0.3)
            follower.step(connection)
            assert looked.result() == []
