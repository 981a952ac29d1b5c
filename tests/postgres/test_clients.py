"""PostgreSQL's client programs are found for a server's version, and told no password aloud."""

import stat
from pathlib import Path

import pytest

from ledger.postgres.clients import ClientError, clients_for, run_client
from ledger.postgres.errors import BinariesError, PostgresError

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
