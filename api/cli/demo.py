"""`ledger demo`: everything at once, with invented persons and published keys."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.demo.client import UnexpectedAnswerError
from api.server.signals import StopRequested, stopping
from api.server.supervisor import AddressError, ProcessEndedError

_PERSONS_MIN, _PERSONS_MAX = 10, 100_000


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(demo)


def demo(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help="Port to listen at; 0 takes a free one. Default: 8000, or a free one.",
        ),
    ] = None,
    persons: Annotated[
        int, typer.Option(min=_PERSONS_MIN, max=_PERSONS_MAX, help="Invented persons.")
    ] = 2_000,
    home: Annotated[
        Path | None, typer.Option(help="An empty folder for the data. Default: a temporary one.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the data, and go on with it the next time.")
    ] = False,
) -> None:
    """Start everything, send a fictional year, and show what came of it. Ctrl-C ends it."""
    from api.demo import run  # noqa: PLC0415 -- all other commands start sooner without it

    try:
        with stopping() as stop:
            run.demonstrate(run.DemoOptions(port, persons, home, keep), stop)
    except StopRequested:
        typer.echo("\nended", err=True)
    except (
        run.HomeInUseError,
        UnexpectedAnswerError,
        ProcessEndedError,
        AddressError,
    ) as error:
        typer.echo(f"ledger demo: {error}", err=True)
        sys.exit(1)
