"""How dumps are compressed: cheaply, by whatever the program can, and old ones come back."""

import re
from pathlib import Path
from typing import Final

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
REFUSALS: Final = {
    "a version that has gzip alone": (
        'pg_dump: error: invalid value "zstd" for option -Z/--compress'
    ),
    "a version that was built without it": (
        "pg_dump: error: invalid compression specification: "
        "this build does not support compression with ZSTD"
    ),
}


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


def test_zstd_is_asked_for_first(tmp_path: Path, database: Database) -> None:
    take_dump(stand_in(tmp_path, None), database.urls, tmp_path, "snapshot")
    assert called(tmp_path) == ["zstd:1"] * 2


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_program_without_zstd_uses_the_cheapest_gzip(
    tmp_path: Path, database: Database, refusal: str
) -> None:
    take_dump(stand_in(tmp_path, refusal), database.urls, tmp_path, "snapshot")
    assert called(tmp_path) == ["zstd:1", "1"] * 2


def test_what_else_fails_is_not_tried_again(tmp_path: Path, database: Database) -> None:
    programs = stand_in(tmp_path, "pg_dump: error: the server went away")
    with pytest.raises(ClientError, match="went away"):
        take_dump(programs, database.urls, tmp_path, "snapshot")
    assert called(tmp_path) == ["zstd:1"]


@pytest.mark.parametrize("compression", [None, "0", "9"])
def test_a_dump_that_is_compressed_otherwise_comes_back(
    server: Server, database: Database, tmp_path: Path, compression: str | None
) -> None:
    """None: by the program's own default, as the backups of before are."""
    with inside(database) as house:
        house.record("kept")
        house.follow()
    programs = programs_for(database)
    chosen = [] if compression is None else [f"--compress={compression}"]
    owners = (("ledger", database.urls.owner), ("projections", database.urls.owner))
    for (schema, url), name in zip(owners, FILES, strict=True):
        options = ["--format=custom", f"--schema={schema}", f"--file={tmp_path / name}"]
        run_client(programs / "pg_dump", [*options, *chosen], url)
    with empty_database(server) as name:
        urls = bootstrap(make_conninfo(server.login, dbname=name), server.admin)
        restore_dump(tmp_path, programs, urls)
        with psycopg.connect(urls.owner) as connection:
            assert head_of(connection).position == 1


@pytest.mark.parametrize("planted", [False, True])
def test_a_dump_of_when_the_projector_owned_the_read_side_comes_back_without_it(
    server: Server, database: Database, tmp_path: Path, *, planted: bool
) -> None:
    """Nothing of it is run, and the follower makes it anew."""
    with inside(database) as house:
        house.record("kept")
        house.follow()
    programs = programs_for(database)
    with psycopg.connect(database.admin, autocommit=True) as admin:
        before_owner(admin)
        if planted:
            admin.execute("SET ROLE ledger_projector")
            admin.execute(
                "CREATE FUNCTION projections.serve(text) RETURNS boolean LANGUAGE plpgsql"
                " AS 'BEGIN CREATE TABLE ledger.planted (a integer); RETURN true; END'"
            )
            admin.execute(
                "ALTER TABLE projections.progress ADD CHECK (projections.serve(slot)) NOT VALID"
            )
            admin.execute("RESET ROLE")
    for schema, name in zip(("ledger", "projections"), FILES, strict=True):
        options = ["--format=custom", f"--schema={schema}", f"--file={tmp_path / name}"]
        run_client(programs / "pg_dump", options, database.admin)
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        urls = bootstrap(login, server.admin)
        restore_dump(tmp_path, programs, urls)
        prepare(login, LEDGER_NAME, rooms(), admin=server.admin)
        with psycopg.connect(urls.projector) as connection:
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
