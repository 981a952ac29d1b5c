"""`ledger projections`: rebuild the read side, verify it, see how far it is."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Final

import typer
from psycopg import Connection
from rich.console import Console
from rich.table import Table

from api.container import Container
from api.database import prepared
from api.observability import configure
from api.server.container_opener import opened
from api.server.projection_metrics import LagWatch
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.retention.destruction_check import faults
from ledger.store.event_macs import forged_up_to
from ledger.store.recorder import LedgerRecorder
from ledger.streams.streams import Streams
from projections.progress import progress_of, serving
from projections.rebuild import rebuild as rebuild_beside
from projections.verification import Log, differences

group: Final = typer.Typer(help="The read side: rebuild, verify, status.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="projections")


@contextmanager
def _opened() -> Generator[tuple[Container, Connection, Settings]]:
    """The container, and a connection with the projector's rights."""
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with (
        prepared(settings) as urls,
        opened(settings, urls) as container,
        container.follower().connect() as connection,
    ):
        yield container, connection, settings


@group.command()
def rebuild() -> None:
    """Build the read side anew beside the old one, then switch; the old one serves meanwhile."""
    with _opened() as (container, connection, _):
        position = rebuild_beside(container.follower(), connection)
    typer.echo(f"rebuilt up to position {position}")


@group.command()
def verify() -> None:
    """Compare the read side with a full scan of the events; name every difference.

    Names as well each sealed part that is missing and each that should be gone, each key that
    should be, each event that says so without a proof, and each that the ledger did not append.
    Keyed hashes are shown as they are.
    Ends with 1 when there is anything to name.
    """
    wrong = count = 0
    with _opened() as (container, connection, _):
        for fault in faults(connection, container.secret.expiry_proof):
            typer.echo(f"position {fault.position}: {fault.meaning}")
            wrong += 1
        reached = progress_of(connection, serving(connection)).position
        head = container.reads.head()
        for position in forged_up_to(connection, container.macs, head):
            typer.echo(f"position {position}: the ledger did not append this event")
            wrong += 1
        # What is missing was named above, and must not end the comparison of the rest.
        reads = LedgerRecorder(container.reader)
        streams = Streams(reads, container.keys, container.secret, container.name)
        log = Log(
            reads.facts_after,
            partial(streams.opened, with_holes=True),
            partial(streams.judged, with_holes=True),
        )
        for found in differences(connection, log, container.secret):
            typer.echo(f"{found.kind} row in {found.table}: {found.key} at {found.position}")
            count += 1
    typer.echo(f"{wrong} faults in what is stored")
    typer.echo(f"{count} differences up to position {reached}")
    sys.exit(1 if wrong or count else 0)


@group.command()
def status() -> None:
    """Show how far the read side is. Ends with 1 when it is further behind than the setting."""
    with _opened() as (container, connection, settings):
        lag = LagWatch(container.reads, container.histories.reached, container.now).measure()
        slot = serving(connection)
    shown = Table("slot", "reached", "head", "events behind", "seconds behind")
    shown.add_row(slot, str(lag.reached), str(lag.head), str(lag.events), f"{lag.seconds:.1f}")
    Console().print(shown)
    sys.exit(1 if lag.seconds > settings.projection_lag_s_max else 0)
