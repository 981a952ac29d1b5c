"""Index rows of expired events are deleted with them, in both slots, or nothing is."""

from itertools import pairwise

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from ledger.errors import ProjectionBehindError
from ledger.store.columns import bigints
from ledger.store.connections import PURGER
from projections.expired_rows import DELETE, GAP_MAX, chunks, forget
from projections.rebuild import REBUILD_LOCK
from tests.database import Database

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
