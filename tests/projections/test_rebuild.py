"""Rebuild beside the old one and switch; verify names every difference."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg import sql

from ledger.commands import RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
from projections import rebuild as rebuilding
from projections.progress import progress_of, serving
from projections.rebuild import rebuild
from projections.verification import IndexDifference, differences
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


def test_an_index_that_is_right_has_no_difference(house: Inside) -> None:
    assert named(house) == []
    filled(house)
    assert named(house) == []


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
    ("entries", "DELETE FROM {table} WHERE position = 2", [("missing", 2)]),
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


def test_a_follower_goes_on_in_whichever_slot_serves(house: Inside) -> None:
    filled(house)
    rebuild(house.house.follower(), house.connection)
    house.record("t3", data("P1"))
    assert [entry.position for entry in house.page("P1").entries] == [1, 2, 4]
    assert named(house) == []


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
