"""What is excluded is repeated by the daily job, by a command, and before any of its keys dies."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from api.container import Container
from api.server.daily_job import AGAIN_S, EXCLUSIONS_HALF_FULL, LOOK_S
from api.server.overdue import RetentionWatch
from api.server.secrets import secrets_of
from ledger.clock import now
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import Exclude
from ledger.format.events import ExclusionsSealed
from ledger.format.header import read_header
from tests.database import LEDGER_NAME, Database
from tests.ledger.excluding import CHIEF, exclude
from tests.ledger.given import ACTOR
from tests.serving.houses import record
from tests.serving.kept import RECORDED, Kept, opened
from tests.serving.processes import environment, run
from tests.serving.sealed_place import Place

DAY = timedelta(days=1)


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def test_the_job_appends_one_event_a_day_whether_or_not_anything_is_excluded(kept: Kept) -> None:
    kept.inside.record("t1")
    for days in range(3):
        kept.at(RECORDED + days * DAY)
        assert kept.daily.look() == LOOK_S
        kept.started_anew().look()
        assert kept.topics("exclusions-sealed") == days + 1
        if days == 1:
            exclude(kept.inside, 1)
    assert kept.plans == 3


def test_an_empty_ledger_repeats_nothing(kept: Kept) -> None:
    kept.daily.look()
    assert kept.inside.head() == 0


def test_a_run_that_was_cut_off_after_its_plan_still_repeats(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.retention.plan(ACTOR)
    kept.daily.look()
    assert (kept.plans, kept.topics("exclusions-sealed")) == (1, 1)


def test_by_a_clock_that_jumped_nothing_is_repeated_and_everything_stands(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.daily.look()
    exclude(kept.inside, 1)
    kept.at(RECORDED + 400 * DAY)
    assert kept.daily.look() == AGAIN_S
    assert kept.topics("exclusions-sealed") == 1
    assert kept.inside.house.streams.hiding.standing().covers(1)


def test_a_key_of_what_is_excluded_dies_and_nothing_is_lost(kept: Kept) -> None:
    kept.inside.record("t1")
    exclude(kept.inside, 1)
    # Nobody repeats it for three years and more, and then somebody destroys what is due.
    kept.vouched_for(RECORDED + 1_300 * DAY)
    report = kept.retention.expire(ACTOR)
    assert report.expired
    assert kept.topics("exclusions-sealed") == 1
    keys = "SELECT count(*) FROM ledger.data_keys WHERE key_class = 'exclusion'"
    assert kept.inside.connection.execute(keys).fetchone() == (1,)
    kept.started_anew()
    assert kept.inside.house.streams.hiding.standing().covers(1)


def test_half_a_size_is_told_by_the_log_and_by_no_metric(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    house = kept.inside.house
    for n in range(15):
        kept.inside.record(f"t{n}")

    exclude(kept.inside, 1)
    kept.daily.look()
    assert EXCLUSIONS_HALF_FULL not in caplog.text
    for position in range(2, 15):
        exclude(kept.inside, position, reason=f"{'危' * 90}{position}")
    kept.at(RECORDED + DAY)
    kept.daily.look()
    assert EXCLUSIONS_HALF_FULL in caplog.text
    # Whoever scrapes may not exclude, and would learn that much is excluded (Order 11).
    registry = CollectorRegistry()
    RetentionWatch(kept.retention.looks, house.keys.masters.current, registry).sample()
    assert not [one.name for one in registry.collect() if "exclusion" in one.name]


def test_a_command_repeats_it_where_no_job_runs(database: Database, tmp_path: Path) -> None:
    place = Place(tmp_path, database)
    secrets = secrets_of(place.settings)
    with closing(Container(database.urls, LEDGER_NAME, secrets)) as house:
        record(house, "t-1")
        command = Exclude(random_uuid(), CHIEF, ((1, 1),), "i", "危害")
        house.exclusions().change(command, now())
        given = environment(**place.given, LEDGER_EXCLUSIONS_KIB="16")
        done = "today's event stands at position 2"
        assert run("exclusions", "repeat", given=given) == (0, done)
        again = "today's event stands already"
        assert run("exclusions", "repeat", given=given) == (0, again)
        [told] = house.streams.facts_of_topics(["exclusions-sealed"], 0)
        assert isinstance(told.event, ExclusionsSealed)
        assert [(one.first, one.ground) for one in told.event.excluded] == [(1, "i")]
        [stored] = house.reads.facts_of_topics(["exclusions-sealed"], 0)
        assert read_header(stored.header).sealed_size == 16 * 1_024 + 28
