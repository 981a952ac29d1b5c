"""The command line: `ledger …`. Each group of commands is a module with a typer app of its own."""

import sys
from typing import Final

import typer

from api.cli import keys
from api.settings import SettingsError

app: Final = typer.Typer(
    name="ledger",
    help="A record ledger for third-party provision under Japan's APPI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: keys and records
)
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run one command; wrong settings are told without a traceback."""
    try:
        app()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
