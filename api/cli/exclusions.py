"""`ledger exclusions repeat`: the daily event of what is excluded, where no daily job runs."""

import os
from typing import Final

import typer

from api.cli.retention import ACTOR, ISSUER
from api.database import prepared
from api.observability import configure
from api.retention import clock_warning
from api.server.container_opener import opened
from api.server.daily_job import EXCLUSIONS_HALF_FULL
from api.server.secrets import secrets_of
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from ledger.errors import ClockAheadError

group: Final = typer.Typer(help="Exclusions under Order 11: repeat.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="exclusions")


@group.callback()
def _group() -> None:
    """A callback keeps a group with one command a group."""


@group.command()
def repeat() -> None:
    """Append today's event, unless it stands. The daily job does it each day, too.

    What is excluded counts at once and does not wait for it.
    """
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with prepared(settings) as urls:
        check_agreement(settings, urls)
        with opened(settings, urls) as container:
            actor = container.secret.actor(ISSUER, ACTOR)
            try:
                repeated = container.retention(settings).repeat_exclusions(actor)
            except ClockAheadError as error:
                typer.echo(f"ledger: {clock_warning(error)}", err=True)
                raise typer.Exit(1) from None
    if repeated.is_half_full:
        typer.echo(EXCLUSIONS_HALF_FULL, err=True)
    if repeated.position is None:
        typer.echo("today's event stands already")
    else:
        typer.echo(f"today's event stands at position {repeated.position}")
