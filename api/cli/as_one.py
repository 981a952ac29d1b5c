"""`ledger import FILE --url … --as-one TRANSFER`: the persons of one transfer, over HTTP."""

from contextlib import closing
from pathlib import Path
from typing import cast

import typer

from api.cli.files import KNOWN, SOME_LEFT, SendOptions, ending, shown
from api.imports.as_one.importer import AsOne, imported_as_one
from api.imports.as_one.outcome import BAD_LINES
from api.imports.as_one.steps import Report
from api.imports.csv_rows import encoding_of
from api.imports.formats import format_of
from api.imports.journal_folder import folder_of
from api.imports.ledger_client import LedgerClient
from api.server.signals import stopping


def send_as_one(
    path: Path, sending: SendOptions, transfer: Path, part_lines: int, *, leaves_out: bool
) -> None:
    """Send the file; what an operator reads goes to standard error, the sums to standard output.

    Args:
        transfer: the file with the transfer, without its persons.
        part_lines: most persons of a part.
        leaves_out: whether it is recorded without the lines that are bad.

    Raises:
        typer.Exit: 0 it is recorded, or known; 1 it is not, or not with all lines; 2 the call is
            wrong; 3 it did not come to its end.
    """
    with ending():
        destination = sending.destination()
        wanted = AsOne(
            path,
            transfer,
            destination.base,
            sending.chosen or format_of(path),
            encoding_of(sending.encoding or "utf-8"),
            sending.parallel,
            part_lines,
            leaves_out,
            sending.backoff,
        )
        with (
            stopping(),
            closing(LedgerClient(destination, sending.parallel)) as door,
            shown() as told,
        ):
            report = imported_as_one(wanted, door, told)
    _sum_up(report, folder_of(path))


def _sum_up(report: Report, folder: Path) -> None:
    status = cast("str", report["status"])
    bad, left_out = (len(cast("list[object]", report.get(name, []))) for name in _OF_LINES)
    if status == BAD_LINES:
        typer.echo(
            f"nothing is recorded: {bad:,} lines are bad; mend them, or give --leave-out-bad"
        )
    else:
        told = [status, f"{report['lines']:,} lines"]
        if "persons" in report:
            told += [
                f"{report['persons']:,} persons",
                f"{report['repeated']:,} repeated lines",
                f"{report['persons_with_findings']:,} persons with findings",
            ]
        typer.echo(f"one transfer: {', '.join(told)}")
    typer.echo(f"report: {folder / 'report.ndjson'}")
    if left_out:
        place = folder / "quarantine.ndjson"
        typer.echo(f"left out: {left_out:,} lines, {place} (personal data: lines as they came)")
    if left_out or status not in KNOWN:
        raise typer.Exit(SOME_LEFT)


_OF_LINES = ("bad", "left_out")
