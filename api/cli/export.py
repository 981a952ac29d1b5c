"""`ledger export`: a bag of records for a regulator; `ledger verify`: is a bag what it says?"""

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.retention import ACTOR, ISSUER
from api.database import existing
from api.observability import configure
from api.resources.exports.export_run import Source, WrittenBag, leave
from api.server.container_opener import opened
from api.server.gc_policy import collect_seldom
from api.server.secrets import secrets_of
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.errors import MalformedError
from ledger.exports import verify as verifier
from ledger.exports.export_request import (
    RestlessError,
    UnlikeCheckpointError,
    UnsignedDestructionError,
)
from ledger.exports.filters import Filters
from ledger.exports.small_cells import SMALLEST
from ledger.values import PrincipalRef
from projections.log.errors import CheckpointPendingError

PROBLEMS: Final[Mapping[type[Exception], str]] = {
    UnlikeCheckpointError: "the events are not those of the signed log: run `ledger log check`",
    UnsignedDestructionError: "records were destroyed since the last checkpoint: sign the log, and "
    "export again",
    RestlessError: "what may be shown changed while the records were written: export again",
    CheckpointPendingError: "no checkpoint is published yet: run `ledger log begin`",
    FileExistsError: "there is something already: name a place where nothing is",
}
"""What keeps a bag from being made → what an operator does next."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.command()(export)
    app.command(context_settings={"ignore_unknown_options": True})(verify)


_To = Annotated[Path, typer.Option("--to", help="A new folder, or a new file that ends in .zip.")]
_First = Annotated[str | None, typer.Option("--from", help="First day of the period, 2026-04-01.")]
_Last = Annotated[str | None, typer.Option("--until", help="Last day of the period, inclusive.")]
_Party = Annotated[
    str | None, typer.Option(help="The counterparty's party_id; with --identified, or its name.")
]
_Bases = Annotated[list[str] | None, typer.Option("--basis", help="A code; several times: any.")]
_Findings = Annotated[
    list[str] | None, typer.Option("--finding", help="A code, or `any`; several times: any.")
]
_Source = Annotated[str | None, typer.Option(help="The emitter's source, or what it begins with.")]
_Person = Annotated[
    str | None,
    typer.Option(help="A file with one identifier of the person a line, scheme:id. Needs --case."),
]
_Case = Annotated[str | None, typer.Option(help="The number of the case.")]
_Reason = Annotated[str | None, typer.Option(help="Why persons are named, or everything is shown.")]
_Identified = Annotated[
    bool, typer.Option("--identified", help="Persons as recorded, in place of pseudonyms.")
]
_Whole = Annotated[
    bool,
    typer.Option(
        "--whole",
        help="Also what nobody else may know of (Order 11) and what is destroyed, with every "
        "header: then nothing can be missing unseen.",
    ),
]


_Smallest = Annotated[
    int,
    typer.Option(
        "--smallest-count", help="Smaller counts of requests are not told: 1, or 3 or more."
    ),
]


def export(  # noqa: PLR0913 -- the options of a command are its parameters
    *,
    to: _To,
    first: _First = None,
    until: _Last = None,
    counterparty: _Party = None,
    basis: _Bases = None,
    finding: _Findings = None,
    source: _Source = None,
    person: _Person = None,
    case: _Case = None,
    reason: _Reason = None,
    identified: _Identified = False,
    whole: _Whole = False,
    smallest_count: _Smallest = SMALLEST,
) -> None:
    """Put records into a bag that proves itself offline. Without filters: all of them.

    Persons have pseudonyms of this bag alone; two bags that show the same record tell which are one
    person's. The export is put on record before the bag has its name. `verify.py` in the bag, or
    `ledger verify`, checks it.
    """
    filters = Filters(
        first=_day(first, "--from"),
        last=_day(until, "--until"),
        counterparty=counterparty,
        bases=tuple(sorted(set(basis or ()))),
        findings=tuple(sorted(set(finding or ()))),
        source=source,
        person=_person(person),
        case=case,
        reason=reason,
        identified=identified,
        whole=whole,
        smallest=smallest_count,
    )
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    log = signed_log(settings)
    with (
        existing(settings) as urls,
        opened(settings, urls) as container,
        _progress() as on_progress,
    ):
        actor = container.secret.actor(ISSUER, ACTOR)
        collect_seldom()
        try:
            ledger = Source(container.streams, container.ledger(), container.now)
            left = leave(ledger, actor, filters, to.absolute(), log, on_progress)
        except MalformedError as error:
            for defect in error.defects:
                typer.echo(f"{defect.pointer}: {defect.detail}", err=True)
            raise typer.Exit(1) from None
        except (
            UnlikeCheckpointError,
            UnsignedDestructionError,
            RestlessError,
            CheckpointPendingError,
            FileExistsError,
        ) as error:
            typer.echo(f"ledger: {PROBLEMS[type(error)]}", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"ledger: the bag cannot be written: {error.strerror}", err=True)
            raise typer.Exit(1) from None
    _print_summary(left, is_signed=log is not None)


def verify(
    place: Annotated[Path, typer.Argument(metavar="BAG", help="The folder, or its zip.")],
    *,
    key: Annotated[str | None, typer.Option(help="The log's public key, as handed out.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="An earlier checkpoint, or an earlier bag.")
    ] = None,
    checkpoint_key: Annotated[
        str | None, typer.Option(help="The key of that one, when it is of a former epoch.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="A witness's key, as handed out; again for each.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Your witness policy: what it asks for must be met.")
    ] = None,
) -> None:
    """Check a bag offline, in Japanese and English. Needs no ledger.

    Ends with 0 all good, 5 consistent but nobody has signed for it (no --key, and no --policy that
    names the log), 10 a hash differs, 20 something is missing, 30 unknown version, 40 a signature
    or a time stamp. Of a time stamp it prints the command of openssl that verifies
    its authority's signature, which is not done here.
    """
    named = {
        "--key": key,
        "--checkpoint": None if checkpoint is None else str(checkpoint),
        "--checkpoint-key": checkpoint_key,
        "--policy": None if policy is None else str(policy),
    }
    options = [part for name, value in named.items() if value for part in (name, value)]
    options += [part for one in witness or () for part in ("--witness", one)]
    sys.exit(verifier.main([str(place), *options]))


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        typer.echo(f"ledger: {option} is no day: write it as 2026-04-01", err=True)
        raise typer.Exit(2) from None


def _person(file: str | None) -> tuple[PrincipalRef, ...]:
    """Identifiers stand in a file: what is typed on a command line is seen by others."""
    if file is None:
        return ()
    try:
        lines = Path(file).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        typer.echo("ledger: the file of --person cannot be read as UTF-8", err=True)
        raise typer.Exit(2) from None
    pairs = [line.strip().partition(":") for line in lines if line.strip()]
    if not pairs or not all(scheme and found for scheme, _, found in pairs):
        typer.echo("ledger: each line of --person's file is scheme:id, one at least", err=True)
        raise typer.Exit(2)
    return tuple(PrincipalRef(scheme, found) for scheme, _, found in pairs)


@contextmanager
def _progress() -> Generator[Callable[[int, int], None]]:
    """A bar on a terminal; nothing elsewhere, for the last line says how many."""
    columns = (TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_summary(left: WrittenBag, *, is_signed: bool) -> None:
    tally = left.made.tally
    typer.echo(f"{tally.records} records, as of position {left.made.size}; export {left.export}")
    typer.echo(f"on record at position {left.position}", err=True)
    if not is_signed:
        typer.echo("the log is not signed: the bag has no checkpoint, and says so", err=True)
