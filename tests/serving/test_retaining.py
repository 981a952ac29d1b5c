"""The daily job of retention: by the clock, one at a time, and never in anybody's way."""

import logging
import os
import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from api.retention import Retention
from api.retention.runs import RUN_LOCK
from api.serving.keeping import AGAIN_S, LOOK_S, Daily
from api.serving.overdue import RetentionWatch
from api.settings import Settings
from ledger.clock import JAPAN
from ledger.postgres.embedded import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from ledger.store.journal import Journal
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside, inside
from tests.serving.processes import command, environment, gone

RECORDED = date(2026, 6, 1)
# A consented provision of 2026-04-01 that was recorded on 2026-06-01.
DIES = date(2029, 6, 2)
WINDOW = 14
JOB = "b" * 32


@dataclass(slots=True)
class Kept:
    inside: Inside
    settings: Settings
    journal: Journal
    retention: Retention = field(init=False)
    daily: Daily = field(init=False)

    def __post_init__(self) -> None:
        self.started_anew()

    def started_anew(self, *, expires: bool = True) -> Daily:
        """The job in a process that has just started."""
        house = self.inside.house
        self.retention = house.retention(self.settings)
        self.daily = Daily(self.retention, house.now, JOB, expires=expires)
        return self.daily

    def at(self, day: date, hour: int = 0, minute: int = 6) -> None:
        self.inside.now = datetime.combine(day, time(hour, minute), JAPAN).astimezone(UTC)

    def vouched_for(self, day: date) -> None:
        """Years pass, and a person vouches for the clock."""
        self.at(day, 12)
        self.retention.plan(ACTOR, confirmed=True)

    def topics(self, topic: str) -> int:
        row = self.inside.connection.execute(
            "SELECT count(*) FROM ledger.events WHERE topic = %s", (topic,)
        ).fetchone()
        assert row is not None
        return row[0]

    @property
    def plans(self) -> int:
        return self.topics("expiry-planned")

    @property
    def lives(self) -> bool:
        """Whether the first event can still be read."""
        return self.inside.events()[0].content is not None


@contextmanager
def following(made: Inside) -> Generator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=made.house.follower().run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    settings = Settings(name=database.ledger_name, journal_dir=tmp_path / "journal")
    with inside(database) as made, following(made):
        journal = Journal(tmp_path / "journal", database.ledger_name)
        journal.begin(UUID(int=7), made.now)
        yield Kept(made, settings, journal)


def test_a_plan_is_made_each_day_of_japan_soon_after_midnight(kept: Kept) -> None:
    kept.inside.record("t1")
    assert kept.daily.look() == LOOK_S
    assert kept.plans == 1
    kept.at(RECORDED, 23, 59)
    kept.daily.look()
    kept.at(RECORDED + timedelta(days=1), 0, 4)
    kept.daily.look()
    assert kept.plans == 1
    kept.at(RECORDED + timedelta(days=1), 0, 5)
    kept.daily.look()
    kept.daily.look()
    assert kept.plans == 2
    kept.started_anew().look()
    assert kept.plans == 2


def test_an_empty_ledger_is_left_alone(kept: Kept) -> None:
    assert kept.daily.look() == LOOK_S
    assert kept.inside.head() == 0


def test_a_record_dies_on_its_day_and_not_before(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.vouched_for(DIES - timedelta(days=WINDOW + 2))
    for days in range(WINDOW + 1, 0, -1):
        kept.at(DIES - timedelta(days=days))
        kept.daily.look()
        assert kept.lives
    # A second earlier in the day than the plan that named it, 14 days ago.
    kept.inside.now = datetime.combine(DIES, time(0, 5, 59), JAPAN).astimezone(UTC)
    kept.daily.look()
    assert not kept.lives
    assert kept.journal.erased()


def test_what_was_named_late_waits_for_the_window(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.vouched_for(DIES + timedelta(days=100))
    for days in range(1, WINDOW + 1):
        assert kept.lives
        kept.at(DIES + timedelta(days=100 + days))
        kept.daily.look()
    assert not kept.lives


def test_a_clock_that_jumped_destroys_nothing_and_says_so(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    kept.daily.look()
    head = kept.inside.head()
    kept.at(RECORDED + timedelta(days=4 * 365))
    for _ in range(2):
        assert kept.daily.look() == AGAIN_S
    assert kept.inside.head() == head
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert len(said) == 2
    assert "the clock is 1459 days ahead" in said[0]
    assert "--confirm-clock" in said[0]


def test_where_a_person_destroys_the_job_only_plans(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.vouched_for(DIES + timedelta(days=100))
    kept.started_anew(expires=False)
    for days in range(1, WINDOW + 3, 2):
        kept.at(DIES + timedelta(days=100 + days))
        kept.daily.look()
    assert kept.plans > WINDOW // 2
    assert kept.lives
    kept.retention.expire(ACTOR)
    assert not kept.lives


def test_a_run_that_was_cut_off_after_its_plan_is_finished_by_the_next_start(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.vouched_for(DIES)
    for days in range(2, WINDOW, 2):
        kept.at(DIES + timedelta(days=days))
        kept.retention.plan(ACTOR)
    kept.at(DIES + timedelta(days=WINDOW))
    kept.retention.plan(ACTOR)
    plans = kept.plans
    assert kept.lives
    kept.started_anew().look()
    assert kept.plans == plans
    assert not kept.lives


def test_one_runs_and_a_stand_by_waits_until_it_may(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    with psycopg.connect(kept.inside.database.urls.purger, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s::bigint)", (RUN_LOCK,))
        assert kept.daily.look() == LOOK_S
        assert kept.plans == 0
        assert "retention waits" in caplog.text
    kept.daily.look()
    assert kept.plans == 1


def test_without_a_journal_it_plans_and_says_why_nothing_is_destroyed(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    for file in kept.journal.folder.iterdir():
        file.unlink()
    assert kept.daily.look() == AGAIN_S
    assert kept.daily.look() == AGAIN_S
    assert kept.plans == 1
    assert "LEDGER_JOURNAL_DIR" in caplog.text


def test_a_database_that_is_gone_is_waited_for(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    kept.inside.house.close()
    assert kept.daily.look() == LOOK_S
    assert "the database cannot be reached" in caplog.text


def sampled(kept: Kept) -> dict[str, float | None]:
    registry = CollectorRegistry()
    RetentionWatch(kept.retention.looks, registry).sample()
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


def test_a_serving_ledger_has_a_keeper_and_lives_on_without_it() -> None:
    secrets = {"LEDGER_SECRET": "5e" * 32, "LEDGER_EPOCH_MASTER": "2026-W48:" + "a7" * 32}
    with temporary_folder(EmbeddedSettings()) as home:
        given = environment(**secrets, LEDGER_HOME=str(home), LEDGER_HTTP_PORT="0")
        with command("serve", given=given) as serving:
            serving.line("^ready ")
            keeper = serving.pid_of("keeper")
            os.kill(keeper, signal.SIGKILL)
            serving.line("the keeper was killed by signal 9; it is started again")
            assert serving.process.poll() is None
            serving.interrupt()
            assert serving.end() == 0, serving.text
            assert gone(keeper)
