"""`ledger retention plan|expire|certificate|status`: what dies when, and the proof that it did."""

import csv
import io
import os
import sys
import threading
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from api.container import Container
from api.database import prepared
from api.documents import UnprintableTextError, certificate_pdf
from api.observability import configure
from api.resources.retention.pending_reasons import WHY
from api.retention import Overview, Retention, clock_warning
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from ledger.clock import JAPAN
from ledger.errors import ClockAheadError, ExpiredError, NotFoundError, NotPlannedError
from ledger.format.events import ExpiryPlanned
from ledger.retention.certificate import content
from ledger.retention.expiry_queries import DueKey
from ledger.retention.holds_and_cases import OpenCase

ISSUER: Final = "ledger"
ACTOR: Final = "command line"
"""The identity of who runs a command: a name in the keyed hash of an actor."""

CSV_COLUMNS: Final = ("day", "month", "class", "key", "events", "lookups")

group: Final = typer.Typer(
    help="Retention: plan, expire, certificate, status.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    app.add_typer(group, name="retention")


@contextmanager
def _opened() -> Generator[tuple[Container, Retention]]:
    """The container and its retention, for reading."""
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with prepared(settings) as urls, opened(settings, urls) as container:
        yield container, container.retention(settings)


@contextmanager
def _working() -> Generator[tuple[Retention, str]]:
    """Retention for a run, and who runs it. The ledger need not be served meanwhile."""
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    with prepared(settings) as urls:
        check_agreement(settings, urls)
        with opened(settings, urls) as container:
            # A run waits for the read side, and nobody else may follow. Two followers do no harm.
            stop = threading.Event()
            following = threading.Thread(
                target=container.follower().run, args=(stop,), name="follower", daemon=True
            )
            following.start()
            try:
                yield container.retention(settings), container.secret.actor(ISSUER, ACTOR)
            except ClockAheadError as error:
                raise _refused(clock_warning(error)) from None
            except NotPlannedError as error:
                reason = f"{error.count} keys are due, and no plan names any of them: plan first"
                raise _refused(reason) from None
            finally:
                stop.set()
                following.join()


@group.command()
def plan(
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only say what a plan would name; change nothing.")
    ] = False,
    confirm_clock: Annotated[
        bool,
        typer.Option(
            "--confirm-clock",
            help="Vouch for the date: the ledger stood still for days, the clock is right.",
        ),
    ] = False,
    csv_file: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE", help="Write a line for each key; - is the output."),
    ] = None,
) -> None:
    """Name what will be destroyed within the window. The daily job does it each day, too."""
    if preview:
        with _opened() as (_, retention):
            keys, planned = retention.overview.preview()
            nameless = retention.overview.nameless()
        _print_plan(keys, planned, csv_file, "would name")
        _print_nameless(nameless)
        return
    with _working() as (retention, actor):
        report = retention.plan(actor, confirmed=confirm_clock)
        keys, _ = retention.overview.preview()
    assert report.planned is not None, "a plan was made"
    named = set(report.planned.keys)
    _print_plan([one for one in keys if one.key_id in named], report.planned, csv_file, "names")
    _print_nameless(report.nameless)
    typer.echo(f"plan {report.plan} at position {report.position}", err=True)


@group.command()
def expire() -> None:
    """Destroy what is due and named by a plan, without waiting for the window."""
    with _working() as (retention, actor):
        report = retention.expire(actor)
    keys = sum(len(one.keys) for one in report.expired)
    events = sum(one.events for one in report.expired)
    typer.echo(
        f"{keys} keys and {events} events are destroyed; {report.carried} copies live on; "
        f"{len(report.kept)} keys are still needed, {len(report.unnamed)} are in no plan"
    )
    for one in report.expired:
        typer.echo(f"{len(one.keys)} keys at position {one.position}", err=True)


@group.command()
def certificate(
    plan_id: Annotated[
        UUID, typer.Argument(metavar="PLAN", help="From `ledger retention status`.")
    ],
    pdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the document on paper there.")
    ] = None,
) -> None:
    """Print the deletion certificate of a plan as JSON, or write it as a PDF."""
    with _opened() as (_, retention):
        try:
            made = retention.overview.certificate(plan_id)
        except NotFoundError:
            raise _refused("there is no plan with this id") from None
        except ExpiredError:
            raise _refused("the plan itself was destroyed after its own period") from None
    if pdf is None:
        typer.echo(content(made))
        return
    try:
        pdf.write_bytes(certificate_pdf(made))
    except UnprintableTextError:
        raise _refused(
            "the font cannot print LEDGER_NAME as it is written; take the JSON"
        ) from None
    except OSError as error:
        raise _refused(f"the file cannot be written: {error.strerror}") from None


