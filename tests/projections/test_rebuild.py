"""Rebuild beside the old one; verify names every difference; holes are faults; rows that expire."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Final, LiteralString

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from ledger.commands import RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, ProjectionBehindError
from ledger.store.columns import bigints
from ledger.store.connections import PURGER
from projections import rebuild as rebuilding
from projections.entries import KEY_BYTES, Named, packed, unpacked
from projections.expired_rows import DELETE, GAP_MAX, chunks, forget
from projections.progress import progress_of, serving
from projections.rebuild import REBUILD_LOCK, rebuild
from projections.verification import IndexDifference, differences
from tests.database import Database
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside
from tests.projections.log import log_of


def filled(house: Inside) -> None:
    content = data("P1", "P2", basis="opt_out_27_2", notice_id="OO", consent=None)
    house.send([house.asked("t1", content), house.asked("t2", data("P1"))])
    house.ledger.direct(RenamePrincipal(random_uuid(), ACTOR, person("P1"), "見本 花子"), house.now)
    house.follow()


def named(house: Inside) -> list[IndexDifference]:
    inside = house.house
    found = differences(house.connection, log_of(inside), inside.secret)
    return list(found)


def test_a_follower_that_goes_on_meanwhile_is_no_difference(house: Inside) -> None:
    filled(house)
    inside = house.house

    def meanwhile(position: int) -> None:
        house.record(f"beyond-{position}", data("P7"))
        house.follow()

    found = differences(
        house.connection,
        log_of(inside),
        inside.secret,
        meanwhile,
    )
    assert list(found) == []


# Table, what is done to it, and what is named then; of days only that something is.
DAMAGES: Final[list[tuple[str, LiteralString, list[tuple[str, int]]]]] = [
    ("entries", "DELETE FROM {table} WHERE position = 2", [("missing", 2)] * 2),
    ("entries", "INSERT INTO {table} VALUES ({new}, 1)", [("unexpected", 1)]),
    ("entries", "INSERT INTO {table} VALUES ({new}, 77)", [("unexpected", 77)]),
    ("namings", "DELETE FROM {table} WHERE position = 3", [("missing", 3)]),
    ("namings", "INSERT INTO {table} VALUES ({new}, 1, {new})", [("unexpected", 1)]),
    ("namings", "INSERT INTO {table} VALUES ({new}, 77, {new})", [("unexpected", 77)]),
    ("reliances", "DELETE FROM {table} WHERE position = 1", [("missing", 1)]),
    ("reliances", "INSERT INTO {table} VALUES ({new}, 2)", [("unexpected", 2)]),
    ("reliances", "INSERT INTO {table} VALUES ({new}, 77)", [("unexpected", 77)]),
    ("findings", "DELETE FROM {table} {all}", [("missing", 4)]),
    ("findings", "UPDATE {table} SET standing = 0 {all}", [("different", 4)]),
    ("findings", "UPDATE {table} SET is_unlawful = false {all}", [("different", 4)]),
    ("findings", "UPDATE {table} SET mark = {new} {all}", [("different", 4)]),
    ("findings", "UPDATE {table} SET sources = ARRAY[]::uuid[] {all}", [("different", 4)]),
    ("findings", "INSERT INTO {table} SELECT 2, {rest} FROM {table} {all}", [("unexpected", 2)]),
    ("findings", "INSERT INTO {table} SELECT 77, {rest} FROM {table} {all}", [("unexpected", 77)]),
    (
        "findings_keys",
        "UPDATE {table} SET key_id = '\\x01' WHERE position = 4",
        [("missing", 4), ("unexpected", 4)],
    ),
    ("belated", "INSERT INTO {table} VALUES (1), (77)", [("unexpected", 1), ("unexpected", 77)]),
    ("days", "UPDATE {table} SET transfers = transfers + 1", []),
    ("days", "UPDATE {table} SET product = set_byte(product, 7, get_byte(product, 7) # 1)", []),
    ("days", "UPDATE {table} SET day = day - 1", []),
    ("days", "DELETE FROM {table}", []),
]
WORDS: Final[dict[str, sql.Composable]] = {
    "new": sql.SQL("gen_random_uuid()"),
    "all": sql.SQL("WHERE position = 4 AND code = ''"),
    "rest": sql.SQL("code, 2, true, mark, sources"),
}


def test_every_lost_planted_and_shifted_row_is_named(house: Inside) -> None:
    filled(house)
    house.record("t3", data("P1", consent={"obtained": False}))
    house.follow()
    for table, statement, expected in DAMAGES:
        assert named(house) == []
        stored = sql.Identifier("projections", f"{table}_{serving(house.connection)}")
        house.connection.execute(sql.SQL(statement).format(table=stored, **WORDS))
        found = named(house)
        assert {one.table for one in found} == {table}, statement
        if expected:
            assert sorted((one.kind, one.position) for one in found) == expected, statement
        # A rebuild repairs it.
        rebuild(house.house.follower(), house.connection)
    assert named(house) == []


def test_a_rebuild_serves_the_other_slot_and_empties_the_old_one(house: Inside) -> None:
    filled(house)
    before = [entry.position for entry in house.page("P1").entries]
    for slot in ("b", "a", "b"):
        assert rebuild(house.house.follower(), house.connection) == 3
        assert serving(house.connection) == slot
        assert [entry.position for entry in house.page("P1").entries] == before
    old = house.connection.execute("SELECT count(*) FROM projections.entries_a").fetchone()
    assert old == (0,)
    assert progress_of(house.connection, "a").position == 0


def test_readers_never_see_the_position_move_back(house: Inside) -> None:
    filled(house)
    positions: list[int] = []
    follower = house.house.follower()
    inner = follower.facts_after

    def watched(position: int, limit: int, bytes_max: int) -> list[object]:
        positions.append(house.house.histories.reached())
        return inner(position, limit, bytes_max)  # pyright: ignore[reportReturnType] -- handed through

    follower.facts_after = watched  # pyright: ignore[reportAttributeAccessIssue] -- handed through
    rebuild(follower, house.connection)
    positions.append(house.house.histories.reached())
    assert set(positions) == {3}


_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"


def test_a_rebuild_waits_for_who_writes_into_the_old_slot(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.record("t1", data("P1", "P2"))
    house.follow()
    url = house.database.urls.projector
    switch = vars(rebuilding)["_switch"]
    with (
        psycopg.connect(url) as other,
        psycopg.connect(url, autocommit=True) as connection,
        psycopg.connect(url, autocommit=True) as look,
        ThreadPoolExecutor(1) as thread,
    ):

        def switched(own: psycopg.Connection, old: str, new: str) -> bool:
            done = switch(own, old, new)
            other.execute("SELECT FROM projections.progress WHERE slot = %s FOR UPDATE", (old,))
            return done

        monkeypatch.setattr(rebuilding, "_switch", switched)
        done = thread.submit(rebuilding.rebuild, house.house.follower(), connection)
        while look.execute(_WAITING).fetchone() == (0,):
            assert not done.done()
            time.sleep(0.01)
        # As a follower goes on that has the slot's row.
        other.execute("INSERT INTO projections.entries_a VALUES (gen_random_uuid(), 2)")
        other.commit()
        assert done.result() == 1
        assert (serving(look), progress_of(look, "a").position) == ("b", 0)
        assert look.execute("SELECT count(*) FROM projections.entries_a").fetchone() == (0,)


HOLE = "position 2: the sealed part is missing, though its key stands"


def lose(house: Inside, position: int, *, and_key: bool = False) -> None:
    """Take the part away behind the application's back; with it the key, as a purge does."""
    with psycopg.connect(house.database.urls.purger) as purger:
        if and_key:
            purger.execute(
                "DELETE FROM ledger.data_keys WHERE key_id ="
                " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
                (position,),
            )
        purger.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))


