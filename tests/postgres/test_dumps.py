"""How dumps are compressed: cheaply, by whatever the program can, and old ones come back."""

import re
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.backup.table_state import head_of
from ledger.postgres.backup import LEDGER_DUMP, PROJECTIONS_DUMP, take_dump
from ledger.postgres.clients import ClientError, clients_for, run_client
from ledger.postgres.prepare import bootstrap, prepare
from ledger.postgres.restore import restore_dump
from projections.progress import progress_of
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.ledger.inside import inside
from tests.projections.older import before_owner

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
