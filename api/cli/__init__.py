"""The command line: `ledger …`. Each group of commands is a module with a typer app of its own."""

import sys
from typing import Final

import typer

from api.cli import (
    backup,
    bench,
    demo,
    exclusions,
    export,
    fsck,
    headers,
    keys,
    log,
    officers,
    projections,
    proof,
    registers,
    restore,
    retention,
    secrets,
    serve,
)
from api.serving.reasons import lines

app: Final = typer.Typer(
    name="ledger",
    help="A record ledger for third-party provision under Japan's APPI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: keys and records
)
serve.register(app)
demo.register(app)
registers.register(app)
export.register(app)
app.command()(backup.backup)
app.command()(bench.bench)
app.command()(fsck.fsck)
app.command()(headers.headers)
app.command()(proof.proof)
app.command()(restore.restore)
app.add_typer(exclusions.app, name="exclusions")
app.add_typer(keys.app, name="keys")
app.add_typer(log.app, name="log")
app.add_typer(officers.app, name="officers")
app.add_typer(projections.app, name="projections")
app.add_typer(retention.app, name="retention")
app.add_typer(secrets.app, name="secrets")


def main() -> None:
    """Run one command; what an operator can mend is told in words, the rest with a traceback."""
    try:
        app()
    except Exception as error:
        told = lines(error)
        if told is None:
            raise
        *details, sentence = told
        for line in details:
            typer.echo(line, err=True)
        typer.echo(f"ledger: {sentence}", err=True)
        sys.exit(1)
