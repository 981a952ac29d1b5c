"""`ledger backup`: the database, the manifest and the erasure journal, in one folder."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.database import backup_secret_of, existing, journal_of, owner_url
from api.observability import configure
from api.settings.settings import Settings
from ledger.backup.creation import take
from ledger.clock import now
from ledger.postgres.embedded_server import EmbeddedServer


class Method(StrEnum):
    """How a backup is taken."""

    BASE = "base"
    DUMP = "dump"


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(backup)


def backup(
    folder: Annotated[Path, typer.Argument(help="Where it goes: a new or an empty folder.")],
    *,
    method: Annotated[
        Method | None,
        typer.Option(
            help="base: the server's files and their WAL (default with the embedded PostgreSQL); "
            "dump: the ledger's schemas (default with LEDGER_DATABASE_URL)."
        ),
    ] = None,
) -> None:
    """Back the ledger up while it works. Secrets and epoch masters are no part of a backup.

    Where there is no ledger it refuses, and makes none.
    """
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    chosen = method or (Method.DUMP if settings.has_outer_database else Method.BASE)
    with existing(settings, by_owner=True) as urls:
        replication = _replication(settings) if chosen is Method.BASE else None
        secret = backup_secret_of(settings)
        manifest = take(folder, urls, replication, journal_of(settings), now(), secret)
    epochs = ", ".join(manifest.epochs) or "none yet"
    typer.echo(f"backed up to {folder}: position {manifest.head}, tree {manifest.root}")
    typer.echo(
        "not in it, and needed to open it: the ledger secret and the epoch masters; living keys "
        f"are wrapped under {epochs}",
        err=True,
    )
    if manifest.mac is None:
        typer.echo(
            "made without the ledger secret: nothing tells later whether somebody changed it, and "
            "`ledger restore` asks for --accept-unkeyed",
            err=True,
        )


def _replication(settings: Settings) -> str:
    """Connection string of somebody who may replicate."""
    if settings.has_outer_database:
        return owner_url(settings)
    return EmbeddedServer(settings.home).admin_url()
