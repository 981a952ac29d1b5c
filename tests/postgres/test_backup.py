"""Backups of real servers: whole, checked, without secrets; what died stays dead afterwards."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
import pytest

from api.house import House, Secrets
from ledger.backup.agreement import (
    DeadKeysStandError,
    JournalLostError,
    LogBehindError,
    agree,
)
from ledger.backup.manifest import (
    MANIFEST,
    BackupError,
    Manifest,
    Method,
    check_files,
    read_manifest,
)
from ledger.backup.returning import ClockBehindError, bring_back, check_restored
from ledger.backup.taking import JOURNAL
from ledger.crypto.epoch import FixedMasters, demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import BrokenWorldError
from ledger.postgres.backup import BASE
from ledger.postgres.clients import clients_for
from ledger.postgres.embedded import EmbeddedServer
from ledger.postgres.errors import MajorVersionError
from ledger.postgres.restore import NotEmptyError, restore_base, restore_dump
from ledger.postgres.temporary import temporary_folder
from ledger.store.comparing import expired_keys, head_of, journal_id
from ledger.store.journal import ERASURES, Head, Journal
from tests import canary
from tests.database import LEDGER_NAME, Database
from tests.ledger.given import AT, data
from tests.ledger.inside import inside
from tests.postgres.backups import (
    FAST,
    LATER,
    back_up,
    brought_back,
    counts,
    is_dense,
    purge,
    record_keys,
    restored,
    serving,
)
from tests.postgres.test_external import oldest_here

OPEN: Final = data(method="collective", transferred_on=None, transferred_from="2026-03-01")
METHODS: Final[tuple[Method, ...]] = ("base", "dump")


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder(FAST) as made:
        yield made


@pytest.fixture
def journal(folder: Path) -> Journal:
    return Journal(folder / "journal", LEDGER_NAME)


def open_up(journal: Journal, database: Database) -> None:
    """What every process of the ledger does before it opens."""
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        agree(journal, connection, LATER)
        journal.saw(head_of(connection), LATER)


@pytest.mark.parametrize("method", METHODS)
def test_a_backup_that_is_taken_under_load_comes_back_whole(
    folder: Path, journal: Journal, method: Method
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        house.record("before")
        recorded, enough = threading.Event(), threading.Event()

        def go_on() -> None:
            for number in range(10_000):
                house.record(f"during-{number}")
                recorded.set()
                if enough.is_set():
                    return

        load = threading.Thread(target=go_on)
        load.start()
        assert recorded.wait(20)
        manifest = back_up(database, folder / "backup", method, journal)
        enough.set()
        load.join()
        head = house.head()
    assert read_manifest(folder / "backup") == manifest
    check_files(folder / "backup", manifest)
    assert 1 < manifest.head <= head
    with restored(folder / "backup", folder / "two", method) as database:
        with psycopg.connect(database.urls.owner) as connection:
            check_restored(connection, manifest)
            assert head_of(connection).position in (
                [manifest.head] if method == "dump" else range(manifest.head, head + 1)
            )
        assert is_dense(database)
        brought_back(journal, database)
        open_up(journal, database)
        with inside(database) as house:
            assert len(house.page("P1").entries) >= manifest.head
            house.record("after")
        assert is_dense(database)


@pytest.mark.parametrize("method", METHODS)
def test_what_was_destroyed_after_the_backup_stays_dead_after_the_restore(
    folder: Path, journal: Journal, method: Method
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        house.record("dies", data("P1", "P2"))
        keys = record_keys(database)
        house.follow()
        back_up(database, folder / "backup", method, journal)
        purge(database, journal, keys, house.head())
        assert not any(counts(database, keys).values())
        house.record("lives", data("P3"))
        seen = house.head()
        open_up(journal, database)
    with restored(folder / "backup", folder / "two", method) as database:
        assert counts(database, keys)["data_keys"] == len(keys)
        with pytest.raises(DeadKeysStandError, match="destroyed keys stand again"):
            open_up(journal, database)
        # What followed the backup is lost, and only a person can say that this is known.
        with pytest.raises(LogBehindError, match=f"position {seen} was seen"):
            brought_back(journal, database)
        with pytest.raises(LogBehindError):
            open_up(journal, database)
        returned = brought_back(journal, database, accept_loss=True)
        assert returned.destroyed == 0
        assert not any(counts(database, keys).values())
        open_up(journal, database)
        assert is_dense(database)
        with inside(database) as house:
            house.now = LATER
            assert not house.page("P1").entries
            house.record("new", data("P1", transferred_on="2036-03-01"))
            assert len(house.page("P1").entries) == 1
        with psycopg.connect(database.admin) as connection:
            expired = [dead for _, dead in expired_keys(connection)]
        assert expired == [tuple(sorted(keys))]


def test_a_restore_that_was_cut_off_is_finished_by_the_next(folder: Path, journal: Journal) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("dies")
        keys = record_keys(database)
        house.follow()
        back_up(database, folder / "backup", "dump", journal)
        open_up(journal, database)
        purge(database, journal, keys, house.head())

    def killed(_cursor: object, _positions: object) -> int:
        raise KeyboardInterrupt

    with restored(folder / "backup", folder / "two", "dump") as database:
        with pytest.raises(KeyboardInterrupt):
            bring_back(journal, database.urls, LEDGER_NAME, killed, LATER)
        with pytest.raises(DeadKeysStandError):
            open_up(journal, database)
        assert brought_back(journal, database).destroyed == len(keys)
        assert brought_back(journal, database).destroyed == 0
        open_up(journal, database)


def test_a_read_side_that_is_behind_finds_nothing_of_the_dead(
    folder: Path, journal: Journal
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("dies")
        keys = record_keys(database)
        back_up(database, folder / "backup", "dump", journal)
        house.follow()
        open_up(journal, database)
        purge(database, journal, keys, house.head())
    with restored(folder / "backup", folder / "two", "dump") as database:
        assert brought_back(journal, database).destroyed == len(keys)
        with inside(database) as house:
            house.now = LATER
            assert not house.page("P1").entries


def test_the_key_of_an_object_dies_again_although_it_had_no_day_yet(
    folder: Path, journal: Journal
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("open", {**OPEN, "transferred_to": None})
        open_up(journal, database)
        with psycopg.connect(database.admin) as connection:
            query = "SELECT key_id FROM ledger.data_keys WHERE day IS NULL"
            keys = {row[0] for row in connection.execute(query)}
        assert keys
        # Closed and destroyed after the state that is open here.
        journal.settle(keys, house.head() + 1)
        house.follow()
        with pytest.raises(DeadKeysStandError):
            open_up(journal, database)
        assert brought_back(journal, database).destroyed == len(keys)
        assert not any(counts(database, keys).values())


def test_nothing_is_destroyed_again_by_a_clock_that_is_behind(
    folder: Path, journal: Journal
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("dies")
        open_up(journal, database)
        keys = record_keys(database)
        journal.settle(keys, 9)
        with pytest.raises(ClockBehindError, match="set the clock right"):
            bring_back(journal, database.urls, LEDGER_NAME, lambda _, __: 0, AT)
        assert counts(database, keys)["data_keys"] == len(keys)


def test_the_log_tells_the_journal_what_a_killed_process_did_not(
    folder: Path, journal: Journal
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("dies")
        open_up(journal, database)
        keys = record_keys(database)
        house.follow()
        other = Journal(folder / "other", LEDGER_NAME)
        other.begin(journal.id(), LATER)
        purge(database, other, keys, house.head())
        assert journal.erased() == set()
        open_up(journal, database)
        assert journal.erased() == keys


def test_a_ledger_does_not_open_without_its_journal(folder: Path, journal: Journal) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        with psycopg.connect(database.admin) as connection:
            assert journal_id(connection) == journal.id()
        house.record("kept")
        foreign = Journal(folder / "foreign", LEDGER_NAME)
        foreign.begin(random_uuid(), LATER)
        for wrong in (Journal(folder / "empty", LEDGER_NAME), foreign):
            with pytest.raises(JournalLostError, match="LEDGER_JOURNAL_DIR"):
                open_up(wrong, database)
        lost = Journal(folder / "empty", LEDGER_NAME)
        with pytest.raises(JournalLostError, match="--accept-loss"):
            brought_back(lost, database)
        brought_back(lost, database, accept_loss=True)
        open_up(lost, database)
        assert lost.id() == journal.id()


def test_a_log_that_took_another_way_is_noticed(folder: Path, journal: Journal) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        house.record("first")
        open_up(journal, database)
        journal.saw(Head(house.head(), bytes(32)), LATER)
        with pytest.raises(LogBehindError, match="holds another event"):
            open_up(journal, database)


def test_a_backup_holds_no_secret_and_no_person_and_opens_with_its_epoch_alone(
    folder: Path, journal: Journal
) -> None:
    people = [{"scheme": "member", "id": canary.MEMBER, "name": canary.NAME}]
    content = data(principals=people)
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        house.record("canary", content)
        house.follow()
        keys = record_keys(database)
        manifest = back_up(database, folder / "backup", "base", journal)
        purge(database, journal, keys, house.head())
    assert manifest.epochs == ["demo"]
    secrets = [demo_secret(), demo_masters().masters["demo"]]
    hidden = [form for one in secrets for form in (one, one.hex().encode())]
    for path in (folder / "backup").rglob("*"):
        assert not path.is_file() or path.stat().st_mode & 0o077 == 0
        if path.is_file():
            content_bytes = path.read_bytes()
            assert not canary.traces(content_bytes), path.name
            assert not any(form in content_bytes for form in hidden), path.name
    with restored(folder / "backup", folder / "two", "base") as database:
        with inside(database) as house:
            assert len(house.page(canary.MEMBER).entries) == 1
        # The epoch is destroyed: the same files, and nobody opens what they hold.
        later = Secrets(demo_secret(), FixedMasters({"later": bytes(32)}))
        with (
            closing(House(database.urls, LEDGER_NAME, later, lambda: AT)) as house,
            pytest.raises(BrokenWorldError, match="epoch master demo"),
        ):
            house.keys.open(keys)


@pytest.fixture(scope="module")
def taken() -> Iterator[tuple[Path, Manifest]]:
    """One dump for the tests that only read, or damage a copy."""
    with temporary_folder(FAST) as folder:
        journal = Journal(folder / "journal", LEDGER_NAME)
        with serving(folder / "one") as database, inside(database) as house:
            open_up(journal, database)
            house.record("kept")
            yield folder / "backup", back_up(database, folder / "backup", "dump", journal)


def test_a_backup_says_what_it_holds(taken: tuple[Path, Manifest]) -> None:
    folder, manifest = taken
    assert (manifest.ledger, manifest.method, manifest.head) == (LEDGER_NAME, "dump", 1)
    assert manifest.epochs == ["demo"]
    assert manifest.schema.keys() == {"ledger", "projections"}
    assert set(manifest.files) == {
        "ledger.dump",
        "projections.dump",
        f"{JOURNAL}/{ERASURES}",
        f"{JOURNAL}/head.json",
    }
    assert Journal(folder / JOURNAL, LEDGER_NAME).last_seen() is not None


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return damage


def edited(member: str, value: object) -> Callable[[Path], None]:
    return changed(MANIFEST, lambda text: json.dumps({**json.loads(text), member: value}).encode())


DAMAGES: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "holds no backup"),
    "a manifest cut off": (changed(MANIFEST, lambda text: text[:-9]), "is broken"),
    "a manifest that is a list": (changed(MANIFEST, lambda _: b"[]"), "is broken"),
    "another format": (edited("format", 2), "another format"),
    "another method": (edited("method", "copy"), "is broken"),
    "a head that is none": (edited("head", "1"), "is broken"),
    "a root that is none": (edited("root", "00"), "is broken"),
    "a member too many": (edited("extra", 1), "is broken"),
    "files that are none": (edited("files", {"x": 1}), "is broken"),
    "a file is missing": (lambda folder: (folder / "ledger.dump").unlink(), "is missing"),
    "a file was changed": (
        changed("ledger.dump", lambda text: text[:-1] + bytes([text[-1] ^ 1])),
        "was changed",
    ),
    "a file too many": (lambda folder: (folder / "more").touch(), "is not of it"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_backup_is_refused(
    taken: tuple[Path, Manifest], tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(taken[0], copy)
    change, said = DAMAGES[damage]
    change(copy)
    with pytest.raises(BackupError, match=said):
        check_files(copy, read_manifest(copy))


def test_a_log_that_is_not_the_manifests_is_refused(
    taken: tuple[Path, Manifest], database: Database
) -> None:
    with psycopg.connect(database.urls.owner) as connection:
        with pytest.raises(BackupError, match="not the log"):
            check_restored(connection, taken[1])
        same_size = replace(taken[1], head=0)
        with pytest.raises(BackupError, match="not the log"):
            check_restored(connection, same_size)


def test_a_backup_goes_into_a_folder_of_its_own(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(BackupError, match="is not empty"):
        back_up(database, tmp_path, "dump", journal)


def test_nothing_is_restored_over_a_ledger(
    taken: tuple[Path, Manifest], database: Database, folder: Path
) -> None:
    with psycopg.connect(database.urls.owner) as connection:
        programs = clients_for(connection.info.server_version)
    with pytest.raises(NotEmptyError, match="empty database"):
        restore_dump(taken[0], programs, database.urls)
    server = EmbeddedServer(folder / "one", FAST)
    server.home.make()
    (folder / "one" / "postgres-17").mkdir()
    with pytest.raises(NotEmptyError, match="move postgres-17 away"):
        restore_base(folder / BASE, server)


def test_the_files_of_another_major_version_are_refused(folder: Path) -> None:
    (folder / BASE).mkdir()
    (folder / BASE / "PG_VERSION").write_text("13\n")
    with pytest.raises(MajorVersionError, match="PostgreSQL 13"):
        restore_base(folder / BASE, EmbeddedServer(folder / "one", FAST))


@pytest.mark.parametrize("method", METHODS)
def test_the_oldest_server_here_is_backed_up_too(
    folder: Path, journal: Journal, method: Method
) -> None:
    oldest = oldest_here()
    with serving(folder / "one", oldest) as database, inside(database) as house:
        house.record("kept")
        manifest = back_up(database, folder / "backup", method, journal)
    # A dump also moves a ledger to a newer version.
    for number, settings in enumerate([oldest, FAST] if method == "dump" else [oldest]):
        home = folder / f"restored-{number}"
        with (
            restored(folder / "backup", home, method, settings) as database,
            psycopg.connect(database.urls.owner) as connection,
        ):
            check_restored(connection, manifest)
