"""How far the read side is behind, and what `/health/ready` and `/metrics` say about it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from api.container import Container
from api.server.application import checks
from api.server.lag import LagWatch, ProjectionLagError
from ledger.clock import now
from ledger.errors import BrokenWorldError, StoreUnavailableError
from tests.database import Database
from tests.serving.houses import SETTINGS, follow, house_of, record


@pytest.fixture
def house(database: Database) -> Iterator[Container]:
    with house_of(database.urls) as built:
        yield built


def test_the_lag_is_counted_in_events_and_from_the_oldest_one(house: Container) -> None:
    later = now() + timedelta(seconds=90)
    watch = LagWatch(house.reads, house.histories.reached, lambda: later)
    assert (watch.measure().events, watch.measure().seconds) == (0, 0.0)
    record(house, "1", "2", "3")
    lag = watch.measure()
    assert (lag.head, lag.reached, lag.events) == (3, 0, 3)
    assert 80 < lag.seconds <= 90
    with pytest.raises(ProjectionLagError):
        watch.check(60.0)
    watch.check(100.0)
    follow(house)
    watch.check(0.0)
    assert watch.measure().reached == 3


def test_the_gauges_show_the_positions_and_survive_a_lost_database(house: Container) -> None:
    record(house, "1", "2")
    registry, stop = CollectorRegistry(), threading.Event()
    stop.set()
    LagWatch(house.reads, house.histories.reached, house.now).keep_counting(registry, stop)
    names = ("head_position", "projection_position", "projection_lag_events", "positions_known")
    shown = [registry.get_sample_value(f"ledger_{name}") for name in names]
    assert shown == [2.0, 0.0, 2.0, 1.0]

    def unreachable() -> int:
        raise StoreUnavailableError

    lost = CollectorRegistry()
    LagWatch(house.reads, unreachable, house.now).keep_counting(lost, stop)
    assert lost.get_sample_value("ledger_positions_known") == 0.0


def test_a_ledger_is_not_ready_under_another_epoch_master(
    house: Container, database: Database
) -> None:
    watch = LagWatch(house.reads, house.histories.reached, house.now)
    for passes in checks(house, watch, SETTINGS).values():
        passes()
    record(house, "1")
    for passes in checks(house, watch, SETTINGS).values():
        passes()
    for masters in ({"2026-W48": bytes(32)}, {"2026-W49": bytes(32)}):
        settings = replace(SETTINGS, epoch_masters=masters)
        with house_of(database.urls, settings) as other:
            passes = checks(other, watch, settings)["key_ring"]
            with pytest.raises(BrokenWorldError):
                passes()
