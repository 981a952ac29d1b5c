"""What an operator reads when a ledger does not start, or is not ready, or gives rights up."""

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from psycopg.conninfo import make_conninfo

from api.container import Container
from api.database import find_urls, prepared, warn_shared_logins
from api.server.application import checks
from api.server.projection_metrics import LagWatch, ProjectionLagError
from api.settings.settings import Settings
from ledger.clock import now
from ledger.errors import BrokenWorldError, StoreUnavailableError
from ledger.postgres.errors import OwnerNeededError
from ledger.postgres.home import LOGINS
from ledger.postgres.roles import OWNER, SERVING, role_urls
from tests.database import LEDGER_NAME, Database, Server, empty_database
from tests.serving.houses import SETTINGS, follow, house_of, record
from tests.serving.processes import command, environment, run
from tests.serving.test_serve import SECRETS

assert SETTINGS.secret is not None
[(EPOCH, MASTER)] = SETTINGS.epoch_masters.items()
SECRET = SETTINGS.secret.hex()
OTHER = "5e" * 32
PASSWORD = "an-invented-password"
MASTERS = (
    "LEDGER_EPOCH_MASTER_DIR (or LEDGER_EPOCH_MASTER) must hold the epoch masters that it was "
    "sealed with"
)


def given_for(login: str, **settings: str) -> dict[str, str]:
    return environment(
        **{
            "LEDGER_NAME": LEDGER_NAME,
            "LEDGER_DATABASE_URL": login,
            "LEDGER_SECRET": SECRET,
            "LEDGER_EPOCH_MASTER": f"{EPOCH}:{MASTER.hex()}",
            "LEDGER_HTTP_PORT": "0",
            **settings,
        }
    )


def told(outcome: tuple[int, str]) -> str:
    """The last line of a start that failed, once nothing else can be wrong with what it says."""
    code, printed = outcome
    assert code == 1, printed
    for unwanted in ("Traceback", '"frames"', SECRET, MASTER.hex(), OTHER, PASSWORD):
        assert unwanted not in printed
    last = printed.splitlines()[-1]
    assert last.startswith("ledger: ")
    return last.removeprefix("ledger: ")


@pytest.fixture(scope="module")
def begun(shared_database: Database) -> Database:
    """A ledger in which something is recorded, which no follower has read."""
    with house_of(shared_database.urls) as house:
        record(house, "1")
    return shared_database


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a database where nothing listens, with a password in it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"postgresql://ledger:{PASSWORD}@127.0.0.1:{held.getsockname()[1]}/x"


def test_another_secret_or_another_epoch_master_is_named(begun: Database) -> None:
    with command("serve", given=given_for(begun.login, LEDGER_SECRET=OTHER)) as serving:
        sentence = told((serving.end(), serving.text))
    assert re.match(r"the (web process 1|follower) ended: ", sentence)
    assert sentence.endswith(
        "the ledger secret is not the one this ledger was begun with: see LEDGER_SECRET_FILE "
        "(or LEDGER_SECRET)"
    )
    for master, why in (
        (f"{EPOCH}:{OTHER}", "a row of the key ring does not open"),
        (f"w:{OTHER}", f"the epoch master {EPOCH} of a living key is not there"),
    ):
        given = given_for(begun.login, LEDGER_EPOCH_MASTER=master)
        verified = told(run("projections", "verify", given=given))
        assert verified == f"the keys of this ledger do not open ({why}): {MASTERS}"


def test_a_database_that_does_not_answer_is_named_by_its_setting(silent: str) -> None:
    said = "the database cannot be reached: nothing listens where LEDGER_DATABASE_URL leads to"
    for words in (("serve",), ("migrate",), ("projections", "rebuild"), ("keys", "list")):
        assert told(run(*words, given=given_for(silent))) == said


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    with psycopg.connect(database.admin) as connection:
        connection.execute(
            "INSERT INTO ledger.migrations (room, number, name, sha256)"
            " VALUES ('ledger', 9000, 'of_tomorrow', '')"
        )
    assert told(run("serve", given=given_for(database.login))) == (
        "the database is newer than this program: ledger migration 9000 is applied and not known "
        "here; run the newer program"
    )


