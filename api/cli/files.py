"""`ledger import FILE --url …`: a file of transfers, sent to a running ledger over HTTP."""

import os
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from api.cli.progress import ImportPace
from api.imports.csv_rows import encoding_of
from api.imports.delivery import ImportBackoff
from api.imports.errors import WRONG_CALL, FileError, UndeliveredError
from api.imports.formats import Format, format_of
from api.imports.importer import Import, imported
from api.imports.importer import Progress as Done
from api.imports.journal_folder import folder_of
from api.imports.ledger_client import LedgerAddress, LedgerClient, is_key
from api.server.signals import StopRequested, stopping

KEY: Final = "LEDGER_IMPORT_KEY"
"""Name of the environment variable with the API key, unless a file holds it."""

KNOWN: Final = frozenset({"recorded", "duplicate", "duplicate_expired", "blank"})
SOME_LEFT: Final = 1
WRONG: Final = 2
UNFINISHED: Final = 3


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

    def destination(self) -> LedgerAddress:
        """The ledger, with the key.

        Raises:
            ValueError: there is no key, or it may not be sent there.
        """
        _key(self.key_file)
        return LedgerAddress(self.url, lambda: _key(self.key_file), plain_http=self.plain_http)

    @property
    def backoff(self) -> ImportBackoff:
        """Waits."""
        return ImportBackoff(patience_s=self.patience_s)


def send_file(path: Path, sending: SendOptions, batch: int) -> None:
    """Send the file; what an operator reads goes to standard error, the sums to standard output.

    Args:
        batch: most rows of a request.

    Raises:
        typer.Exit: 0 all is recorded or known; 1 some rows are not; 2 the call is wrong; 3 it did
            not come to its end.
    """
    with ending():
        destination = sending.destination()
        kind = sending.chosen or format_of(path)
        wanted = Import(
            path,
            destination.base,
            kind,
            encoding_of(sending.encoding or "utf-8"),
            sending.parallel,
            batch,
            sending.backoff,
        )
        with (
            stopping(),
            closing(LedgerClient(destination, sending.parallel)) as door,
            shown() as told,
        ):
            counts = imported(wanted, door, told)
    _sum_up(counts, folder_of(path))


@contextmanager
def ending() -> Generator[None]:
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
        told_of = f"{error.strerror}; mend it, and the same command goes on"
        raise _ended(UNFINISHED, told_of) from None
    except StopRequested:
        raise _ended(UNFINISHED, "stopped; the same command goes on where it ended") from None


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
def shown() -> Generator[Callable[[Done], None]]:
    """A bar at a terminal, a line now and then elsewhere; both on standard error."""
    console, pace = Console(stderr=True), ImportPace()
    if console.is_terminal:
        columns = TextColumn("{task.fields[said]}"), BarColumn(), TextColumn("{task.fields[left]}")
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("", total=None, said="", left="")

            def moved(done: Done) -> None:
                said, left = pace.said(done), pace.left(done)
                bar.update(
                    task, total=done.total or None, completed=done.done, said=said, left=left
                )

            yield moved
        return

    def line(done: Done) -> None:
        said, left = pace.said(done), pace.left(done)
        if pace.is_due():
            console.print(f"  {said}, {left}", highlight=False, markup=False, soft_wrap=True)

    yield line
