"""The one loop: position order, a batch a transaction, restart anywhere."""

import dataclasses
import threading

import psycopg
import pytest
from typing_extensions import override

from ledger.errors import PositionHoleError, StoreUnavailableError
from ledger.format.envelope import StoredFact
from projections.follower import CROWD_MIN, CROWD_SECONDS, POLL_SECONDS
from projections.progress import progress_of, serving
from projections.rebuild import rebuild
from projections.verification import differences
from tests.ledger.given import data
from tests.ledger.inside import Inside
from tests.projections.log import log_of


class Paused(threading.Event):
    """Counts the pauses of a follower, and ends each at once."""

    pauses = 0

    @override
    def wait(self, timeout: float | None = None) -> bool:
        self.pauses += 1
        return True


def filled(house: Inside, count: int) -> None:
    house.send([house.asked(f"t{n}", data(f"P{n % 3}")) for n in range(count)])


def indexed(house: Inside) -> list[int]:
    rows = house.connection.execute("SELECT DISTINCT position FROM projections.entries ORDER BY 1")
    return [row[0] for row in rows]


def test_batches_follow_each_other_and_end_at_the_head(house: Inside) -> None:
    filled(house, 25)
    follower = dataclasses.replace(house.house.follower(), batch_max=10)
    steps = [follower.step(house.connection) for _ in range(4)]
    assert steps == [10, 10, 5, 0]
    assert indexed(house) == list(range(1, 26))
    assert house.house.histories.reached() == 25


def test_a_batch_that_ends_by_its_bytes_is_followed_at_once_and_by_the_same_rows(
    house: Inside,
) -> None:
    filled(house, 25)
    sizes = [len(one.sealed or b"") for one in house.house.reads.facts_after(0, 25)]
    follower = dataclasses.replace(house.house.follower(), bytes_max=max(sizes) * 3)
    asked: list[int] = []
    inner = follower.facts_after

    def watched(position: int, limit: int, bytes_max: int) -> list[StoredFact]:
        asked.append(position)
        facts = inner(position, limit, bytes_max)
        if not facts:
            stop.set()
        return facts

    stop, wake = threading.Event(), Paused()
    dataclasses.replace(follower, facts_after=watched).run(stop, wake)
    assert wake.pauses <= 2
    assert len(asked) > 5
    assert indexed(house) == list(range(1, 26))
    rebuild(follower, house.connection)
    assert indexed(house) == list(range(1, 26))
    inside = house.house
    found = differences(
        house.connection,
        log_of(inside),
        inside.secret,
        bytes_max=1,
    )
    assert list(found) == []


def test_what_was_read_ahead_is_let_go_when_another_follower_was_there_first(
    house: Inside,
) -> None:
    filled(house, 40)
    follower = dataclasses.replace(house.house.follower(), batch_max=10)
    other = dataclasses.replace(follower, batch_max=5)
    assert follower.step(house.connection) == 10
    assert other.step(house.connection) == 5
    assert [follower.step(house.connection) for _ in range(4)] == [10, 10, 5, 0]
    assert indexed(house) == list(range(1, 41))


def test_two_followers_of_one_slot_apply_a_batch_once(house: Inside) -> None:
    filled(house, 30)
    follower = house.house.follower()
    with psycopg.connect(house.database.urls.projector, autocommit=True) as other:
        inner = follower.facts_after
        moved: list[int] = []

        def overtaken(position: int, limit: int, bytes_max: int) -> list[object]:
            facts = inner(position, limit, bytes_max)
            if not moved:
                moved.append(house.house.follower().step(other))
            return facts  # pyright: ignore[reportReturnType] -- handed through

        slow = dataclasses.replace(follower, facts_after=overtaken)  # pyright: ignore[reportArgumentType] -- handed through
        assert slow.step(house.connection) == 0
    assert moved == [30]
    assert indexed(house) == list(range(1, 31))


def test_a_version_that_another_writes_during_a_batch_is_kept(house: Inside) -> None:
    filled(house, 5)
    follower = house.house.follower()
    slot = serving(house.connection)
    follower.step(house.connection)
    filled(house, 10)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as other:
        inner = follower.facts_after

        def written(position: int, limit: int, bytes_max: int) -> list[StoredFact]:
            other.execute("UPDATE projections.progress SET names = 'other' WHERE slot = %s", [slot])
            return inner(position, limit, bytes_max)

        slow = dataclasses.replace(follower, facts_after=written)
        assert slow.step(house.connection) == 0
    assert progress_of(house.connection, slot).names == "other"
    house.connection.rollback()
    assert follower.step(house.connection) == 5


def test_a_follower_that_is_cut_off_half_way_goes_on_where_it_was(house: Inside) -> None:
    filled(house, 5)
    follower = house.house.follower()

    def cut_off(_events: object) -> list[object]:
        raise psycopg.OperationalError

    broken = dataclasses.replace(follower, opened=cut_off)  # pyright: ignore[reportArgumentType] -- it never returns
    with pytest.raises(psycopg.OperationalError):
        broken.step(house.connection)
    assert progress_of(house.connection, serving(house.connection)).position == 0
    assert follower.step(house.connection) == 5
    assert indexed(house) == [1, 2, 3, 4, 5]


def test_a_lost_database_is_waited_for(house: Inside) -> None:
    filled(house, 5)
    inner, lost, stop = house.house.follower().facts_after, [True], Told()

    def sometimes(position: int, limit: int, bytes_max: int) -> list[StoredFact]:
        if lost:
            lost.pop()
            raise StoreUnavailableError
        facts = inner(position, limit, bytes_max)
        if not facts:
            stop.set()
        return facts

    dataclasses.replace(house.house.follower(), facts_after=sometimes).run(stop, Paused())
    assert stop.seconds == [1.0]
    assert indexed(house) == [1, 2, 3, 4, 5]


def test_a_hole_stops_the_follower(house: Inside) -> None:
    filled(house, 4)
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        admin.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_immutable")
        admin.execute("DELETE FROM ledger.events WHERE notification_id = 2")
    with pytest.raises(PositionHoleError):
        house.house.follower().step(house.connection)
    assert indexed(house) == []


class Told(threading.Event):
    """Keeps how long a follower would have paused, and ends each pause at once."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    @override
    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        if len(self.seconds) == 2:
            self.set()
        return self.is_set()


@pytest.mark.parametrize(
    ("count", "first"), [(CROWD_MIN - 1, POLL_SECONDS), (CROWD_MIN, CROWD_SECONDS)]
)
def test_only_a_crowd_of_events_makes_the_next_pause_longer(
    house: Inside, count: int, first: float
) -> None:
    filled(house, count)
    stop = Told()
    house.house.follower().run(stop)
    assert stop.seconds == [first, POLL_SECONDS]
    assert indexed(house) == list(range(1, count + 1))
