"""What an operator reads when a ledger does not start: a sentence to act on, and no secret."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.database import LEDGER_NAME, Database, Server, empty_database
from tests.serving.houses import SETTINGS, house_of, record
from tests.serving.processes import command, environment, run

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
    wrong = {
        "other secret": {"LEDGER_SECRET": OTHER},
        "other master": {"LEDGER_EPOCH_MASTER": f"{EPOCH}:{OTHER}"},
    }
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(command("serve", given=given_for(begun.login, **settings)))
            for name, settings in wrong.items()
        }
        said = {name: told((one.end(), one.text)) for name, one in running.items()}
    for name, sentence in said.items():
        assert re.match(r"the (web process 1|follower) ended: ", sentence), name
    assert said["other secret"].endswith(
        "the ledger secret is not the one this ledger was begun with: see LEDGER_SECRET_FILE "
        "(or LEDGER_SECRET)"
    )
    assert said["other master"].endswith(f"(a row of the key ring does not open): {MASTERS}")
    verified = run(
        "projections", "verify", given=given_for(begun.login, LEDGER_EPOCH_MASTER=f"w:{OTHER}")
    )
    assert told(verified) == (
        f"the keys of this ledger do not open (the epoch master {EPOCH} of a living key is not "
        f"there): {MASTERS}"
    )


def test_a_database_that_does_not_answer_is_named_by_its_setting(silent: str) -> None:
    given = given_for(silent)
    with ExitStack() as stack:
        running = [
            stack.enter_context(command(*words, given=given))
            for words in (
                ("serve",),
                ("migrate",),
                ("projections", "rebuild"),
                ("keys", "list"),
            )
        ]
        said = {told((one.end(), one.text)) for one in running}
    assert said == {
        "the database cannot be reached: nothing listens where LEDGER_DATABASE_URL leads to"
    }


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


@pytest.mark.parametrize(
    ("started", "unneeded"),
    [
        ("api.cli", ("psycopg", "ledger")),
        ("api.cli.serve", ("fastapi", "api.container")),
        ("api.cli.log", ("fastapi", "authlib")),
        ("api.cli.retention", ("fastapi", "authlib")),
        ("api.server.child", ("uvicorn", "fastapi")),
    ],
)
def test_a_process_starts_without_what_others_need(started: str, unneeded: tuple[str, ...]) -> None:
    program = f"import sys, {started}; print(*{set(unneeded)} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert loaded.stdout.decode().split() == []
