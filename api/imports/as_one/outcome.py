"""What became of the transfer, and what stands beside the file: no personal data but in quarantine.

`report.ndjson` is one line. `quarantine.ndjson` holds the lines that are left out, as they came;
`characters.ndjson` what a code page may have changed.
"""

import os
from pathlib import Path
from typing import BinaryIO, Final, cast

from api.imports.as_one.steps import PLACES, Report
from api.imports.as_one.survey import Survey
from api.imports.errors import UndeliveredError
from api.imports.outputs import NAMES, line_of, noted, open_private, quarantined
from api.imports.rows import FileRow
from ledger.values import Json
from ledger_emitter.answers import Problem
from ledger_emitter.records import public_code

BAD_LINES: Final = "bad_lines"
"""Status of what was not sent, for lines of the file are bad."""

_OF_A_RECORD: Final = ("persons", "repeated", "persons_with_findings")
_OUTCOME_MEMBERS: Final = ("position", "transfer", *_OF_A_RECORD, "lawful", "findings")


def counts_of(survey: Survey) -> Report:
    """What the report says of the file, however it ends."""
    return {
        "lines": survey.lines,
        "blank": survey.blank,
        "left_out": cast("Json", sorted(survey.bad)),
    }


def bad_report(survey: Survey) -> Report:
    """Nothing is recorded: lines are bad, and each is named."""
    bad: list[Json] = []
    for line, found in sorted(survey.bad.items()):
        entry: dict[str, Json] = {"line": line, "code": found[0].code}
        if found[0].pointer and found[0].pointer in PLACES:
            entry["pointer"] = found[0].pointer
        bad.append(entry)
    return {"status": BAD_LINES, "lines": survey.lines, "blank": survey.blank, "bad": bad}


def report_of(result: Problem, counts: Report) -> Report:
    """What became of it.

    Args:
        result: as the ledger tells it.

    Raises:
        UndeliveredError: it tells none.
    """
    status = result.get("status")
    if not isinstance(status, str):
        raise UndeliveredError("UNEXPECTED_ANSWER", 200)
    report: dict[str, Json] = {"status": status}
    if "persons" in result:
        report["persons_with_findings"] = 0
    report |= {name: cast("Json", result[name]) for name in _OUTCOME_MEMBERS if name in result}
    problem = result.get("problem")
    if isinstance(problem, dict):
        report["code"] = public_code(status, str(cast("Problem", problem).get("code")))
    return {**report, **counts}


class TransferOutputs:
    """The files of the folder."""

    def __init__(self, folder: Path) -> None:
        self._report, self._quarantine, self._characters = (folder / name for name in NAMES)
        self._open: dict[Path, BinaryIO] = {}

    def begin(self) -> None:
        """Forget what an earlier pass has found."""
        for path in (self._quarantine, self._characters):
            path.unlink(missing_ok=True)

    def bad(self, row: FileRow) -> None:
        """A line that is left out."""
        self._write(self._quarantine, line_of(quarantined(row, None)))

    def noticed(self, row: FileRow) -> None:
        """A line with characters that a code page may have changed."""
        self._write(self._characters, line_of(noted(row)))

    def end(self) -> None:
        """What was found is on disk."""
        for file in self._open.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        self._open.clear()

    def report(self, report: Report) -> None:
        """Write the report, in the place of an earlier one."""
        with open_private(self._report) as file:
            file.truncate()
            file.write(line_of(report))
            file.flush()
            os.fsync(file.fileno())

    def _write(self, path: Path, line: bytes) -> None:
        if path not in self._open:
            self._open[path] = open_private(path)
        self._open[path].write(line)
