"""`ledger import` of a register: past transfers, checked row by row, then recorded as backfill."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from hashlib import blake2b
from pathlib import Path
from typing import Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.retention import ACTOR, ISSUER
from api.container import Container
from api.database import prepared
from api.observability import configure
from api.resources.registers import formats, import_run, suggestion
from api.resources.registers.cells import Sheet
from api.resources.registers.errors import RegisterError
from api.resources.registers.import_run import CheckedTransfer, Total
from api.resources.registers.mapping import Mapping, MappingError
from api.resources.registers.mapping import read as read_mapping
from api.resources.registers.problems import CellProblem
from api.resources.registers.reports import line_of, lines
from api.resources.registers.transfers import Transfers
from api.server.container_opener import opened
from api.server.secrets import secrets_of
from api.server.signals import StopRequested, stopping
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from api.web.items import Sender
from ledger.clock import now

SHOWN_MAX: Final = 20
"""Problems on the screen; the report has them all."""
_LINE_EVERY: Final = 10_000

OnProgress = Callable[[int], None]
"""Called with the number of the last row that is done."""


def import_register(  # noqa: PLR0913 -- the options of the command
    place: Path,
    *,
    mapping: Path | None,
    sheet: str | None,
    encoding: str | None,
    check: bool,
    report: Path | None,
    quarantine: bool,
    suggest: bool,
) -> None:
    """Record a register; see the command.

    Raises:
        typer.Exit: with 1 when a problem or a conflict was found, with 2 for a wrong mapping.
    """
    if not suggest and mapping is None:
        raise typer.BadParameter("give --mapping FILE, or --suggest to get one to begin with")
    try:
        if mapping is None:
            with formats.opened(place, sheet=sheet, encoding=encoding) as found:
                typer.echo(suggestion.suggested(found, sheet), nl=False)
            return
        read = read_mapping(mapping)
        with (
            formats.opened(
                place, sheet=sheet or read.sheet, encoding=encoding or read.encoding
            ) as found,
            (
                report.open("w", encoding="utf-8", newline="")
                if report is not None
                else nullcontext()
            ) as written,
            stopping(),
        ):
            printer = _ReportPrinter(written)
            if check:
                _dry_run(found, read, printer)
            else:
                _import(found, read, printer, quarantine=quarantine)
            printer.end()
    except MappingError as error:
        for line in error.wrong:
            typer.echo(f"{mapping}: {line}", err=True)
        raise typer.Exit(2) from None
    except RegisterError as error:
        where = f" ({error.place})" if error.place else ""
        typer.echo(f"ledger import: {error.code}{where}: {error.message}", err=True)
        raise typer.Exit(1) from None
    except StopRequested:
        typer.echo("\nstopped; the same command again goes on where this one ended", err=True)
        raise typer.Exit(1) from None


class _ReportPrinter:
    """Prints what was found, and writes the report; holds counts and no problem."""

    def __init__(self, report: TextIO | None) -> None:
        self.console = Console()
        self.codes: Counter[str] = Counter()
        self._report = report
        if report is not None:
            report.writelines(lines(()))
        self._shown = 0

    def problems(self, found: Iterable[CellProblem]) -> None:
        """Tell these, and count them."""
        for one in found:
            self.codes[one.code] += 1
            if self._report is not None:
                self._report.write(line_of(one))
            if self._shown < SHOWN_MAX:
                self._shown += 1
                column = f"「{one.column}」" if one.column else ""
                self.console.print(
                    f"{one.row}行{column}{one.pointer} {one.code}: {one.message}",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )

    def counts(self, what: str, counts: Counter[str]) -> None:
        """Tell some counts on one line."""
        summary = ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
        self.console.print(f"{what}: {summary or 'none'}", highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Sum up.

        Raises:
            typer.Exit: with 1, when something was wrong.
        """
        if not self.codes:
            return
        if self.codes.total() > self._shown and self._report is None:
            self.console.print(f"(the first {self._shown}; --report FILE takes all)")
        self.counts("problems", self.codes)
        raise typer.Exit(1)


def _dry_run(sheet: Sheet, mapping: Mapping, printer: _ReportPrinter) -> int:
    """The dry run; how many transfers there are."""
    transfers = Transfers(sheet, mapping, _unkeyed)
    sender = Sender("", mapping.source, may_mark=False)
    count = 0
    with _show_progress(printer.console, "checked", sheet.rows_about) as on_progress:
        for one in import_run.checked(transfers.units(), mapping, sender, now):
            count += 1
            printer.problems(one.problems)
            on_progress(one.last)
    printer.console.print(f"{count:,} transfers checked", highlight=False)
    if sheet.hidden_rows:
        notice = f"{sheet.hidden_rows:,} rows are hidden in the sheet; they count all the same"
        printer.console.print(notice, highlight=False)
    return count


def _unkeyed(content: bytes) -> str:
    """An id for the dry run alone."""
    return blake2b(content, digest_size=16).hexdigest()


def _import(sheet: Sheet, mapping: Mapping, printer: _ReportPrinter, *, quarantine: bool) -> None:
    settings = Settings.from_environment(os.environ)
    configure(settings.log_level)
    secrets_of(settings)
    if not quarantine:
        _dry_run(sheet, mapping, printer)
        if printer.codes:
            printer.console.print(
                "nothing was recorded: mend these, or give --quarantine", highlight=False
            )
            return
    with prepared(settings) as urls:
        check_agreement(settings, urls)
        with opened(settings, urls) as container:
            total = asyncio.run(_record(sheet, mapping, printer, container, settings))
    printer.counts(f"{total.transfers:,} transfers", total.results)
    if total.findings:
        printer.counts("recorded with findings", total.findings)


async def _record(
    sheet: Sheet,
    mapping: Mapping,
    printer: _ReportPrinter,
    container: Container,
    settings: Settings,
) -> Total:
    secret = container.secret
    sender = Sender(secret.actor(ISSUER, ACTOR), mapping.source, may_mark=False)
    transfers = Transfers(
        sheet, mapping, lambda content: secret.lookup_key("register", content).hex()
    )
    found: Iterator[CheckedTransfer] = import_run.checked(
        transfers.units(), mapping, sender, container.now
    )
    total = Total()
    with (
        container.services(settings) as services,
        _show_progress(printer.console, "recorded", sheet.rows_about) as on_progress,
    ):
        async for batch in import_run.imported(found, mapping, services):
            total.add(batch)
            printer.problems(batch.problems)
            on_progress(batch.last)
    return total


@contextmanager
def _show_progress(console: Console, done: str, rows: int | None) -> Generator[OnProgress]:
    """A progress bar at a terminal, a line now and then elsewhere."""
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
            task = bar.add_task(f"Rows {done}", total=rows)
            yield lambda row: bar.update(task, completed=row)
        return
    following = _LINE_EVERY

    def line(row: int) -> None:
        nonlocal following
        if row >= following:
            of = f" of {rows:,}" if rows is not None else ""
            console.print(f"  {row:,}{of} rows {done}", highlight=False)
            following = row - row % _LINE_EVERY + _LINE_EVERY

    yield line