def two_of_one(house: Inside) -> None:
    """Two transfers of one person; the second is kept for longer, under another key."""
    house.record("t1")
    house.now += timedelta(days=30)
    house.record("t2")
    house.follow()


def of_the_state(house: Inside) -> None:
    [stream] = {one.stream for one in house.house.reads.facts_at([2])}
    house.house.streams.transfer_state(stream)


def of_the_history(house: Inside) -> None:
    house.page("P1")


def of_the_verification(house: Inside) -> None:
    inside = house.house
    list(differences(house.connection, log_of(inside), inside.secret))


def of_the_rebuild(house: Inside) -> None:
    rebuild(house.house.follower(), house.connection)


def of_the_topics(house: Inside) -> None:
    house.house.streams.facts_of_topics(["provision-recorded"], 0)


READERS: list[Callable[[Inside], None]] = [
    of_the_state,
    of_the_history,
    of_the_verification,
    of_the_topics,
    of_the_rebuild,
]


def test_a_missing_part_is_a_fault_for_whoever_reads(house: Inside) -> None:
    two_of_one(house)
    for read in READERS[:-1]:
        read(house)
    lose(house, 2)
    for read in READERS:
        with pytest.raises(CorruptRecordError, match=HOLE) as caught:
            read(house)
        assert caught.value.position == 2, read


def test_a_key_that_another_process_destroyed_is_dead_though_it_is_remembered(
    house: Inside,
) -> None:
    two_of_one(house)
    for read in READERS:
        read(house)
    lose(house, 2, and_key=True)
    for read in READERS:
        read(house)
    assert [entry.position for entry in house.page("P1").entries] == [1]


def test_the_follower_stops_at_a_missing_part(house: Inside) -> None:
    house.record("t1")
    house.follow()
    house.record("t2")
    lose(house, 2)
    with pytest.raises(CorruptRecordError, match=HOLE):
        house.follow()
    assert house.house.histories.reached() == 1


