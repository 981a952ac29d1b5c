"""Backups of real servers: whole, checked, without secrets, and put where nothing stands."""

import json
import re
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

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
from ledger.postgres.backup import BASE, LEDGER_DUMP, PROJECTIONS_DUMP, take_dump
from ledger.postgres.clients import ClientError, clients_for, run_client
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.errors import BinariesError, MajorVersionError, PostgresError
from ledger.postgres.prepare import bootstrap, prepare
from ledger.postgres.restore import NotEmptyError, restore_base, restore_dump
from ledger.retention.journal_file import ERASURES, Journal
from projections.progress import progress_of
from tests import canary
from tests.database import LEDGER_NAME, Database, Server, cloned_database, empty_database, rooms
from tests.journals import journal_in
from tests.ledger.given import AT, data
from tests.ledger.inside import inside
from tests.matrix import every
from tests.postgres.backups import (
    FAST,
    METHODS,
    back_up,
    brought_back,
    came_back,
    is_dense,
    oldest_here,
    open_up,
    purge,
    record_keys,
    restored,
    serving,
)
from tests.postgres.temporary import temporary_folder
from tests.projections.older import before_owner


@pytest.mark.parametrize("method", METHODS)
def test_a_backup_that_is_taken_under_load_comes_back_whole(
    server: Server, folder: Path, journal: Journal, method: Method
) -> None:
    is_dump = method == "dump"
    begun = cloned_database(server) if is_dump else serving(folder / "one")
    with begun as database, inside(database) as house:
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
    backup = folder / "backup"
    with (
        came_back(server, backup) if is_dump else restored(backup, folder / "two", method)
    ) as database:
        with psycopg.connect(database.urls.owner) as connection:
            check_restored(connection, manifest)
            assert head_of(connection).position in (
                [manifest.head] if is_dump else range(manifest.head, head + 1)
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
    told = canary.disguises(canary.MEMBER) | canary.disguises(canary.NAME)
    named = [form.encode() for form in told]
    for path in (folder / "backup").rglob("*"):
        assert not path.is_file() or path.stat().st_mode & 0o077 == 0
        if path.is_file():
            content_bytes = path.read_bytes()
            assert not any(form in content_bytes for form in hidden), path.name
            lower = content_bytes.lower()
            assert not any(form in lower for form in named), path.name
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
def taken(server: Server) -> Iterator[tuple[Path, Manifest]]:
    """One dump for the tests that only read, or damage a copy."""
    with temporary_folder(FAST) as folder:
        journal = journal_in(folder / "journal")
        with cloned_database(server) as database, inside(database) as house:
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
    assert Journal(folder / JOURNAL, LEDGER_NAME).last_head() is not None


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


URL = "postgresql://user:invented@db.example/ledger?options=-c%20role%3Dledger_owner"


def program(folder: Path, script: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


def test_the_password_stands_in_a_file_and_not_in_the_command_line(tmp_path: Path) -> None:
    told = program(tmp_path, 'echo "$@"; ls -l "$PGSERVICEFILE"; cat "$PGSERVICEFILE"; env')
    arguments, listed, *lines = run_client(told, ["--quiet"], URL).splitlines()
    assert arguments == "--quiet --no-password --dbname=service=ledger"
    assert listed.startswith(stat.filemode(stat.S_IFREG | 0o600))
    assert "password=invented" in lines
    assert "options=-c role=ledger_owner" in lines
    assert [line for line in lines if "invented" in line] == ["password=invented"]
    assert not Path(listed.split()[-1]).exists()


def test_a_connection_string_cannot_smuggle_a_line_in(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="line feed"):
        run_client(program(tmp_path, "true"), [], "host=one password='a\nhost=two'")


def test_what_a_program_says_when_it_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="program failed: no room left"):
        run_client(program(tmp_path, "echo no room left >&2; exit 1"), [])


def test_no_program_is_too_old_for_its_server() -> None:
    assert clients_for(150_000).is_dir()
    with pytest.raises(BinariesError, match="PostgreSQL 99 or newer"):
        clients_for(990_001)


FILES: Final = (LEDGER_DUMP, PROJECTIONS_DUMP)
REFUSALS: Final = (
    (None, ["zstd:1"]),
    # A version that has gzip alone, and one that was built without it.
    ('pg_dump: error: invalid value "zstd" for option -Z/--compress', ["zstd:1", "1"]),
    (
        (
            "pg_dump: error: invalid compression specification: "
            "this build does not support compression with ZSTD"
        ),
        ["zstd:1", "1"],
    ),
)


PLANTED: Final[tuple[LiteralString, ...]] = (
    "SET ROLE ledger_projector",
    (
        "CREATE FUNCTION projections.serve(text) RETURNS boolean LANGUAGE plpgsql"
        " AS 'BEGIN CREATE TABLE ledger.planted (a integer); RETURN true; END'"
    ),
    "ALTER TABLE projections.progress ADD CHECK (projections.serve(slot)) NOT VALID",
    "RESET ROLE",
)


def stand_in(folder: Path, refusal: str | None) -> Path:
    """A folder with a `pg_dump` that notes how it is called, and has zstd or refuses it."""
    lines = ["#!/bin/sh", f'echo "$*" >> {folder}/called']
    if refusal is not None:
        lines.append(f"case $* in *=zstd*) echo '{refusal}' >&2; exit 1;; esac")
    program = folder / "pg_dump"
    program.write_text("\n".join(lines) + "\n", "utf-8")
    program.chmod(0o755)
    return folder


def called(folder: Path) -> list[str]:
    """The compression that each call asked for."""
    return re.findall(r"--compress=(\S+)", (folder / "called").read_text("utf-8"))


def programs_for(database: Database) -> Path:
    with psycopg.connect(database.urls.owner) as connection:
        return clients_for(connection.info.server_version)


def test_a_program_without_zstd_uses_the_cheapest_gzip_and_what_else_fails_is_told(
    tmp_path: Path, database: Database
) -> None:
    for number, (refusal, asked) in enumerate(REFUSALS):
        folder = tmp_path / str(number)
        folder.mkdir()
        take_dump(stand_in(folder, refusal), database.urls, folder, "snapshot")
        assert called(folder) == asked * 2
    programs = stand_in(tmp_path, "pg_dump: error: the server went away")
    with pytest.raises(ClientError, match="went away"):
        take_dump(programs, database.urls, tmp_path, "snapshot")
    assert called(tmp_path) == ["zstd:1"]


def test_a_dump_of_when_the_projector_owned_the_read_side_comes_back_without_it(
    server: Server, database: Database, tmp_path: Path
) -> None:
    """Nothing that was planted in it is run, and the follower makes it anew.

    It is compressed as the program does by itself, as the backups of before are.
    """
    with inside(database) as house:
        house.record("kept")
        house.follow()
    programs = programs_for(database)
    with psycopg.connect(database.admin, autocommit=True) as admin:
        before_owner(admin)
        for statement in PLANTED:
            admin.execute(statement)
    for schema, name in zip(("ledger", "projections"), FILES, strict=True):
        options = ["--format=custom", f"--schema={schema}", f"--file={tmp_path / name}"]
        run_client(programs / "pg_dump", options, database.admin)
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        urls = bootstrap(login, server.admin)
        restore_dump(tmp_path, programs, urls)
        prepare(login, LEDGER_NAME, rooms(), admin=server.admin)
        with psycopg.connect(urls.projector) as connection:
            assert head_of(connection).position == 1
            connection.execute("SELECT projections.serve('a')")
            assert progress_of(connection, "a").position == 0
        with psycopg.connect(make_conninfo(server.admin, dbname=name)) as connection:
            row = connection.execute("SELECT to_regclass('ledger.planted')").fetchone()
            assert row == (None,)


def test_a_dump_of_the_programs_here_is_compressed(database: Database, tmp_path: Path) -> None:
    programs = programs_for(database)
    with psycopg.connect(database.urls.owner) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        take_dump(programs, database.urls, tmp_path, row[0])
    for name in FILES:
        told = run_client(programs / "pg_restore", ["--list", tmp_path / name])
        assert re.search(r"Compression: (zstd|gzip|1|-1)", told), told
