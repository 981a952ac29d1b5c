"""Numbered SQL files, applied in order, once, under a lock.

A package has files `NNNN_name.sql`; a new file takes a higher number than all before.
Each file runs in a transaction of its own together with the row that says so. A file whose first
line is `-- no-transaction` runs outside one: it must hold one statement, which must be harmless to
repeat (`CREATE INDEX CONCURRENTLY IF NOT EXISTS …`).
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from ledger.postgres.errors import MigrationError
from ledger.postgres.lock import locked

log = logging.getLogger(__name__)

_FILE_NAME: Final = re.compile(r"(?P<number>[0-9]{4})_(?P<name>[a-z0-9_]+)\.sql")
_NO_TRANSACTION: Final = "-- no-transaction"

_CREATE_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS ledger.migrations (
        room text COLLATE "C" NOT NULL,
        number integer NOT NULL,
        name text COLLATE "C" NOT NULL,
        sha256 text COLLATE "C" NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (room, number)
    )"""
_SELECT_APPLIED: Final = "SELECT number, name, sha256 FROM ledger.migrations WHERE room = %s"
_INSERT_APPLIED: Final = (
    "INSERT INTO ledger.migrations (room, number, name, sha256) VALUES (%s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class MigrationPackage:
    """A package of migration files.

    Attributes:
        name: what `ledger.migrations.room` holds.
        package: import name of the package with the files.
    """

    name: str
    package: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the text, hex; line ends are LF in it, whatever the checkout made of them."""
        return hashlib.sha256(self.text.encode()).hexdigest()


WRITE_SIDE: Final = MigrationPackage("ledger", "ledger.migrations")


def migrations(package: MigrationPackage) -> tuple[Migration, ...]:
    """The files of `package` in order.

    Raises:
        MigrationError: a name is not NNNN_name.sql, or a number is used twice.
    """
    found: list[Migration] = []
    for entry in resources.files(package.package).iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _FILE_NAME.fullmatch(entry.name)
        if match is None:
            raise MigrationError(f"{package.name}: {entry.name} is not named NNNN_name.sql")
        text = entry.read_text(encoding="utf-8").replace("\r\n", "\n")
        found.append(Migration(int(match["number"]), match["name"], text))
    found.sort(key=lambda migration: migration.number)
    if len({migration.number for migration in found}) != len(found):
        raise MigrationError(f"{package.name}: two files have the same number")
    return tuple(found)


def migrate(url: str, packages: Sequence[MigrationPackage]) -> int:
    """Apply what is missing, package after package; return how many files were applied.

    Args:
        url: takes the owner's role (`RoleUrls.owner`), which owns what the files make.
        packages: in order; a later one may use what an earlier one made.

    Raises:
        MigrationError: an applied file was edited, or the database is newer than this program.
    """
    count = 0
    with psycopg.connect(url, autocommit=True) as connection, locked(connection):
        connection.execute(_CREATE_TABLE)
        for package in packages:
            for migration in _pending(connection, package):
                log.info("migration %s/%04d %s", package.name, migration.number, migration.name)
                _apply(connection, package, migration)
                count += 1
    return count


def is_migrated(connection: psycopg.Connection, packages: Sequence[MigrationPackage]) -> bool:
    """Whether every file is applied.

    Args:
        connection: of any role.

    Raises:
        MigrationError: see `migrate`.
    """
    return not any(_pending(connection, package) for package in packages)


def _pending(connection: psycopg.Connection, package: MigrationPackage) -> tuple[Migration, ...]:
    files = migrations(package)
    rows = connection.execute(_SELECT_APPLIED, (package.name,)).fetchall()
    applied: dict[int, tuple[str, str]] = {number: (name, sha) for number, name, sha in rows}
    newer = sorted(set(applied) - {migration.number for migration in files})
    if newer:
        raise MigrationError(
            f"the database is newer than this program: {package.name} migration {newer[-1]:04d} is "
            "applied and not known here; run the newer program"
        )
    pending = tuple(migration for migration in files if migration.number not in applied)
    if applied and pending and pending[0].number < max(applied):
        raise MigrationError(
            f"{package.name} migration {pending[0].number:04d}_{pending[0].name} comes before one "
            "that is applied; give it the next free number"
        )
    for migration in files:
        if migration.number in applied and applied[migration.number][1] != migration.sha256:
            raise MigrationError(
                f"{package.name} migration {migration.number:04d}_{migration.name} was edited "
                "after it was applied; restore the file and add a new one"
            )
    return pending


def _apply(connection: psycopg.Connection, package: MigrationPackage, migration: Migration) -> None:
    # The files are part of this program, as much as a literal is.
    statement = sql.SQL(cast("LiteralString", migration.text))
    row = (package.name, migration.number, migration.name, migration.sha256)
    if migration.text.startswith(_NO_TRANSACTION):
        connection.execute(statement)
        connection.execute(_INSERT_APPLIED, row)
        return
    with connection.transaction():
        connection.execute(statement)
        connection.execute(_INSERT_APPLIED, row)