def test_a_part_that_a_statement_did_not_see_is_read_once_more(house: Inside) -> None:
    """One that was planned before the part's partition was attached, and ran after, sees none."""
    two_of_one(house)
    stored = house.house.reads.facts_after(0, 10)
    unseen = [replace(one, sealed=None) for one in stored]
    streams = house.house.streams
    assert streams.opened(unseen) == streams.opened(stored)
    assert streams.unsealed(unseen) == streams.unsealed(stored)


def test_whoever_names_the_holes_himself_reads_past_them(house: Inside) -> None:
    two_of_one(house)
    lose(house, 2)
    stored = house.house.reads.facts_after(0, 10)
    events = house.house.streams.opened(stored, with_holes=True)
    assert [one.content is None for one in events] == [False, True]


KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
NAMED = st.tuples(KEYS, st.integers(1, 2**63 - 1), st.none() | KEYS)


@given(NAMED)
def test_a_packed_row_unpacks_to_itself(row: Named) -> None:
    assert unpacked(packed(row)) == row


@given(st.lists(NAMED, unique_by=lambda row: row[:2]))
def test_packed_rows_are_in_the_order_of_their_keys_and_positions(rows: list[Named]) -> None:
    in_order = sorted(rows, key=lambda row: row[:2])
    assert sorted(map(packed, rows)) == list(map(packed, in_order))


COLUMNS = {"entries": "principal_key", "reliances": "notice_key", "namings": "principal_key"}
TABLES = tuple(f"{table}_{slot}" for table in COLUMNS for slot in ("a", "b"))


def fill(database: Database, last: int) -> None:
    """A row for each position in every table; the serving slot has reached `last`."""
    with psycopg.connect(database.urls.projector) as projector:
        for table in TABLES:
            key = COLUMNS[table[:-2]]
            names = [key, "position"] + ["name_key"] * (key == "principal_key")
            fresh = sql.SQL(
                "INSERT INTO projections.{} ({})"
                " SELECT {} FROM generate_series(1, %s) AS n (position)"
            )
            values = [
                sql.SQL("position" if one == "position" else "gen_random_uuid()") for one in names
            ]
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            projector.execute(
                fresh.format(sql.Identifier(table), columns, sql.SQL(", ").join(values)), (last,)
            )
        projector.execute("UPDATE projections.progress SET position = %s WHERE serving", (last,))


def left(database: Database, table: str) -> list[int]:
    with psycopg.connect(database.urls.projector) as projector:
        asked = sql.SQL("SELECT position FROM projections.{} ORDER BY 1")
        rows = projector.execute(asked.format(sql.Identifier(table))).fetchall()
    return [row[0] for row in rows]


def test_rows_of_these_positions_go_out_of_both_slots(database: Database) -> None:
    fill(database, 10)
    with psycopg.connect(database.urls.purger) as purger:
        assert forget(purger.cursor(), [2, 3, 7]) == 3 * len(TABLES)
        assert forget(purger.cursor(), []) == 0
    for table in TABLES:
        assert left(database, table) == [1, 4, 5, 6, 8, 9, 10]


def test_a_read_side_that_has_not_seen_them_all_is_waited_for(database: Database) -> None:
    fill(database, 3)
    with (
        psycopg.connect(database.urls.purger) as purger,
        pytest.raises(ProjectionBehindError) as caught,
    ):
        forget(purger.cursor(), [2, 4])
    assert (caught.value.position, caught.value.reached) == (4, 3)
    assert left(database, "entries_a") == [1, 2, 3]


def test_a_rebuild_and_an_expiry_do_not_meet(database: Database) -> None:
    fill(database, 3)
    with (
        psycopg.connect(database.urls.projector) as builder,
        psycopg.connect(database.urls.purger) as purger,
    ):
        builder.execute("SELECT pg_advisory_xact_lock(%s)", (REBUILD_LOCK,))
        with pytest.raises(ProjectionBehindError):
            forget(purger.cursor(), [2])
        builder.commit()
        purger.rollback()
        assert forget(purger.cursor(), [2]) == len(TABLES)
        row = builder.execute("SELECT pg_try_advisory_xact_lock(%s)", (REBUILD_LOCK,)).fetchone()
        assert row == (False,)


@given(st.sets(st.integers(1, 5 * GAP_MAX), max_size=60))
def test_chunks_are_the_positions_in_order_and_dense(found: set[int]) -> None:
    positions = sorted(found)
    parts = list(chunks(positions))
    assert [position for part in parts for position in part] == positions
    assert all(parts)
    for part in parts:
        assert all(later - earlier <= GAP_MAX for earlier, later in pairwise(part))
    for before, after in pairwise(parts):
        assert after[0] - before[-1] > GAP_MAX


def test_old_rows_are_found_by_the_range_of_their_positions(database: Database) -> None:
    last = 50_000
    fill(database, last)
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE projections.entries_a")
    with psycopg.connect(database.urls.purger, autocommit=True) as purger:
        purger.execute(PURGER)
        explained = sql.SQL("EXPLAIN ") + sql.SQL(DELETE[0])
        plan = purger.execute(explained, (1, 500, bigints(range(1, 501)))).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert "Bitmap Index Scan on entries_a_position" in text
