"""`ledger import`: a file of transfers over HTTP, or a register of past ones into the database."""

from functools import partial
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from api.cli.files import KNOWN, SOME_LEFT, SendOptions, print_sums
from api.imports.as_one.importer import AsOne, imported_as_one
from api.imports.as_one.outcome import BAD_LINES
from api.imports.as_one.steps import Report
from api.imports.delivery import ROWS_MAX
from api.imports.formats import Format
from api.imports.journal import folder_of


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
    as_one = partial(AsOne, transfer=transfer, leaves_out=leaves_out)
    with sending.open_import(path, part_lines, as_one) as (job, client, on_progress):
        report = imported_as_one(job, client, on_progress)
    _sum_up(report, folder_of(path))


def _sum_up(report: Report, folder: Path) -> None:
    status = cast("str", report["status"])
    bad, left_out = (len(cast("list[object]", report.get(name, []))) for name in _OF_LINES)
    if status == BAD_LINES:
        lines = [f"nothing is recorded: {bad:,} lines are bad; mend them, or give --leave-out-bad"]
    else:
        parts = [status, f"{report['lines']:,} lines"]
        if "persons" in report:
            parts += [
                f"{report['persons']:,} persons",
                f"{report['repeated']:,} repeated lines",
                f"{report['persons_with_findings']:,} persons with findings",
            ]
        lines = [f"one transfer: {', '.join(parts)}"]
    lines.append(f"report: {folder / 'report.ndjson'}")
    if left_out:
        place = folder / "quarantine.ndjson"
        lines.append(f"left out: {left_out:,} lines, {place} (personal data: lines as they came)")
    print_sums(lines)
    if left_out or status not in KNOWN:
        raise typer.Exit(SOME_LEFT)


_OF_LINES = ("bad", "left_out")


PARALLEL: Final = 3
PART_LINES: Final = 20_000
PART_LINES_MAX: Final = 100_000
PATIENCE_S: Final = 3_600.0
_SENDING: Final = "A file of transfers, to a running ledger"
_REGISTER: Final = "A register of past transfers, into the database"
_AS_ONE: Final = "A file of persons, as one transfer, to a running ledger"
_OF_AS_ONE: Final = frozenset({"leave_out_bad", "part_lines"})
_OF_SENDING: Final = _OF_AS_ONE | {
    "key_file",
    "chosen",
    "parallel",
    "batch",
    "patience_s",
    "plain_http",
    "as_one",
}
_OF_REGISTERS: Final = frozenset({"mapping", "sheet", "check", "report", "quarantine", "suggest"})

