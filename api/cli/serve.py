"""`ledger serve`, `ledger follow`, `ledger migrate`: the processes of a running ledger."""

import logging
import os
import threading
from typing import Annotated

import typer

from api.database import prepared, warn_shared_logins
from api.observability import configure
from api.server.local_ledger import running, supervise
from api.server.secrets import secrets_of
from api.server.signals import StopRequested, stopping
from api.server.startup_check import check_agreement
from api.settings.settings import Settings

log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(serve)
    app.command()(follow)
    app.command()(migrate)


def serve(
    *,
    follower: Annotated[
        bool, typer.Option(help="Run the follower too; without it, run `ledger follow` elsewhere.")
    ] = True,
) -> None:
    """Run the ledger: database (embedded unless a URL is set), web processes and follower.

    Everything is set by the environment (`LEDGER_…`). It ends cleanly on SIGINT and SIGTERM, and
    with an error as soon as one of its processes ends.
    """
    settings = _configured()
    secrets_of(settings)
    try:
        with (
            stopping() as stop,
            running(settings, os.environ, stop, follower=follower) as (url, _, supervisor),
        ):
            supervise(supervisor, url, lambda: typer.echo(f"ready {url}"))
    except StopRequested as asked:
        typer.echo(f"ended; {asked}" if asked.args else "ended", err=True)


def follow() -> None:
    """Keep the read side in step with the log, until a signal ends it."""
    settings = _configured()
    secrets_of(settings)
    # Its container is much to load, and `serve` has it in other processes.
    from api.server.follower import follow as follow_until  # noqa: PLC0415 -- see above

    with prepared(settings) as urls:
        warn_shared_logins(urls)
        check_agreement(settings, urls)
        follow_until(settings, urls, threading.Event())


def migrate() -> None:
    """Make the database, its roles, their logins and its schema, as far as they are missing."""
    settings = _configured()
    with prepared(settings, by_owner=True):
        typer.echo("the database is up to date", err=True)


def _configured() -> Settings:
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    if settings.unknown_names:
        log.warning("unknown settings", extra={"names": ", ".join(settings.unknown_names)})
    return settings
