"""The daily job: by the clock, one at a time, in nobody's way; and names of officers."""

import logging
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from api.auth import person_owner
from api.auth.people.colleagues import Colleagues
from api.container import Container
from api.retention import Retention
from api.server.daily_job import AGAIN_S, EXCLUSIONS_HALF_FULL, POLL_S, Daily
from api.server.retention_metrics import RetentionWatch
from api.server.secrets import secrets_of
from api.server.sign_in import ISSUER
from api.settings.settings import Settings
from ledger.clock import JAPAN, now
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MastersUnavailableError
from ledger.exclusions.exclusion import Exclude
from ledger.format.events import ExclusionsSealed
from ledger.format.header import read_header
from ledger.retention.expiry_write import RUN_LOCK
from ledger.retention.journal_file import Journal
from ledger.store.officer_names import OfficerNames
from tests.database import LEDGER_NAME, Database
from tests.journals import DEMO, journal_in
from tests.ledger.excluding import CHIEF, exclude
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside, inside
from tests.serving.houses import record
from tests.serving.processes import environment, run
from tests.serving.sealed_place import Place

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


@contextmanager
def opened(database: Database, folder: Path) -> Generator[Kept]:
    """A followed ledger with an erasure journal in `folder`."""
    settings = Settings(name=database.ledger_name, journal_dir=folder, secret=DEMO)
    with inside(database) as made, following(made):
        journal = journal_in(folder)
        journal.begin(UUID(int=7), made.now)
        yield Kept(made, settings, journal)


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def test_a_plan_is_made_each_day_of_japan_soon_after_midnight(kept: Kept) -> None:
    kept.inside.record("t1")
    assert kept.daily.run_due() == POLL_S
    assert kept.plans == 1
    kept.at(RECORDED, 23, 59)
    kept.daily.run_due()
    kept.at(RECORDED + timedelta(days=1), 0, 4)
    kept.daily.run_due()
    assert kept.plans == 1
    kept.at(RECORDED + timedelta(days=1), 0, 5)
    kept.daily.run_due()
    kept.daily.run_due()
    assert kept.plans == 2
    kept.started_anew().run_due()
    assert kept.plans == 2


def test_an_empty_ledger_is_left_alone_until_its_first_event(kept: Kept) -> None:
    assert kept.daily.run_due() == POLL_S
    assert kept.inside.head() == 0
    kept.inside.record("t1")
    kept.daily.run_due()
    assert kept.plans == 1


def test_a_record_dies_on_its_day_and_not_before(kept: Kept) -> None:
    kept.inside.record("t1")
    kept.vouched_for(DIES - timedelta(days=WINDOW + 2))
    for days in range(WINDOW + 1, 0, -1):
        kept.at(DIES - timedelta(days=days))
        kept.daily.run_due()
        assert kept.lives
    # A second earlier in the day than the plan that named it, 14 days ago.
    kept.inside.now = datetime.combine(DIES, time(0, 5, 59), JAPAN).astimezone(UTC)
    kept.daily.run_due()
    assert not kept.lives
    assert kept.journal.erased()


