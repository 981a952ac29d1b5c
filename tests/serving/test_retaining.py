"""The daily job of retention: by the clock, one at a time, and never in anybody's way."""

import logging
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import psycopg
import pytest

from api.server.daily_job import AGAIN_S, LOOK_S
from ledger.clock import JAPAN
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from ledger.retention.expiry_write import RUN_LOCK
from tests.database import Database
from tests.ledger.given import ACTOR
from tests.serving.kept import DIES, RECORDED, WINDOW, Kept, opened
from tests.serving.processes import command, environment, gone


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


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


def test_an_empty_ledger_is_left_alone_until_its_first_event(kept: Kept) -> None:
    assert kept.daily.look() == LOOK_S
    assert kept.inside.head() == 0
    kept.inside.record("t1")
    kept.daily.look()
    assert kept.plans == 1


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


def cut_off(kept: Kept) -> int:
    """What a restart of the server does to everybody else's connections; how many there were."""
    others = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)
    """
    ours = kept.inside.connection.info.backend_pid
    with psycopg.connect(kept.inside.database.admin, autocommit=True) as admin:
        row = admin.execute(others, (ours,)).fetchone()
    assert row is not None
    return row[0]


def test_the_job_goes_on_after_the_server_restarted(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    kept.daily.look()
    assert cut_off(kept) > 0
    kept.at(RECORDED + timedelta(days=1))
    kept.daily.look()
    assert kept.plans == 2
    assert "retention failed" not in caplog.text


def test_a_run_whose_lock_is_cut_off_ends_and_leaves_no_lock_behind(kept: Kept) -> None:
    kept.inside.record("t1")
    given = kept.inside.house.now
    cut: list[int] = []

    def cutting() -> datetime:
        if not cut:
            cut.append(cut_off(kept))
        return given()

    kept.inside.house.now = cutting
    # Asked for the time, the run has its lock already.
    kept.inside.house.retention(kept.settings).plan(ACTOR)
    assert cut[0] > 0
    kept.retention.plan(ACTOR)
    assert kept.plans == 2


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
