"""The command line: `ledger …`. Each group of commands is a module with a typer app of its own."""

import sys
from typing import Final

import typer

from api.cli import bench, demo, keys, projections, secrets, serve
from api.settings import SettingsError
from ledger.postgres.errors import PostgresError

app: Final = typer.Typer(
    name="ledger",
    help="A record ledger for third-party provision under Japan's APPI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: keys and records
)
serve.register(app)
demo.register(app)
app.command()(bench.bench)
app.add_typer(keys.app, name="keys")
app.add_typer(projections.app, name="projections")
app.add_typer(secrets.app, name="secrets")


def main() -> None:
    """Run one command; wrong settings and an unreachable database are told without a traceback."""
    try:
        app()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except PostgresError as error:
        typer.echo(f"ledger: {error}", err=True)
        sys.exit(1)
