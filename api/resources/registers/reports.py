"""The report of an import as CSV for Excel: rows and columns, and nothing that stands in them."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.resources.registers.problems import CellProblem

HEADINGS: Final = ("行", "列", "位置", "コード", "条文", "対応")
_LEADS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def lines(problems: Iterable[CellProblem]) -> Iterator[str]:
    """The whole report, line by line; the first one begins with a byte order mark."""
    line = io.StringIO()
    rows = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    # With a mark, or Excel would take it for CP932.
    line.write("\ufeff")
    rows.writerow(HEADINGS)
    yield line.getvalue()
    for problem in problems:
        line.seek(0)
        line.truncate()
        rows.writerow(_row(problem))
        yield line.getvalue()


class ProblemReport:
    """Writes problems as they come; close it when done."""

    def __init__(self, place: Path) -> None:
        # With a mark, or Excel would take it for CP932.
        self._file = place.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._rows.writerow(HEADINGS)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left."""
        self._file.close()

    def add(self, problem: CellProblem) -> None:
        """Write one more."""
        self._rows.writerow(_row(problem))


def _row(problem: CellProblem) -> tuple[int | str, ...]:
    cells = (problem.column, problem.pointer, problem.code, problem.article, problem.said)
    return (problem.row, *map(guarded, cells))


def guarded(text: str) -> str:
    """The text so that a spreadsheet program takes it for no formula: a heading could be one."""
    return f"'{text}" if text.lstrip(" 　").startswith(_LEADS) or text.startswith(_LEADS) else text
