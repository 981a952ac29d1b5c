"""`ledger backup` and `ledger restore` as they are run, and what `ledger serve` says in between."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ledger.backup.creation import JOURNAL
from ledger.backup.manifest import MANIFEST, read_manifest
from ledger.clock import now
from ledger.crypto.pseudonyms import random_uuid
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.retention.journal_file import Journal
from tests.journals import journal_in
from tests.postgres.temporary import temporary_folder, temporary_server
from tests.serving.processes import command, environment, run
from tests.serving.test_serve import SECRETS, address_of, body, key, post

SEALED = bytes.fromhex(SECRETS["LEDGER_SECRET"])

NAME: Final = "provision-ledger"
KEYS: Final = "SELECT key_id FROM ledger.data_keys WHERE key_class = 'record'"
MANAGER: Final = "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'invented'"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder(EmbeddedSettings()) as made:
        yield made


def at(home: Path, **more: str) -> dict[str, str]:
    return environment(**SECRETS, LEDGER_HOME=str(home), LEDGER_HTTP_PORT="0", **more)


@pytest.fixture(scope="module")
def lost(folder: Path) -> Path:
    """The home of a ledger that went on after its backup, which is in `folder`/backup."""
    home = folder / "lost"
    with command("serve", given=at(home)) as serving:
        address = address_of(serving)
        credential = key(at(home))
        post(address, credential, body("one", "two"))
        code, printed = run("backup", str(folder / "backup"), given=at(home))
        assert code == 0, printed
        assert "needed to open it: the ledger secret and the epoch masters" in printed
        post(address, credential, body("three"))
        serving.interrupt()
        assert serving.end() == 0, serving.text
    seen = Journal(home / "journal", NAME).last_seen()
    assert seen is not None
    assert seen.position > read_manifest(folder / "backup").head
    return home


def refused(*arguments: str, given: dict[str, str]) -> str:
    """The sentence with which a command ends."""
    code, printed = run(*arguments, given=given)
    assert code == 1, printed
    assert "Traceback" not in printed
    return printed.splitlines()[-1]


def test_a_restored_ledger_opens_once_the_loss_is_accepted(folder: Path, lost: Path) -> None:
    given = at(folder / "restored", LEDGER_JOURNAL_DIR=str(lost / "journal"))
    journal = journal_in(lost / "journal", NAME, SEALED)
    seen, head = journal.last_seen(), read_manifest(folder / "backup").head
    assert seen is not None
    behind = f"the log ends at position {head}, and position {seen.position} was seen"
    assert behind in refused("restore", str(folder / "backup"), given=given)
    assert behind in refused("serve", given=given)
    assert behind in refused("follow", given=given)
    without = at(folder / "restored")
    assert "the erasure journal of this ledger is not in" in refused("serve", given=without)
    # Masters are not changed for a database that is not the one in use.
    assert behind in refused("keys", "rotate", given=given)
    code, printed = run("restore", "--accept-loss", given=given)
    assert code == 0, printed
    assert "not there" not in printed
    with command("serve", given=given) as serving:
        address = address_of(serving)
        assert post(address, key(given), body("three"))["counts"] == {"recorded": 1}
        serving.interrupt()
        assert serving.end() == 0
    code, printed = run("projections", "verify", given=given)
    assert code == 0
    assert printed.splitlines()[-1].startswith("0 differences up to position ")


def test_a_key_that_stands_again_stops_the_start(folder: Path, lost: Path) -> None:
    journal = journal_in(folder / "noted", NAME, SEALED)
    given = at(folder / "dead", LEDGER_JOURNAL_DIR=str(journal.folder))
    told = refused("restore", str(folder / "backup"), given=given)
    assert f"there is no erasure journal in {journal.folder}" in told
    assert not (folder / "dead" / "postgres-18").exists()
    # What must live on is copied before its key dies again: it has to open.
    later = {**given, "LEDGER_EPOCH_MASTER": "2026-W49:" + "a7" * 32}
    told = refused("restore", str(folder / "backup"), "--accept-loss", given=later)
    assert "not there: the epoch masters 2026-W48; take them out of escrow" in told
    assert not (folder / "dead" / "postgres-18").exists()
    assert not journal.folder.exists()
    code, printed = run("restore", str(folder / "backup"), "--accept-loss", given=given)
    assert code == 0, printed
    assert "2026-W48 of a living key is not there" in refused("serve", given=later)
    told = refused("restore", "--accept-loss", given=later)
    assert "not there: the epoch masters 2026-W48" in told
    assert journal.id() == Journal(lost / "journal", NAME).id()
    with (
        EmbeddedServer(folder / "dead") as server,
        psycopg.connect(server.admin_url("ledger")) as connection,
    ):
        [row] = connection.execute(KEYS).fetchall()
    journal.settle([row[0]], 9)
    told = refused("serve", given=given)
    assert told.startswith("ledger: 1 destroyed keys stand again")
    assert "`ledger restore`" in told


def test_where_no_ledger_is_nothing_is_restored_backed_up_or_made(folder: Path) -> None:
    given = at(folder / "nowhere")
    there = f"there is no ledger in {folder / 'nowhere'}"
    for words in (("restore",), ("restore", "--accept-loss"), ("backup", str(folder / "none"))):
        assert there in refused(*words, given=given)
    assert not (folder / "nowhere").exists()
    assert not (folder / "none").exists()


def test_nothing_is_put_where_it_does_not_belong(folder: Path, lost: Path) -> None:
    backup = str(folder / "backup")
    assert "holds a database" in refused("restore", backup, given=at(lost))
    other = at(folder / "other", LEDGER_NAME="another")
    assert "another ledger" in refused("restore", backup, given=other)
    assert "is not empty" in refused("backup", backup, given=at(lost))
    outer = at(folder / "other", LEDGER_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert "LEDGER_JOURNAL_DIR is not set" in refused("restore", backup, given=outer)
    outer["LEDGER_JOURNAL_DIR"] = str(lost / "journal")
    assert "a server of its own" in refused("restore", backup, given=outer)
    foreign = journal_in(folder / "foreign", NAME, SEALED)
    foreign.begin(random_uuid(), now())
    told = refused(
        "restore", backup, given=at(folder / "other", LEDGER_JOURNAL_DIR=str(foreign.folder))
    )
    assert f"the erasure journal of this ledger is not in {foreign.folder}" in told
    damaged = folder / "damaged"
    shutil.copytree(backup, damaged)
    with (damaged / "base" / "PG_VERSION").open("a") as file:
        file.write("\n")
    told = refused("restore", str(damaged), given=at(folder / "other"))
    assert told == "ledger: the backup is broken: base/PG_VERSION was changed"
    assert not (folder / "other").exists()


def test_an_outer_database_is_dumped_and_restored_by_an_ordinary_user(folder: Path) -> None:
    journal = str(folder / "outer-journal")
    with temporary_server() as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            connection.execute(MANAGER)
        parts = conninfo_to_dict(server.admin_url())
        place = f"host={quote(str(parts['host']), safe='')}&port={parts['port']}"

        def given(database: str, **more: str) -> dict[str, str]:
            url = f"postgresql://manager:invented@/{database}?{place}"
            return environment(**SECRETS, LEDGER_DATABASE_URL=url, LEDGER_HTTP_PORT="0", **more)

        with command("serve", given=given("first")) as serving:
            serving.line("no erasure journal: set LEDGER_JOURNAL_DIR")
            post(address_of(serving), key(given("first")), body("one"))
            serving.interrupt()
            assert serving.end() == 0
        noted = given("first", LEDGER_JOURNAL_DIR=journal)
        with command("serve", given=noted) as serving:
            address_of(serving)
            serving.interrupt()
            assert serving.end() == 0
        assert "set LEDGER_JOURNAL_DIR" in refused("serve", given=given("first"))
        code, printed = run("backup", str(folder / "outer"), given=noted)
        assert code == 0, printed
        assert "invented" not in (folder / "outer" / MANIFEST).read_text()
        manifest = read_manifest(folder / "outer")
        assert manifest.method == "dump"
        assert (folder / "outer" / JOURNAL).is_dir()
        again = given("second", LEDGER_JOURNAL_DIR=journal)
        for words in (("restore", "--accept-loss"), ("backup", str(folder / "none"))):
            assert "there is no ledger in the database of LEDGER" in refused(*words, given=again)
        with psycopg.connect(server.admin_url()) as connection:
            made = connection.execute("SELECT FROM pg_database WHERE datname = 'second'")
            assert made.fetchone() is None
        code, printed = run("restore", str(folder / "outer"), given=again)
        assert (code, printed.splitlines()[-1]) == (
            0,
            f"restored: position {manifest.head}, 0 keys destroyed again",
        )
        with command("serve", given=again) as serving:
            told = post(address_of(serving), key(again), body("one"))
            assert told["counts"] == {"duplicate": 1}
            serving.interrupt()
            assert serving.end() == 0
        assert "empty database" in refused("restore", str(folder / "outer"), given=again)