def test_a_clock_that_jumped_destroys_nothing_and_says_so(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    kept.daily.run_due()
    exclude(kept.inside, 1)
    head = kept.inside.head()
    kept.at(RECORDED + timedelta(days=4 * 365))
    for _ in range(2):
        assert kept.daily.run_due() == AGAIN_S
    assert kept.inside.head() == head, "nor is anything repeated of what is excluded"
    assert kept.inside.house.streams.exclusions.active().covers(1)
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
        kept.daily.run_due()
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
    plans, repeated = kept.plans, kept.topics("exclusions-sealed")
    assert kept.lives
    kept.started_anew().run_due()
    assert (kept.plans, kept.topics("exclusions-sealed")) == (plans, repeated + 1)
    assert not kept.lives


def test_one_runs_and_a_stand_by_waits_until_it_may(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    with psycopg.connect(kept.inside.database.urls.purger, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s::bigint)", (RUN_LOCK,))
        assert kept.daily.run_due() == POLL_S
        assert kept.plans == 0
        assert "retention waits" in caplog.text
    kept.daily.run_due()
    assert kept.plans == 1


def test_without_a_journal_it_plans_and_says_why_nothing_is_destroyed(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    for file in kept.journal.folder.iterdir():
        file.unlink()
    assert kept.daily.run_due() == AGAIN_S
    assert kept.daily.run_due() == AGAIN_S
    assert kept.plans == 1
    assert "LEDGER_JOURNAL_DIR" in caplog.text


def test_a_database_that_is_gone_is_waited_for(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.inside.record("t1")
    kept.inside.house.close()
    assert kept.daily.run_due() == POLL_S
    assert "the database cannot be reached" in caplog.text


DAY = timedelta(days=1)


def test_the_job_appends_one_event_a_day_whether_or_not_anything_is_excluded(kept: Kept) -> None:
    kept.inside.record("t1")
    for days in range(3):
        kept.at(RECORDED + days * DAY)
        assert kept.daily.run_due() == POLL_S
        kept.started_anew().run_due()
        assert kept.topics("exclusions-sealed") == days + 1
        if days == 1:
            exclude(kept.inside, 1)
    assert kept.plans == 3


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
    assert kept.inside.house.streams.exclusions.active().covers(1)


def test_half_a_size_is_told_by_the_log_and_by_no_metric(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    house = kept.inside.house
    for n in range(15):
        kept.inside.record(f"t{n}")

    exclude(kept.inside, 1)
    kept.daily.run_due()
    assert EXCLUSIONS_HALF_FULL not in caplog.text
    for position in range(2, 15):
        exclude(kept.inside, position, reason=f"{'危' * 90}{position}")
    kept.at(RECORDED + DAY)
    kept.daily.run_due()
    assert EXCLUSIONS_HALF_FULL in caplog.text
    # Whoever scrapes may not exclude, and would learn that much is excluded (Order 11).
    registry = CollectorRegistry()
    RetentionWatch(kept.retention.overview, house.keys.masters.current, registry).sample()
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


def sampled(kept: Kept) -> dict[str, float | None]:
    registry = CollectorRegistry()
    RetentionWatch(
        kept.retention.overview, kept.inside.house.keys.masters.current, registry
    ).sample()
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
    kept.daily.run_due()
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


def test_the_numbers_tell_since_when_the_newest_epoch_is_or_that_nobody_knows(kept: Kept) -> None:
    def away() -> str:
        raise MastersUnavailableError

    def told(epoch: Callable[[], str], name: str) -> float | None:
        registry = CollectorRegistry()
        RetentionWatch(kept.retention.overview, epoch, registry).sample()
        return registry.get_sample_value(f"ledger_{name}")

    began = datetime(2025, 12, 29, tzinfo=JAPAN).timestamp()
    assert told(lambda: "2026-W01", "epoch_began_timestamp_seconds") == began
    assert told(lambda: "first", "epoch_began_timestamp_seconds") == 0
    assert told(away, "retention_known") == 0


DAYS = 16
NAME = "見本　太郎"
ROWS = "SELECT count(*) FROM ledger.officer_names"
AWAY, HERE, GONE = "e-0001", "e-0002", "e-0003"


def names_of(house: Container) -> OfficerNames:
    return OfficerNames(house.writer, house.keys, house.secret)


def actor(house: Container, code: str) -> str:
    return house.secret.actor(ISSUER, person_owner(code))


def test_the_daily_job_deletes_the_name_of_whoever_stays_away(
    kept: Kept, database: Database
) -> None:
    house = kept.inside.house
    colleagues = Colleagues(names_of(house), DAYS, monotonic=iter(range(0, 10**6, 60)).__next__)
    away, here = "a" * 32, "b" * 32
    kept.inside.record("t1")
    colleagues.signed_in(away, "見本　太郎", ["officer"], house.now())
    colleagues.signed_in(here, "見本　花子", ["officer"], house.now())
    for days in range(DAYS + 1):
        kept.at(RECORDED + timedelta(days=days))
        colleagues.signed_in(here, "見本　花子", ["approver"], house.now())
        assert kept.daily.run_due() == POLL_S
        assert (away in colleagues.known(house.now())) == (days < DAYS)
    assert [*colleagues.known(house.now())] == [here]
    with psycopg.connect(database.urls.owner) as owner:
        assert owner.execute(ROWS).fetchone() == (1,)


def test_colleagues_whose_names_look_the_same_are_told_apart_by_digits(kept: Kept) -> None:
    house = kept.inside.house
    colleagues = Colleagues(names_of(house), DAYS)
    alike = ["田中 浩", "田中　浩", "田中浩", "ﾀﾅｶ ﾋﾛｼ", "タナカ　ヒロシ"]
    for digit, name in enumerate([*alike, "田中 洋"]):
        colleagues.signed_in(f"{digit}" * 32, name, ["officer"], house.now())
    found = {one.name: one.is_one_of_several for one in colleagues.known(house.now()).values()}
    assert found == dict.fromkeys(alike, True) | {"田中 洋": False}


def test_a_key_that_does_not_open_keeps_nobody_out(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(tmp_path, database)
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        Colleagues(names_of(house), DAYS).signed_in(actor(house, HERE), NAME, ["officer"], now())
    with psycopg.connect(database.admin) as connection:
        connection.execute("ALTER TABLE ledger.data_keys DISABLE TRIGGER ALL")
        connection.execute("UPDATE ledger.data_keys SET wrapped = set_byte(wrapped, 20, 0)")
        connection.execute("UPDATE ledger.data_keys SET wrapped = set_byte(wrapped, 21, 0)")
        connection.execute("ALTER TABLE ledger.data_keys ENABLE TRIGGER ALL")
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        colleagues = Colleagues(names_of(house), DAYS)
        colleagues.signed_in(actor(house, AWAY), NAME, ["officer"], now())
        assert colleagues.known(now()) == {}
    assert "a colleague's name was not kept: its key does not open" in caplog.text
    assert NAME not in caplog.text


def test_a_command_lists_no_names_and_forgets_one_person_or_all_who_stay_away(
    database: Database, tmp_path: Path
) -> None:
    place = Place(tmp_path, database)
    with closing(Container(database.urls, LEDGER_NAME, secrets_of(place.settings))) as house:
        record(house, "t-1")
        colleagues = Colleagues(names_of(house), DAYS)
        ago = {AWAY: timedelta(days=5), HERE: timedelta(), GONE: timedelta(days=1)}
        for code, since in ago.items():
            colleagues.signed_in(actor(house, code), "見本　太郎", ["officer"], now() - since)
        actors = {code: actor(house, code) for code in ago}
    given = environment(**place.given)
    status, listed = run("officers", "list", given=given)
    assert status == 0
    assert all(one in listed for one in actors.values())
    assert "見本" not in listed
    assert run("officers", "forget", "--person", GONE.upper(), given=given) == (0, "forgotten")
    assert run("officers", "forget", "--actor", actors[GONE], given=given)[0] == 1
    day = f"{now() - timedelta(days=3):%Y-%m-%d}"
    assert run("officers", "forget", "--before", day, given=given) == (0, "forgotten: 1")
    left = run("officers", "list", given=given)[1]
    assert [code for code, one in actors.items() if one in left] == [HERE]
    for wrong in ((), ("--person", HERE, "--before", day), ("--actor", "佐藤")):
        assert run("officers", "forget", *wrong, given=given)[0] != 0
