"""Backups of real servers: whole, checked, without secrets, and put where nothing stands."""

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

from api.container import Container
from ledger.backup.after_restore import check_restored
from ledger.backup.creation import JOURNAL
from ledger.backup.manifest import (
    MANIFEST,
    BackupError,
    Manifest,
    Method,
    check_files,
    read_manifest,
)
from ledger.backup.table_state import head_of
from ledger.crypto.epoch import FixedMasters, demo_masters, demo_secret
from ledger.crypto.secrets import Secrets
from ledger.errors import BrokenWorldError
from ledger.postgres.backup import BASE
from ledger.postgres.clients import clients_for
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.errors import MajorVersionError
from ledger.postgres.restore import NotEmptyError, restore_base, restore_dump
from ledger.retention.journal_file import ERASURES, Journal
from tests import canary
from tests.database import LEDGER_NAME, Database
from tests.journals import journal_in
from tests.ledger.given import AT, data
from tests.ledger.inside import inside
from tests.matrix import every
from tests.postgres.backups import (
    FAST,
    METHODS,
    back_up,
    brought_back,
    is_dense,
    oldest_here,
    open_up,
    purge,
    record_keys,
    restored,
    serving,
)
from tests.postgres.temporary import temporary_folder


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
        assert recorded.wait(120)
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
            closing(Container(database.urls, LEDGER_NAME, later, lambda: AT)) as house,
            pytest.raises(BrokenWorldError, match="epoch master demo"),
        ):
            house.keys.open(keys)


@pytest.fixture(scope="module")
def taken() -> Iterator[tuple[Path, Manifest]]:
    """One dump for the tests that only read, or damage a copy."""
    with temporary_folder(FAST) as folder:
        journal = journal_in(folder / "journal")
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
    "another format": (edited("format", 3), "another format"),
    "another method": (edited("method", "copy"), "is broken"),
    "a head that is none": (edited("head", "1"), "is broken"),
    "a root that is none": (edited("root", "00"), "is broken"),
    "a MAC that is none": (edited("mac", "00"), "is broken"),
    "a MAC in the format of before": (edited("format", 1), "is broken"),
    "a link": (lambda folder: (folder / "more").symlink_to("/"), "is no plain file"),
    "a member too many": (edited("extra", 1), "is broken"),
    "files that are none": (edited("files", {"x": 1}), "is broken"),
    "a file is missing": (lambda folder: (folder / "ledger.dump").unlink(), "is missing"),
    "a file was changed": (
        changed("ledger.dump", lambda text: text[:-1] + bytes([text[-1] ^ 1])),
        "was changed",
    ),
    "a file too many": (lambda folder: (folder / "more").touch(), "is not of it"),
}


@every("damage", DAMAGES)
def test_a_broken_backup_is_refused(
    taken: tuple[Path, Manifest], tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / damage
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
        restore_base(folder / BASE, server, print)


def test_the_files_of_another_major_version_are_refused(folder: Path) -> None:
    (folder / BASE).mkdir()
    (folder / BASE / "PG_VERSION").write_text("13\n")
    with pytest.raises(MajorVersionError, match="PostgreSQL 13"):
        restore_base(folder / BASE, EmbeddedServer(folder / "one", FAST), print)


def test_the_oldest_server_here_is_backed_up_too_and_a_dump_moves_to_a_newer_one(
    folder: Path, journal: Journal
) -> None:
    oldest = oldest_here()
    taken: dict[Method, Manifest] = {}
    with serving(folder / "one", oldest) as database, inside(database) as house:
        house.record("kept")
        for method in METHODS:
            taken[method] = back_up(database, folder / method, method, journal)
    for method, manifest in taken.items():
        settings = FAST if method == "dump" else oldest
        with (
            restored(folder / method, folder / f"restored-{method}", method, settings) as database,
            psycopg.connect(database.urls.owner) as connection,
        ):
            check_restored(connection, manifest)