@group.command()
def status() -> None:
    """Show what is kept until when, what is due and why. Ends with 1 while anything is late."""
    with _opened() as (_, retention):
        seen = retention.overview.overview()
    _print_status(seen)
    late = {key.key_id for key in seen.late_keys} & set(seen.preview.keys)
    sys.exit(1 if late or seen.clock_ahead is not None else 0)


def _refused(sentence: str) -> typer.Exit:
    typer.echo(f"ledger: {sentence}", err=True)
    return typer.Exit(1)


def _print_plan(
    keys: Sequence[DueKey], planned: ExpiryPlanned, csv_file: str | None, verb: str
) -> None:
    if csv_file is not None:
        _write_csv(keys, csv_file)
    # What a program reads from the output is not mixed with what a person reads.
    console = _console(stderr=csv_file == "-")
    shown = Table("month", "class", "first day", "last day", "keys", "events", "lookups")
    groups: dict[tuple[str, str], list[DueKey]] = {}
    for key in keys:
        groups.setdefault((f"{key.day:%Y-%m}", key.key_class), []).append(key)
    for (month, key_class), group in sorted(groups.items()):
        days = sorted(key.day for key in group)
        sums = (len(group), sum(k.events for k in group), sum(k.lookups for k in group))
        shown.add_row(month, key_class, f"{days[0]}", f"{days[-1]}", *map(str, sums))
    console.print(shown)
    console.print(
        f"the plan {verb} {len(planned.keys)} keys that die by {planned.through}; "
        f"{planned.counts['events']} events and {planned.counts['lookups']} lookups die with them"
    )
    for what, held_back_by in (("hold", planned.holds), ("case", planned.cases)):
        for stream in held_back_by:
            console.print(f"held back in part by {what} {stream}")


def _print_nameless(cases: Sequence[OpenCase]) -> None:
    """On standard error: an officer should look, and no program reads it."""
    for one in cases:
        typer.echo(f"nothing is kept for case {one.number}: it gives a name alone", err=True)


def _write_csv(keys: Sequence[DueKey], name: str) -> None:
    """For people and their spreadsheets: UTF-8 with a mark, CRLF (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for key in keys:
        day, month = key.day.isoformat(), f"{key.day:%Y-%m}"
        writer.writerow((day, month, key.key_class, key.key_id.hex(), key.events, key.lookups))
    written = text.getvalue().encode("utf-8-sig")
    if name == "-":
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        Path(name).write_bytes(written)
    except OSError as error:
        raise _refused(f"the file cannot be written: {error.strerror}") from None


def _print_status(seen: Overview) -> None:
    console = _console()
    ends = Table("month", "class", "keys", "events", title="what dies when")
    for one in seen.counts:
        month = f"{one.month:%Y-%m}" if one.month else "open"
        ends.add_row(month, one.key_class, str(one.keys), str(one.events))
    console.print(ends)
    plans = Table("plan", "made (Japan)", "through", "keys", "destroyed", title="newest plans")
    expired_keys = Counter(key for one in seen.plans for key in one.expired)
    for one in reversed(seen.plans[-10:]):
        made = f"{one.planned_at.astimezone(JAPAN):%Y-%m-%d %H:%M}"
        destroyed = sum(1 for key in one.keys if key in expired_keys)
        plans.add_row(
            str(one.plan), made, str(one.through or ""), str(len(one.keys)), str(destroyed)
        )
    console.print(plans)
    active_holds = [one for one in seen.holds if one.is_active]
    # Why, and whom it is about, officers see at the endpoints: reasons and references may name
    # people.
    if active_holds:
        holds = Table("hold", "placed (Japan)", "of", title="holds that stand")
        for one in active_holds:
            placed = f"{one.placed_at.astimezone(JAPAN):%Y-%m-%d %H:%M}"
            holds.add_row(str(one.hold), placed, "persons" if one.principals else "a transfer")
        console.print(holds)
    console.print(
        f"{len(active_holds)} holds stand; {len(seen.cases)} cases are open; "
        f"{len(seen.due)} keys are due"
    )
    for reason, count in seen.why.items():
        console.print(f"{count} of them: {WHY[reason]}")
    _print_nameless(seen.nameless)
    if seen.clock_ahead is not None:
        console.print(clock_warning(seen.clock_ahead), soft_wrap=True)


def _console(*, stderr: bool = False) -> Console:
    # Wide enough that nothing is cut where the output is piped into another program.
    return Console(stderr=stderr, width=None if Console(stderr=stderr).is_terminal else 160)
