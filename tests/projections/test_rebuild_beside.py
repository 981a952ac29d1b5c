"""A follower that has just taken the old slot when the new one serves is in nobody's way."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from projections import rebuild as rebuilding
from projections.progress import progress_of, serving
from tests.ledger.given import data
from tests.ledger.inside import Inside

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
