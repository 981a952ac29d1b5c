"""`ledger headers`: what a stranger needs to recompute the root of the log."""

import os
import sys
from typing import Annotated

import typer

from api.database import prepared
from api.observability import configure
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from ledger.log.log_root import headers as headers_of


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(headers)


def headers(
    *,
    size: Annotated[
        int | None, typer.Option(min=1, help="How many, from the first; all unless given.")
    ] = None,
) -> None:
    """Print the headers of all events, a line each in their order, byte for byte.

    The line's number is the position. Headers name no person. With them anybody recomputes the root
    that a deletion certificate states, by the steps printed on it.
    """
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with prepared(settings) as urls, opened(settings, urls) as container:
        for header in headers_of(container.reader, size or container.reads.head()):
            sys.stdout.buffer.write(header + b"\n")
    sys.stdout.buffer.flush()