def test_a_database_that_the_login_may_not_prepare_gets_the_statements_and_a_sentence(
    server: Server,
) -> None:
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        outcome = run("migrate", given=given_for(login))
    assert told(outcome) == (
        "the database is not prepared for this program: an administrator of it must run the "
        "statements above"
    )
    assert "CREATE SCHEMA" in outcome[1]


def test_a_ledger_that_is_not_ready_says_what_it_waits_for(begun: Database) -> None:
    given = given_for(begun.login, LEDGER_PROJECTION_LAG_S_MAX="1", LEDGER_HEALTH_CHECK_S_MAX="0.1")
    with (
        psycopg.connect(begun.admin) as hanging,
        command("serve", "--no-follower", given=given) as serving,
    ):
        hanging.execute("LOCK TABLE projections.progress IN ACCESS EXCLUSIVE MODE")
        serving.line(r'"the check takes longer than LEDGER_HEALTH_CHECK_S_MAX","check":"projec')
        hanging.rollback()
        serving.line(r'"the read side is further behind.*","check":"projection"')
        serving.process.send_signal(signal.SIGTERM)
        assert serving.end() == 0
        assert not re.search("^ready", serving.text, re.MULTILINE)
        assert serving.lines[-1] == (
            "ended; it was not ready yet: projection fails: the read side is further behind than "
            "LEDGER_PROJECTION_LAG_S_MAX allows: see that a follower runs, and how far it is with "
            "`ledger projections status`"
        )


def test_a_process_starts_without_what_others_need() -> None:
    # One after the other in one process: what one of them brings, the later ones have, too.
    program = "import sys, importlib\n" + "".join(
        f"importlib.import_module({started!r}); print(*{set(unneeded)} & set(sys.modules))\n"
        for started, unneeded in (
            ("api.cli", ("psycopg", "ledger")),
            ("api.cli.serve", ("fastapi", "api.container")),
            ("api.server.child", ("uvicorn", "fastapi")),
            ("api.cli.log", ("fastapi", "authlib")),
            ("api.cli.retention", ("fastapi", "authlib")),
        )
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert loaded.stdout.decode().split() == []


def given(database: Database, **more: str) -> dict[str, str]:
    """What a process that serves is given."""
    kinds = {role.removeprefix("ledger_").upper(): url for role, url in database.logins.items()}
    urls = {f"LEDGER_DATABASE_URL_{kind}": url for kind, url in kinds.items()}
    return environment(**SECRETS, **urls, LEDGER_NAME=LEDGER_NAME, **more)


def test_a_process_with_the_logins_of_the_roles_works_and_does_nothing_of_the_owners(
    database: Database,
) -> None:
    code, printed = run("projections", "verify", given=given(database))
    assert code == 0, printed
    needed = "this needs the login that owns the database: set LEDGER_DATABASE_URL"
    for words in (("migrate",), ("keys", "list"), ("backup", "unused")):
        code, printed = run(*words, given=given(database))
        assert code == 1, words
        assert needed in printed.splitlines()[-1], printed
    code, printed = run("migrate", given=given(database, LEDGER_DATABASE_URL=database.login))
    assert code == 0, printed


def test_no_url_of_a_process_that_serves_is_the_owners(database: Database) -> None:
    settings = Settings.from_environment(given(database, LEDGER_DATABASE_URL=database.login))
    with prepared(settings) as given_out:
        both = (find_urls(settings), given_out)
    for urls in both:
        with pytest.raises(OwnerNeededError):
            _ = urls.owner
        for role, url in urls.serving.items():
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT session_user, current_user").fetchone()
                assert row == (LOGINS[role], role)
    with prepared(settings, by_owner=True) as urls, psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (OWNER,)


def test_what_one_login_gives_up_is_said_at_the_start(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    warn_shared_logins(database.urls)
    assert caplog.records == []
    warn_shared_logins(role_urls(database.login))
    [told] = caplog.records
    assert told.levelname == "WARNING"
    assert "may take the others, the owner of the tables too" in told.message
    assert vars(told)["names"] == ", ".join(SERVING)


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
