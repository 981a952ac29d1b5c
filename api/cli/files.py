"""`ledger import FILE --url …`: a file of transfers, sent to a running ledger over HTTP."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from api.cli.progress import ImportPace
from api.imports.client import Backoff, LedgerClient, backoff_of, client_of, key_of
from api.imports.csv_rows import encoding_of
from api.imports.errors import WRONG_CALL, FileError, UndeliveredError
from api.imports.formats import Format, format_of
from api.imports.importer import Import, imported
from api.imports.importer import Progress as Done
from api.imports.journal import folder_of
from api.server.signals import StopRequested, stopping

KNOWN: Final = frozenset({"recorded", "duplicate", "duplicate_expired", "blank"})
SOME_LEFT: Final = 1
WRONG: Final = 2
UNFINISHED: Final = 3


T = TypeVar("T", bound=Import)
_ImportFactory = Callable[[Path, str, Format, str, int, int, Backoff], T]


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How a file is sent.

    Attributes:
        url: of the ledger.
        key_file: holds the key; else the environment does.
        chosen: None: found out.
        encoding: None: UTF-8.
        parallel: most requests under way.
        patience_s: so long a ledger that is away is waited for.
    """

    url: str
    key_file: Path | None
    chosen: Format | None
    encoding: str | None
    parallel: int
    patience_s: float
    plain_http: bool

    @contextmanager
    def open_import(
        self, path: Path, rows_max: int, make_import: _ImportFactory[T]
    ) -> Generator[tuple[T, LedgerClient, Callable[[Done], None]]]:
        """What is imported, the ledger, and where progress is told; it ends as `_ending`."""
        with _ending(), stopping():
            key_of(self.key_file)
            key = lambda: key_of(self.key_file)  # noqa: E731 -- asked before each request
            client = client_of(self.url, key, self.parallel, plain_http=self.plain_http)
            one = make_import(
                path,
                self.url.rstrip("/"),
                self.chosen or format_of(path),
                encoding_of(self.encoding or "utf-8"),
                self.parallel,
                rows_max,
                backoff_of(self.patience_s),
            )
            with closing(client), show_progress() as on_progress:
                yield one, client, on_progress


def send_file(path: Path, sending: SendOptions, batch: int) -> None:
    """Send the file; what an operator reads goes to standard error, the sums to standard output.

    Args:
        batch: most rows of a request.

    Raises:
        typer.Exit: 0 all is recorded or known; 1 some rows are not; 2 the call is wrong; 3 it did
            not come to its end.
    """
    with sending.open_import(path, batch, Import) as (job, client, on_progress):
        counts = imported(job, client, on_progress)
    _sum_up(counts, folder_of(path))


@contextmanager
def _ending() -> Generator[None]:
    """End as every import does that does not come to its end, with a sentence that says why.

    Raises:
        typer.Exit: 2 the call is wrong; 3 the same command goes on.
    """
    try:
        yield
    except ValueError as error:
        raise _ended(WRONG, str(error)) from None
    except FileError as error:
        code = WRONG if error.code in WRONG_CALL else UNFINISHED
        raise _ended(code, str(error)) from None
    except UndeliveredError as error:
        raise _ended(UNFINISHED, f"{error}; the same command goes on where it ended") from None
    except OSError as error:
        reason = f"{error.strerror}; mend it, and the same command goes on"
        raise _ended(UNFINISHED, reason) from None
    except StopRequested:
        raise _ended(UNFINISHED, "stopped; the same command goes on where it ended") from None


def _ended(code: int, why: str) -> typer.Exit:
    typer.echo(f"ledger import: {why}", err=True)
    return typer.Exit(code)


def _sum_up(counts: Counter[str], folder: Path) -> None:
    summary = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    lines = [f"{counts.total():,} rows: {summary or 'none'}", f"report: {folder / 'report.ndjson'}"]
    if counts["quarantine"]:
        place = folder / "quarantine.ndjson"
        lines.append(f"quarantine: {place} (personal data: rows as they came)")
    print_sums(lines)
    if set(counts) - KNOWN:
        raise typer.Exit(SOME_LEFT)


def print_sums(lines: Sequence[str]) -> None:
    """Print what became of the rows; where it cannot be printed, they are recorded all the same."""
    try:
        typer.echo("\n".join(lines))
    except OSError as error:
        # What waits to be written would fail once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        message = f"the sums are not printed ({error.strerror}); {lines[1]}"
        typer.echo(f"ledger import: {message}", err=True)


@contextmanager
def show_progress() -> Generator[Callable[[Done], None]]:
    """A bar at a terminal, a line now and then elsewhere; both on standard error."""
    console, pace = Console(stderr=True), ImportPace()
    if console.is_terminal:
        columns = TextColumn("{task.fields[said]}"), BarColumn(), TextColumn("{task.fields[left]}")
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("", total=None, said="", left="")

            def moved(done: Done) -> None:
                summary, left = pace.summary(done), pace.left(done)
                bar.update(
                    task, total=done.total or None, completed=done.done, said=summary, left=left
                )

            yield moved
        return

    def line(done: Done) -> None:
        summary, left = pace.summary(done), pace.left(done)
        if pace.is_due():
            console.print(f"  {summary}, {left}", highlight=False, markup=False, soft_wrap=True)

    yield line
