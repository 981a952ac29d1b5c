"""`ledger secrets`: make the secrets that a ledger is sealed with."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from api.server.secrets import SecretsExistError, make_database_logins, make_secrets
from ledger.clock import day_in_japan, now

group: Final = typer.Typer(help="The ledger secret and epoch masters.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="secrets")


@group.callback()
def _group() -> None:
    """Keep `make` a command of its own, though it is the only one."""


@group.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Outside the database's folder and its backups.")],
    database_host: Annotated[
        str | None,
        typer.Option(help="Make logins for a new PostgreSQL on that host too (docker-compose)."),
    ] = None,
) -> None:
    """Write a new ledger secret and a first epoch master, and say how to use them.

    Keep copies in escrow: without the master no record opens, without the secret no person is
    found.
    """
    try:
        secret, masters = make_secrets(folder.absolute(), day_in_japan(now()))
        logins: Mapping[str, Path] = {}
        if database_host:
            _, logins = make_database_logins(folder.absolute(), database_host)
    except SecretsExistError:
        typer.echo("secrets are there already; new ones would lose every record", err=True)
        sys.exit(1)
    except OSError as error:
        typer.echo(f"cannot be written: {error.strerror}", err=True)
        sys.exit(1)
    typer.echo("written, readable for you alone; keep copies in escrow. Set:", err=True)
    typer.echo(f"LEDGER_SECRET_FILE={secret}")
    typer.echo(f"LEDGER_EPOCH_MASTER_DIR={masters}")
    for setting, file in logins.items():
        typer.echo(f"{setting}={file}")
