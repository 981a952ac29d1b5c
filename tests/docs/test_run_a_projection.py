"""The page about a projection of one's own: its login, its program, and what it cannot reach."""

import runpy
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, LiteralString, cast

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.store.headers import URL, LedgerHeaders
from tests.database import Database
from tests.docs.markdown import DOCS, fences_of
from tests.ledger.inside import Inside, inside

PAGE: Final = DOCS / "how-to" / "run-a-projection.md"
SQL, PROGRAM, COMMAND = fences_of(PAGE)
OUT_OF_REACH: Final[tuple[LiteralString, ...]] = (
    "SELECT FROM ledger.sealed_parts",
    "SELECT FROM ledger.data_keys",
    "SELECT FROM ledger.lookups",
    "SELECT FROM ledger.exclusions",
    "SELECT FROM ledger.quarantine",
    "SELECT FROM ledger.registers",
    "SELECT FROM ledger.officer_names",
    "SELECT FROM projections.progress",
    "SELECT command FROM ledger.events",
    "SET ROLE ledger_reader",
    "DELETE FROM ledger.events",
    "UPDATE ledger.head SET position = 0",
)


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def login(house: Inside) -> Iterator[str]:
    """The connection string of the login that the page makes."""
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        named = SQL.text.replace("DATABASE ledger", f'DATABASE "{house.database.name}"')
        for statement in named.split(";")[:-1]:
            admin.execute(cast("LiteralString", statement))
        yield make_conninfo(house.database.admin, user="analytics", password="invented")
        admin.execute("DROP OWNED BY analytics")
        admin.execute("DROP ROLE analytics")


def counted(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "counts.db") as found:
        return dict(found.execute("SELECT day, n FROM counts ORDER BY day"))


def test_the_program_of_the_page_counts_each_provision_once(
    house: Inside, login: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(URL, login)
    file = tmp_path / PROGRAM.mark.removeprefix("file: ")
    file.write_text(PROGRAM.text, "utf-8")
    assert f"python {file.name}" in COMMAND.text
    program = runpy.run_path(str(file))
    day = house.now.date().isoformat()
    for first in (1, 4):  # it is stopped in between, and goes on from where it was
        for number in range(first, first + 3):
            house.record(f"CNRY-{number}")
        with program["runner"]() as running:
            running.wait(house.head(), timeout=60)
        assert counted(tmp_path) == {day: first + 2}


def test_the_login_of_the_page_reads_headers_and_nothing_else(house: Inside, login: str) -> None:
    house.record("CNRY-1")
    reached: list[str] = []
    with psycopg.connect(login, autocommit=True) as connection:
        for statement in OUT_OF_REACH:
            with suppress(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
                reached.append(statement)
    assert reached == []
    with LedgerHeaders({URL: login}) as ledger:
        [notification, *_] = ledger.recorder.select_notifications(1, 10)
        assert notification.topic == "provision-recorded"
        assert b"CNRY" not in notification.state
