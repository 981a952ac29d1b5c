"""Takes a backup, while the ledger works."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, LiteralString, TypedDict

import psycopg

from ledger.backup.manifest import (
    BackupError,
    Manifest,
    Method,
    files_of,
    write_manifest,
)
from ledger.backup.table_state import frontier_up_to, head_of, ledger_name
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.row_macs import RowMac
from ledger.postgres.backup import take_base, take_dump
from ledger.postgres.clients import clients_for
from ledger.postgres.roles import RoleUrls
from ledger.retention.journal_file import Journal
from ledger.store.keys import epochs_in_use

JOURNAL: Final = "journal"
"""Folder of the journal's copy in a backup."""

_SNAPSHOT: LiteralString = "SELECT pg_export_snapshot()"
_VERSION: LiteralString = "SHOW server_version"
_SCHEMA: LiteralString = "SELECT room, max(number) FROM ledger.migrations GROUP BY room"


class _Described(TypedDict):
    ledger: str
    method: Method
    head: int
    root: str
    postgres: str
    schema: dict[str, int]
    epochs: list[str]


def take(
    folder: Path,
    urls: RoleUrls,
    replication: str | None,
    journal: Journal | None,
    at: datetime,
    secret: LedgerSecret | None = None,
) -> Manifest:
    """Back the database up to `folder`, which is made, or is empty.

    Args:
        replication: connection string of somebody who may replicate: take a base backup;
            None: dump the schemas.
        journal: it is copied too when it was begun.
        secret: makes the MAC of the manifest, and tells whose the keys are; None: no MAC is in it.

    Raises:
        BackupError: the folder is not empty, or cannot be made.
        PostgresError: a program failed, or was not found.
        JournalError: the journal is damaged.
    """
    _make(folder)
    mac = None if secret is None else secret.row_mac
    has_journal = journal is not None and journal.exists
    with _snapshot(urls) as (connection, snapshot):
        programs = clients_for(connection.info.server_version)
        if has_journal and journal is not None:
            # After the snapshot: what dies in between is dead in the one or noted in the other.
            (folder / JOURNAL).mkdir(mode=0o700)
            journal.copy_to(folder / JOURNAL)
        described = _described(connection, "dump" if replication is None else "base", mac)
        if replication is None:
            take_dump(programs, urls, folder, snapshot)
    if replication is not None:
        take_base(programs, replication, folder)
        with psycopg.connect(urls.owner) as connection:
            # The files are of a later moment: keys may have been wrapped anew meanwhile.
            described["epochs"] = sorted({*described["epochs"], *epochs_in_use(connection, mac)})
    manifest = Manifest(
        **described,
        taken_at=at.isoformat(timespec="seconds"),
        journal=has_journal,
        files=files_of(folder),
    )
    if secret is not None:
        manifest = manifest.signed(secret.backup_mac)
    write_manifest(folder, manifest)
    return manifest


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise BackupError(f"{folder} cannot be made: {error.strerror}") from error
    if not is_empty:
        raise BackupError(f"{folder} is not empty: give each backup a folder of its own")


@contextmanager
def _snapshot(urls: RoleUrls) -> Generator[tuple[psycopg.Connection, str]]:
    """A transaction that sees one moment, and the name under which others see the same."""
    with psycopg.connect(urls.owner) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute(_SNAPSHOT).fetchone()
        assert row is not None, "a function returns a row"
        yield connection, row[0]


def _described(connection: psycopg.Connection, method: Method, mac: RowMac | None) -> _Described:
    head = head_of(connection).position
    version = connection.execute(_VERSION).fetchone()
    return {
        "ledger": ledger_name(connection) or "",
        "method": method,
        "head": head,
        "root": frontier_up_to(connection, head).root().hex(),
        "postgres": "" if version is None else str(version[0]).partition(" ")[0],
        "schema": dict(connection.execute(_SCHEMA).fetchall()),
        "epochs": epochs_in_use(connection, mac),
    }
