"""`ledger restore`: put a backup back, destroy again what was destroyed, compare the heads."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import psycopg
import typer

from api.database import DATABASE, existing, journal_of, owner_url
from api.observability import configure
from api.server.container_opener import opened
from api.server.secrets import ledger_secret_of, secrets_of
from api.settings.settings import Settings
from ledger.backup.after_restore import bring_back, check_restored
from ledger.backup.agreement import check_belongs
from ledger.backup.creation import JOURNAL
from ledger.backup.manifest import (
    MANIFEST,
    BackupError,
    Manifest,
    check_copy,
    check_files,
    read_manifest,
)
from ledger.clock import now
from ledger.crypto.files import write_atomically
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres.backup import BASE
from ledger.postgres.clients import clients_for
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.prepare import bootstrap
from ledger.postgres.restore import check_home_is_empty, restore_base, restore_dump
from ledger.postgres.roles import RoleUrls
from ledger.retention.journal_file import Journal, JournalError
from ledger.store.keys import epochs_in_use

ISSUER: Final = "ledger"
ACTOR: Final = "restore"
"""Who destroys again: a name in the keyed hash of an actor."""


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(restore)


def restore(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The backup; without it, a database restored by other means is taken."),
    ] = None,
    *,
    accept_loss: Annotated[
        bool,
        typer.Option(
            help="Open the ledger although its log ends before a position that was seen, or "
            "although its erasure journal is lost; the journal notes it. Without the journal, what "
            "was destroyed since the backup comes back until the next expiry."
        ),
    ] = False,
    accept_unkeyed: Annotated[
        bool,
        typer.Option(
            help="Restore a backup whose manifest has no MAC of the ledger: of before 2026-12, or "
            "made without the ledger secret. Whoever could write to its folder since may have put "
            "anything into it, programs too."
        ),
    ] = False,
) -> None:
    """Restore a backup into an empty home or database, and make it fit to be opened.

    Keys that were destroyed since are destroyed again; what must live on is copied first, so the
    ledger secret and the epoch masters are needed. `ledger serve` refuses to start until this has
    been done.
    """
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    journal = _journal(settings)
    manifest = None if folder is None else _checked(folder, settings, accept_unkeyed=accept_unkeyed)
    if folder is not None and manifest is not None:
        _check_masters(settings, manifest.epochs)
        _check_journal(journal, folder, settings.name, accept_loss=accept_loss)
        _put_back(folder, manifest, settings)
    with existing(settings, by_owner=True) as urls:
        with psycopg.connect(urls.owner) as connection:
            if manifest is not None:
                check_restored(connection, manifest)
            mac = LedgerSecret(ledger_secret_of(settings), settings.name).row_mac
            _check_masters(settings, epochs_in_use(connection, mac))
        with opened(settings, urls) as container:
            actor = container.secret.actor(ISSUER, ACTOR)
            with container.repeat_destruction(actor) as destroy:
                prove = container.secret.expiry_proof
                returned = bring_back(
                    journal, urls, destroy, now(), prove, mac, accept_loss=accept_loss
                )
    typer.echo(f"restored: position {returned.head}, {returned.destroyed} keys destroyed again")
    if accept_loss:
        typer.echo(
            f"what was done after position {returned.head} is lost: exclusions, revoked API keys, "
            "stops, links, cases, holds and more are to be done again, see "
            "docs/how-to/back-up-and-restore.md, “When something is lost”",
            err=True,
        )
    for position in returned.unproven:
        typer.echo(
            f"position {position}: this records-expired has no proof, so nothing was destroyed "
            "for it; what is gone is lost: see `ledger fsck`",
            err=True,
        )
    if returned.open:
        typer.echo(
            f"{returned.open} more keys were about to be destroyed; the next expiry destroys them",
            err=True,
        )


def _journal(settings: Settings) -> Journal:
    journal = journal_of(settings)
    if journal is None:
        raise JournalError(
            "LEDGER_JOURNAL_DIR is not set: without the erasure journal nobody knows what must "
            "stay destroyed"
        )
    return journal


def _checked(folder: Path, settings: Settings, *, accept_unkeyed: bool) -> Manifest:
    manifest = read_manifest(folder)
    if manifest.ledger != settings.name:
        raise BackupError("the backup is that of another ledger than LEDGER_NAME says")
    if manifest.method == "base" and settings.has_outer_database:
        raise BackupError(
            "a base backup becomes a server of its own: start PostgreSQL on a copy of "
            f"{folder / BASE}, then run `ledger restore` without a folder"
        )
    mac = LedgerSecret(ledger_secret_of(settings), settings.name).backup_mac
    if manifest.mac is not None and not manifest.is_of(mac):
        raise BackupError(
            f"the MAC of {MANIFEST} is not this ledger's: somebody changed it who does not hold "
            "the ledger secret, or LEDGER_SECRET is another one; take another backup, and find out "
            "who writes to the folder"
        )
    if manifest.mac is None and not accept_unkeyed:
        raise BackupError(
            f"{MANIFEST} has no MAC: the backup is of before there were any, or was made without "
            "the ledger secret, or somebody changed it; if nobody else could write to the folder, "
            "see --accept-unkeyed"
        )
    check_files(folder, manifest)
    return manifest


def _check_journal(journal: Journal, folder: Path, ledger: str, *, accept_loss: bool) -> None:
    """See to it that there is a journal before anything is put back."""
    copy = folder / JOURNAL
    if journal.exists:
        journal.erased()  # a damaged one is refused now
        if copy.is_dir():
            check_belongs(journal, Journal(copy, ledger).id())
        return
    if copy.is_dir() and not accept_loss:
        raise JournalError(
            f"there is no erasure journal in {journal.folder}: put it back, or set "
            "LEDGER_JOURNAL_DIR to where it is; if it is lost, see --accept-loss"
        )
    if copy.is_dir():
        journal.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in copy.iterdir():
            write_atomically(journal.folder / path.name, path.read_bytes())


def _check_masters(settings: Settings, needed: Sequence[str]) -> None:
    """See to it that the epoch masters are there before anything is put back or destroyed.

    What must live on is copied before its key dies once more, and for that it must open.
    """
    there = secrets_of(settings).masters.names()
    missing = [name for name in needed if name not in there]
    if missing:
        raise BackupError(
            f"needed to open it, and not there: the epoch masters {', '.join(missing)}; take them "
            "out of escrow (`ledger keys escrow --recover NAME`); one that was destroyed at the "
            "backup horizon does not come back, nor does a backup of its time"
        )


def _put_back(folder: Path, manifest: Manifest, settings: Settings) -> None:
    if settings.has_outer_database:
        urls = bootstrap(owner_url(settings), logins=settings.database_logins)
        _put_dump_back(folder, urls)
        return
    server = EmbeddedServer(settings.home)
    if manifest.method == "base":
        restore_base(folder / BASE, server, partial(check_copy, manifest=manifest, name=BASE))
        return
    check_home_is_empty(server.home)
    with server:
        logins = server.logins(DATABASE)
        _put_dump_back(folder, bootstrap(server.url(DATABASE), server.admin_url(), logins))


def _put_dump_back(folder: Path, urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as connection:
        version = connection.info.server_version
    restore_dump(folder, clients_for(version), urls)
