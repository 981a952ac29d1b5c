"""`ledger import FILE --url …`: a file of transfers, sent to a running ledger over HTTP."""

import os
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from api.cli.pace import Pace
from api.files.csv_rows import encoding_of
from api.files.delivery import Backoff
from api.files.door import Destination, Door, is_key
from api.files.errors import WRONG_CALL, FileError, UndeliveredError
from api.files.journal import folder_of
from api.files.opening import Format, format_of
from api.files.sending import Import, imported
from api.files.sending import Progress as Done
from api.serving.signals import StopRequested, stopping

KEY: Final = "LEDGER_IMPORT_KEY"
"""Name of the environment variable with the API key, unless a file holds it."""

KNOWN: Final = frozenset({"recorded", "duplicate", "duplicate_expired", "blank"})
SOME_LEFT: Final = 1
WRONG: Final = 2
UNFINISHED: Final = 3


def send_file(  # noqa: PLR0913 -- the options of the command
    path: Path,
    url: str,
    *,
    key_file: Path | None,
    chosen: Format | None,
    encoding: str | None,
    parallel: int,
    batch: int,
    patience_s: float,
    plain_http: bool,
) -> None:
    """Send the file; what an operator reads goes to standard error, the sums to standard output.

    Raises:
        typer.Exit: 0 all is recorded or known; 1 some rows are not; 2 the call is wrong; 3 it did
            not come to its end.
    """
    try:
        destination = Destination(url, lambda: _key(key_file), plain_http=plain_http)
        _key(key_file)
        kind = chosen or format_of(path)
        wanted = Import(
            path,
            destination.base,
            kind,
            encoding_of(encoding or "utf-8"),
            parallel,
            batch,
            Backoff(patience_s=patience_s),
        )
        with stopping(), closing(Door(destination, parallel)) as door, _shown() as told:
            counts = imported(wanted, door, told)
    except ValueError as error:
        raise _ended(WRONG, str(error)) from None
    except FileError as error:
        code = WRONG if error.code in WRONG_CALL else UNFINISHED
        raise _ended(code, str(error)) from None
    except UndeliveredError as error:
        raise _ended(UNFINISHED, f"{error}; the same command goes on where it ended") from None
    except OSError as error:
        told_of = f"{error.strerror}; mend it, and the same command goes on"
        raise _ended(UNFINISHED, told_of) from None
    except StopRequested:
        raise _ended(UNFINISHED, "stopped; the same command goes on where it ended") from None
    _sum_up(counts, folder_of(path))


def _key(file: Path | None) -> str:
    """The key; asked for before each request.

    Raises:
        ValueError: there is none.
    """
    if file is not None:
        try:
            key = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError("the file of --key-file cannot be read") from None
    else:
        key = os.environ.get(KEY, "").strip()
    if not is_key(key):
        raise ValueError(f"give the API key in a file (--key-file) or in {KEY}")
    return key


def _ended(code: int, why: str) -> typer.Exit:
    typer.echo(f"ledger import: {why}", err=True)
    return typer.Exit(code)


def _sum_up(counts: Counter[str], folder: Path) -> None:
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    typer.echo(f"{counts.total():,} rows: {told or 'none'}")
    typer.echo(f"report: {folder / 'report.ndjson'}")
    if counts["quarantine"]:
        place = folder / "quarantine.ndjson"
        typer.echo(f"quarantine: {place} (personal data: rows as they came)")
    if set(counts) - KNOWN:
        raise typer.Exit(SOME_LEFT)


@contextmanager
def _shown() -> Generator[Callable[[Done], None]]:
    """A bar at a terminal, a line now and then elsewhere; both on standard error."""
    console, pace = Console(stderr=True), Pace()
    if console.is_terminal:
        columns = TextColumn("{task.fields[said]}"), BarColumn(), TextColumn("{task.fields[left]}")
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("", total=None, said="", left="")

            def moved(done: Done) -> None:
                said, left = pace.said(done), pace.left(done)
                bar.update(task, total=done.total, completed=done.done, said=said, left=left)

            yield moved
        return

    def line(done: Done) -> None:
        said, left = pace.said(done), pace.left(done)
        if pace.is_due():
            console.print(f"  {said}, {left}", highlight=False, markup=False, soft_wrap=True)

    yield line
