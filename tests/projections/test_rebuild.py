"""Rebuild beside the old one and switch; verify names every difference."""

from typing import LiteralString

import psycopg
import pytest

from ledger.commands import RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
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


@pytest.mark.parametrize("table", ["entries", "namings", "reliances"])
def test_every_lost_planted_and_shifted_row_is_named(house: Inside, table: str) -> None:
    filled(house)
    changes: dict[str, tuple[LiteralString, ...]] = {
        "entries": (
            "DELETE FROM projections.entries_a WHERE position = 2",
            "INSERT INTO projections.entries_a VALUES (gen_random_uuid(), 1)",
            "INSERT INTO projections.entries_a VALUES (gen_random_uuid(), 77)",
        ),
        "namings": (
            "DELETE FROM projections.namings_a WHERE position = 3",
            "INSERT INTO projections.namings_a VALUES (gen_random_uuid(), 1, gen_random_uuid())",
            "INSERT INTO projections.namings_a VALUES (gen_random_uuid(), 77, gen_random_uuid())",
        ),
        "reliances": (
            "DELETE FROM projections.reliances_a WHERE position = 1",
            "INSERT INTO projections.reliances_a VALUES (gen_random_uuid(), 2)",
            "INSERT INTO projections.reliances_a VALUES (gen_random_uuid(), 77)",
        ),
    }
    with psycopg.connect(house.database.urls.projector, autocommit=True) as connection:
        for statement in changes[table]:
            connection.execute(statement)
    found = named(house)
    assert {one.table for one in found} == {table}
    kinds = sorted((one.kind, one.position) for one in found)
    lost, planted = {"entries": (2, 1), "namings": (3, 1), "reliances": (1, 2)}[table]
    assert kinds == [("missing", lost), ("unexpected", planted), ("unexpected", 77)]
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