_Place = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="With --url: NDJSON, CSV or Parquet. A register: .xlsx, .xlsm or .csv.",
    ),
]
_Encoding = Annotated[
    str | None, typer.Option(help="Of a CSV: utf-8 or cp932. Of a register found out unless given.")
]
_Url = Annotated[
    str | None,
    typer.Option(rich_help_panel=_SENDING, help="The ledger: https://ledger.example.jp."),
]
_KeyFile = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=_SENDING,
        dir_okay=False,
        help="Holds the API key (events:write); else LEDGER_IMPORT_KEY does.",
    ),
]
_Chosen = Annotated[
    Format | None,
    typer.Option("--format", rich_help_panel=_SENDING, help="Found out unless given."),
]
_Parallel = Annotated[
    int, typer.Option(rich_help_panel=_SENDING, min=1, max=16, help="Requests under way.")
]
_Batch = Annotated[
    int, typer.Option(rich_help_panel=_SENDING, min=1, max=ROWS_MAX, help="Rows of a request.")
]
_Patience = Annotated[
    float,
    typer.Option(
        "--patience",
        rich_help_panel=_SENDING,
        min=0,
        help="Seconds for which a ledger that is away is waited for.",
    ),
]
_PlainHttp = Annotated[
    bool,
    typer.Option("--plain-http", rich_help_panel=_SENDING, help="Allow http: to another machine."),
]
_AsOne = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=_AS_ONE,
        metavar="TRANSFER",
        exists=True,
        dir_okay=False,
        help="The lines are the persons of the one transfer in this JSON file.",
    ),
]
_LeaveOutBad = Annotated[
    bool,
    typer.Option(
        "--leave-out-bad",
        rich_help_panel=_AS_ONE,
        help="Record it without the lines that are bad; else nothing is.",
    ),
]
_PartLines = Annotated[
    int,
    typer.Option(rich_help_panel=_AS_ONE, min=1, max=PART_LINES_MAX, help="Persons of a part."),
]
_Mapping = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=_REGISTER,
        exists=True,
        dir_okay=False,
        help="Which column is what: TOML or JSON.",
    ),
]
_Sheet = Annotated[
    str | None,
    typer.Option(rich_help_panel=_REGISTER, help="The sheet, where the workbook has several."),
]
_Check = Annotated[
    bool,
    typer.Option(
        "--check", rich_help_panel=_REGISTER, help="Only name every problem; record nothing."
    ),
]
_Report = Annotated[
    Path | None,
    typer.Option(rich_help_panel=_REGISTER, dir_okay=False, help="A CSV file for all problems."),
]
_Quarantine = Annotated[
    bool,
    typer.Option(
        "--quarantine",
        rich_help_panel=_REGISTER,
        help="Record what is well, and keep the rest in quarantine.",
    ),
]
_Suggest = Annotated[
    bool,
    typer.Option(
        "--suggest",
        rich_help_panel=_REGISTER,
        help="Print a mapping to begin with; record nothing.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command("import")(import_file)


def import_file(  # noqa: PLR0913 -- the options of a command are its parameters
    context: typer.Context,
    place: _Place,
    *,
    encoding: _Encoding = None,
    url: _Url = None,
    key_file: _KeyFile = None,
    chosen: _Chosen = None,
    parallel: _Parallel = PARALLEL,
    batch: _Batch = ROWS_MAX,
    patience_s: _Patience = PATIENCE_S,
    plain_http: _PlainHttp = False,
    as_one: _AsOne = None,
    leave_out_bad: _LeaveOutBad = False,
    part_lines: _PartLines = PART_LINES,
    mapping: _Mapping = None,
    sheet: _Sheet = None,
    check: _Check = False,
    report: _Report = None,
    quarantine: _Quarantine = False,
    suggest: _Suggest = False,
) -> None:
    """Record the transfers of a file.

    With --url, send a file of transfers, one a line, to a running ledger; with --as-one, a file of
    persons, one a line, who are in one transfer. Killed or run again it goes on where it was,
    beside the file in FILE.import. Ends with 0 when every row is recorded or known, 1 when some are
    not, 2 for a wrong call, 3 when it did not come to its end.

    Without, record a register of past transfers as backfill, after a look at every row. Nothing is
    recorded while any row has a problem, unless --quarantine is given. Killed or run again, it
    records nothing twice: what stands is a duplicate, what differs a conflict. Ends with 1 when a
    problem or a conflict was found.
    """
    # Each kind is imported when it is asked for: a client starts without all of the ledger.
    if url is not None:
        _refuse(context, _OF_REGISTERS, "is for registers, which are recorded without --url")
        from api.cli.files import SendOptions, send_file  # noqa: PLC0415 -- see above

        sending = SendOptions(url, key_file, chosen, encoding, parallel, patience_s, plain_http)
        if as_one is None:
            _refuse(context, _OF_AS_ONE, "needs --as-one")
            send_file(place, sending, batch)
            return

        _refuse(context, frozenset({"batch"}), "is for transfers; parts have --part-lines")
        send_as_one(place, sending, as_one, part_lines, leaves_out=leave_out_bad)
        return
    _refuse(context, _OF_SENDING, "needs --url")
    from api.cli.registers import import_register  # noqa: PLC0415 -- see above

    import_register(
        place,
        mapping=mapping,
        sheet=sheet,
        encoding=encoding,
        check=check,
        report=report,
        quarantine=quarantine,
        suggest=suggest,
    )


def _refuse(context: typer.Context, names: frozenset[str], why: str) -> None:
    """Refuse options that would be ignored."""
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name)
        if parameter.name in names and given is not None and given.name == "COMMANDLINE":
            raise typer.BadParameter(why, param_hint=parameter.opts[0])
