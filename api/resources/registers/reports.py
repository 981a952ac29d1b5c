"""The problems of a register: as CSV for Excel, and a page of them each, sealed like the file.

They tell rows and columns, and nothing that stands in them.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from api.resources.registers.problems import CellProblem
from ledger.csv_guard import guarded
from ledger.store.registers import RegisterRow, Registers

HEADINGS: Final = ("行", "列", "位置", "コード", "条文", "対応")
PAGE: Final = 100
PAGES_MAX: Final = 500
"""What lies beyond is counted, and told once what comes before it is mended."""


class ProblemWriter:
    """Takes problems as they come. Begin with a register that has none.

    Attributes:
        codes: of all of them, those beyond the last page too.
    """

    def __init__(self, registers: Registers, register: RegisterRow) -> None:
        self._registers = registers
        self._register = register
        self._waiting: list[CellProblem] = []
        self._pages = 0
        self.codes: Counter[str] = Counter()

    def add(self, problems: Iterable[CellProblem]) -> None:
        """Take some more."""
        for one in problems:
            self.codes[one.code] += 1
            if self._pages == PAGES_MAX:
                continue
            self._waiting.append(one)
            if len(self._waiting) == PAGE:
                self.end()

    def end(self) -> None:
        """Keep what is left."""
        if not self._waiting:
            return
        rows = [
            (one.row, one.column, one.pointer, one.code, one.article, one.message)
            for one in self._waiting
        ]
        self._registers.put(self._register, "problems", self._pages, orjson.dumps(rows))
        self._pages += 1
        self._waiting.clear()


def page_of(registers: Registers, register: RegisterRow, number: int) -> list[CellProblem]:
    """The problems of a page, from 0; none beyond the last one."""
    content = registers.piece(register, "problems", number)
    return [] if content is None else [CellProblem(*row) for row in orjson.loads(content)]


def pages_of(registers: Registers, register: RegisterRow) -> Iterator[list[CellProblem]]:
    """All pages, one in memory at a time."""
    for number in range(PAGES_MAX):
        found = page_of(registers, register, number)
        if not found:
            return
        yield found


def lines(problems: Iterable[CellProblem]) -> Iterator[str]:
    """The whole report, line by line; the first one begins with a byte order mark."""
    # With a mark, or Excel would take it for CP932.
    yield "\ufeff" + _line(HEADINGS)
    yield from map(line_of, problems)


def line_of(one: CellProblem) -> str:
    """A line of the report. A heading could be a formula, so a spreadsheet takes none for one."""
    cells = (one.column, one.pointer, one.code, one.article, one.message)
    return _line((one.row, *map(guarded, cells)))


def _line(cells: Iterable[int | str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
