"""`ledger bulk list|mend`: bulk transfers whose commit has begun, and those that are stuck."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from api.container import Container
from api.database import existing
from api.observability import configure
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.clock import JAPAN
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.transfers.bulk.errors import BulkRunsError
from ledger.transfers.bulk.transfers import BulkTransfers

STUCK: Final = 1
"""One could not be mended: its line says why."""

group: Final = typer.Typer(
    help="Bulk transfers: list what is being recorded, mend what is stuck.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="bulk")


@contextmanager
def _opened() -> Generator[Container]:
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with existing(settings) as urls, opened(settings, urls) as container:
        yield container


@group.command("list")
def list_() -> None:
    """Show each bulk transfer whose commit has begun and is not done, and who is at it."""
    with _opened() as container:
        found = container.bulk().committing(container.now())
    for one, since in found:
        who = "nobody is at it" if since is None else f"somebody is at it since {_time(since)}"
        typer.echo(f"{one.bulk}: {one.lines:,} lines, begun {_time(one.begun_at)}; {who}")
    typer.echo(f"{len(found)} are being recorded")


@group.command()
def mend(
    bulks: Annotated[
        list[UUID] | None,
        typer.Argument(metavar="[ID]…", help="As `ledger bulk list` shows them; none: all."),
    ] = None,
) -> None:
    """Record what nobody records; give up what cannot be recorded, so that its id is free.

    The ledger may be served meanwhile: what somebody is at is left alone. Ends with 1 when one
    could not be mended.
    """
    with _opened() as container:
        transfers = container.bulk()
        outcomes = [
            _mended(transfers, one, container.now())
            for one in bulks or transfers.started_commits(container.now())
        ]
    for sentence, _ in outcomes:
        typer.echo(sentence)
    typer.echo(f"{len(outcomes)} were looked at")
    sys.exit(0 if all(is_mended for _, is_mended in outcomes) else STUCK)


def _mended(transfers: BulkTransfers, bulk: UUID, at: datetime) -> tuple[str, bool]:
    """What became of it, and whether it is stuck no more."""
    try:
        if bulk not in transfers.started_commits(at):
            return f"{bulk}: its commit has not begun, or is done", True
        result = transfers.mend(bulk, at)
    except NotFoundError:
        return f"{bulk}: there is none, or its time is over", True
    except BulkRunsError:
        return f"{bulk}: left alone, for somebody is at it or at the same transfer", True
    except CorruptRecordError:
        return (
            f"{bulk}: stuck. What was to be recorded is lost, and part of it stands, which nobody "
            "is shown; send it again under another id"
        ), False
    if result is None:
        return f"{bulk}: given up, for what was to be recorded is lost. Send it again", True
    outcome = result.outcome
    return f"{bulk}: {outcome.status} at position {outcome.position}", True


def _time(at: datetime) -> str:
    return f"{at.astimezone(JAPAN):%Y-%m-%d %H:%M}"
