"""What it costs to read a workbook in a process of its own, against the same in this process.

`./dev python -m benchmarks.workbook`: looks at workbooks of 20 and of 20,000 rows and reads them,
by turns; medians of seconds, and of those for which this process had a processor. `--largest` opens
and reads the largest register that Excel can hold besides, and tells for how long the other process
had a processor: `api.resources.registers.xlsx.sheet_process.LIMITS` must leave room for that.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, cast
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from api.resources.registers.cells import ROWS_MAX, Sheet, letters
from api.resources.registers.spool import Spool
from api.resources.registers.xlsx.package import Workbook
from api.resources.registers.xlsx.sheet_process import SubprocessSheet

ROUNDS: Final = 15
READ_ROUNDS: Final = 5
LOOK_ROWS: Final = 70
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS: Final = {
    "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{_RELATIONS}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns:r="{_RELATIONS}"><sheets><sheet name="台帳" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" '
    f'Type="{_RELATIONS}/worksheet" Target="sheet.xml"/><Relationship Id="r2" '
    f'Type="{_RELATIONS}/sharedStrings" Target="texts.xml"/></Relationships>',
}


def row(n: int) -> list[str]:
    """Twelve cells of a row, five of them unlike those of every other row."""
    return [
        f"R-{n:07}",
        f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}",
        f"C-{n % 400:05}",
        f"ながめカード{n % 400}株式会社",
        f"東京都千代田区外神田九丁目{n % 400}番1号",
        "代表取締役 見本 一郎",
        f"M-{n:08}",
        f"見本 {n}子",
        "氏名、住所、購入履歴",
        f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:00+09:00",
        f"同意書{n:07}号",
        f"備考 {n}",
    ]


def written(place: Path, rows: int) -> Path:
    """A workbook as Excel writes one: each text once, and its number in the cells."""
    texts: dict[str, int] = {}
    with ZipFile(place, "w", ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in _PARTS.items():
            package.writestr(name, text)
        with package.open("xl/sheet.xml", "w", force_zip64=True) as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for n in range(1, rows + 1):
                cells = (
                    f'<c r="{letters(at)}{n}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
                    for at, text in enumerate(row(n))
                )
                sheet.write(f'<row r="{n}" spans="1:12">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with package.open("xl/texts.xml", "w", force_zip64=True) as part:
            part.write(b"<sst>")
            for text in texts:
                part.write(f"<si><t>{escape(text)}</t></si>".encode())
            part.write(b"</sst>")
    return place


def opened(place: Path, stack: ExitStack, *, beside: bool) -> Sheet:
    """Its sheet, read by another process or by this one."""
    file = stack.enter_context(place.open("rb"))
    if beside:
        return stack.enter_context(closing(SubprocessSheet(file, None)))
    return cast("Sheet", Workbook(file, stack.enter_context(closing(Spool()))).sheet())


def seconds(place: Path, rows: int | None, *, beside: bool) -> tuple[float, float]:
    """How long it takes to open it and to read so many rows, all without a number.

    Both by the clock, and as this process had a processor.
    """
    began, used = time.perf_counter(), time.process_time()
    with ExitStack() as stack:
        read: Iterator[object] = opened(place, stack, beside=beside).rows()
        for _ in islice(read, rows):
            pass
    return time.perf_counter() - began, time.process_time() - used


def tell(place: Path, what: str, rows: int | None, rounds: int) -> None:
    """Measure by turns in this process and beside it, and print medians."""
    told: list[str] = []
    found = {False: list[tuple[float, float]](), True: list[tuple[float, float]]()}
    for _ in range(rounds):
        for beside, into in found.items():
            into.append(seconds(place, rows, beside=beside))
    for beside, measured in found.items():
        took, used = (median(one) for one in zip(*measured, strict=True))
        told.append(f"{'beside' if beside else 'here'} {took:.3f} s ({used:.3f} s of this process)")
    sys.stdout.write(f"{what}: {', '.join(told)}\n")


def processor_s(place: Path) -> tuple[float, float]:
    """The other process's seconds of a processor until it is open, and for one reading."""
    found: list[float] = []
    for rows in (0, None):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds(place, rows, beside=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return found[0], found[1] - found[0]


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        for rows in (20, 20_000):
            place = written(Path(folder) / f"{rows}.xlsx", rows)
            tell(place, f"look at {rows:,} rows", LOOK_ROWS, ROUNDS)
            tell(place, f"read {rows:,} rows", None, READ_ROUNDS)
        if "--largest" in sys.argv:
            largest = written(Path(folder) / "largest.xlsx", ROWS_MAX)
            size = largest.stat().st_size >> 20
            opening, reading = processor_s(largest)
            told = (
                f"{ROWS_MAX:,} rows, {size} MiB: opened in {opening:.1f} s, read in {reading:.1f} s"
            )
            sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main()
