"""Whether retention keeps up, as Prometheus sees it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from api.server.overdue import RetentionWatch
from ledger.clock import JAPAN
from ledger.errors import MastersUnavailableError
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.serving.kept import DIES, Kept, opened


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def sampled(kept: Kept) -> dict[str, float | None]:
    registry = CollectorRegistry()
    RetentionWatch(kept.retention.looks, kept.inside.house.keys.masters.current, registry).sample()
    shown = {
        name: registry.get_sample_value(f"ledger_retention_{name}")
        for name in (
            "known",
            "late_keys",
            "last_plan_timestamp_seconds",
            "last_erasure_timestamp_seconds",
        )
    }
    for reason in ("clock_ahead", "journal_missing"):
        shown[reason] = registry.get_sample_value("ledger_retention_refused", {"reason": reason})
    return shown


def test_the_numbers_tell_what_is_late_and_why(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.daily.look()
    planned_at = kept.inside.now.timestamp()
    assert sampled(kept) == {
        "known": 1,
        "late_keys": 0,
        "last_plan_timestamp_seconds": planned_at,
        "last_erasure_timestamp_seconds": 0,
        "clock_ahead": 0,
        "journal_missing": 0,
    }
    kept.at(DIES + timedelta(days=1))
    shown = sampled(kept)
    assert (shown["late_keys"], shown["clock_ahead"]) == (1, 1)
    kept.retention.plan(ACTOR, confirmed=True)
    kept.retention.expire(ACTOR)
    shown = sampled(kept)
    assert (shown["late_keys"], shown["clock_ahead"]) == (0, 0)
    assert shown["last_erasure_timestamp_seconds"] == kept.inside.now.timestamp()
    kept.inside.house.close()
    assert sampled(kept)["known"] == 0


@pytest.mark.parametrize(
    ("epoch", "began"),
    [("2026-W01", datetime(2025, 12, 29, tzinfo=JAPAN).timestamp()), ("first", 0.0)],
)
def test_the_numbers_tell_since_when_the_newest_epoch_is(
    kept: Kept, epoch: str, began: float
) -> None:
    registry = CollectorRegistry()
    RetentionWatch(kept.retention.looks, lambda: epoch, registry).sample()
    assert registry.get_sample_value("ledger_epoch_began_timestamp_seconds") == began


def test_masters_that_cannot_be_reached_leave_the_numbers_unknown(kept: Kept) -> None:
    def away() -> str:
        raise MastersUnavailableError

    registry = CollectorRegistry()
    RetentionWatch(kept.retention.looks, away, registry).sample()
    assert registry.get_sample_value("ledger_retention_known") == 0
