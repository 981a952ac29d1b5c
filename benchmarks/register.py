"""`register`: a register of 100,000 rows imported from Excel, against the same by `POST`.

The import is what `ledger import` does, in a process of its own: the whole dry run, then batch by
batch into the ledger. Once it is done as the pages do it: from where the file lies sealed, in the
background of a process, with how far it is put down.

The baseline is `batch`: bodies of 1,000 of the very same transfers, ready made in memory, by four
clients to the application. Both flush every commit.

The run fails where the large register takes more memory than the small one, but for a little: it
is read row by row.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any, Final, cast

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs] -- it ships none

from api.resources.registers import formats, import_run
from api.resources.registers.import_run import Total
from api.resources.registers.mapping import mapping_of
from api.resources.registers.transfers import Transfers
from api.web.items import Sender
from benchmarks.batch import CLIENTS, PATH
from benchmarks.figures import (
    ROUNDS,
    Figure,
    cores,
    flush_ms,
    interleaved,
    judged,
    over,
    ratio,
)
from benchmarks.load import drive, request
from benchmarks.memory import children_seen, forget_peak, memory
from benchmarks.places import Place, durable_place
from benchmarks.processes import beside, following, serving
from benchmarks.readings import caught_up
from benchmarks.samples import SOURCE, body, data
from benchmarks.sealed_register import worked
from ledger.clock import now

_BATCH: Final = 1_000
_MEGABYTE: Final = 1024 * 1024
GROWTH_LIMIT: Final = 1.15
_HEADINGS: Final = (
    *("番号", "提供年月日", "提供先ID", "提供先", "住所", "代表者"),
    *("会員番号", "氏名", "項目", "同意日時", "同意の証跡", "備考"),
)
_MAPPING: Final[dict[str, Any]] = {
    "version": 1,
    "source": SOURCE,
    "backfill": {"source_system": "記録簿", "batch": "bench"},
    "id": {"column": "番号"},
    "ignore": ["備考"],
    "constants": {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "counterparty.kind": "corporation",
        "principals.scheme": "member",
        "consent.obtained": True,
    },
    "columns": {
        "番号": {"ignore": True},
        "提供年月日": {"field": "transferred_on"},
        "提供先ID": {"field": "counterparty.party_id"},
        "提供先": {"field": "counterparty.name"},
        "住所": {"field": "counterparty.address"},
        "代表者": {"field": "counterparty.representative"},
        "会員番号": {"field": "principals.id"},
        "氏名": {"field": "principals.name"},
        "項目": {"field": "items", "separator": "、"},
        "同意日時": {"field": "consent.at"},
        "同意の証跡": {"field": "consent.evidence"},
    },
}


class OtherOutcomeError(Exception):
    """The import did something else than what is measured."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of the register, of the small one beside it, and how often.

    Attributes:
        growth_limit: how many times as much memory as the small one it may take at most.
    """

    rows: int = 100_000
    small: int = 10_000
    rounds: int = ROUNDS
    growth_limit: float = GROWTH_LIMIT


@dataclass(frozen=True, slots=True)
class _Done:
    """What one import took."""

    check_s: float
    record_s: float
    results: dict[str, int]
    before_mb: float
    peak_mb: float


def run(size: Size | None = None) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when memory grows with the register.
    """
    size = size or Size()
    with durable_place() as place, following(place), serving(place) as port:
        figures = _measured(place, port, size)
    rows = f"{size.rows:,} rows take at most {size.growth_limit:g} times the memory of"
    passed = f"{rows} {size.small:,}, by the command and by the page"
    judged("register", figures, failures(figures, size.growth_limit), passed)


def failures(figures: Mapping[str, Figure], limit: float) -> list[str]:
    """By which of the two ways the memory grows with the register, in words."""
    return over(figures, limit, "memory_growth", "page_memory_growth")


def _measured(place: Place, port: int, size: Size) -> dict[str, Figure]:
    credential = place.credential()
    numbers = count()
    done: list[_Done] = []

    def imported() -> float:
        caught_up(place.urls.reader)
        file = _written(place.folder, size.rows, f"round-{next(numbers)}")
        done.append(_alone(place, file, "recorded", size.rows))
        file.unlink()
        return size.rows / (done[-1].check_s + done[-1].record_s)

    def batch() -> float:
        caught_up(place.urls.reader)
        label = f"batch-{next(numbers)}"
        items = min(_BATCH, size.rows)
        sent = [
            request(PATH, body(first, items, label), credential)
            for first in range(0, size.rows, items)
        ]
        load = drive(port, sent, CLIENTS, b'"recorded":%d' % items)
        return load.rate * items

    small = _written(place.folder, size.small, "small")
    few = _alone(place, small, "recorded", size.small)
    again = _alone(place, small, "duplicate", size.small)
    uploaded = _alone(place, small, "duplicate", size.small, sealed=True)
    large = _written(place.folder, size.rows, "page")
    page = _alone(place, large, "recorded", size.rows, sealed=True)
    large.unlink()
    found = interleaved({"import": imported, "batch": batch}, size.rounds)
    peak_mb = max(one.peak_mb for one in done)
    return {
        "ratio": ratio(found["import"], found["batch"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "rows": size.rows,
        "import_per_s": median(found["import"]),
        "batch_per_s": median(found["batch"]),
        "check_per_s": median(size.rows / one.check_s for one in done),
        "record_per_s": median(size.rows / one.record_s for one in done),
        "again_per_s": size.small / again.record_s,
        "memory_before_mb": few.before_mb,
        "memory_small_mb": few.peak_mb,
        "memory_mb": peak_mb,
        "memory_growth": peak_mb / few.peak_mb,
        "page_check_per_s": size.rows / page.check_s,
        "page_record_per_s": size.rows / page.record_s,
        "page_memory_small_mb": uploaded.peak_mb,
        "page_memory_mb": page.peak_mb,
        "page_memory_growth": page.peak_mb / uploaded.peak_mb,
        "growth_limit": size.growth_limit,
    }


def _written(folder: Path, rows: int, label: str) -> Path:
    """A workbook of so many transfers, each a row; the day is a cell of the calendar."""
    place = folder / f"{label}.xlsx"
    book: Any = xlsxwriter.Workbook(str(place), {"tmpdir": str(folder)})
    sheet = book.add_worksheet("台帳")
    sheet.write_row(0, 0, _HEADINGS)
    for n in range(rows):
        one = cast("dict[str, Any]", data(n))
        party, consent = one["counterparty"], one["consent"]
        [person] = one["principals"]
        row = (
            f"{label}-{n}",
            one["transferred_on"],
            party["party_id"],
            party["name"],
            party["address"],
            party["representative"],
            person["id"],
            person["name"],
            "、".join(one["items"]),
            consent["at"],
            consent["evidence"],
            f"備考 {n}",
        )
        for column, text in enumerate(row):
            sheet.write_string(n + 1, column, text)
    book.close()
    return place


def _alone(place: Place, file: Path, status: str, expected: int, *, sealed: bool = False) -> _Done:
    """What an import in a process of its own took; `sealed`: as the pages do it."""
    with _importing(place) as ask:
        done = ask(file, sealed)
    if done.results != {status: expected}:
        raise OtherOutcomeError(f"expected {expected} {status}, found {done.results}")
    return done


@contextmanager
def _importing(place: Place) -> Generator[Callable[[Path, bool], _Done]]:
    with beside(_work, place) as pipe:
        pipe.recv()

        def ask(file: Path, sealed: bool) -> _Done:  # noqa: FBT001 -- through a pipe
            pipe.send((file, sealed))
            return pipe.recv()

        yield ask
        pipe.send(None)
        pipe.recv()


def _work(place: Place, pipe: Connection) -> None:
    pipe.send("ready")
    while (asked := cast("tuple[Path, bool] | None", pipe.recv())) is not None:
        file, sealed = asked
        pipe.send(_import_sealed(place, file) if sealed else _import(place, file))
    pipe.send("done")
    pipe.recv()  # it ends with whoever asked


def _import(place: Place, file: Path) -> _Done:
    settings = place.settings()
    mapping = mapping_of(_MAPPING)
    sender = Sender("0" * 32, mapping.source, may_mark=False)
    total = Total()
    house = place.house()
    try:
        with (
            children_seen() as reading,
            house.services(settings) as services,
            formats.opened(file) as sheet,
        ):
            forget_peak()
            before = memory("self", "VmRSS") / _MEGABYTE
            transfers = Transfers(sheet, mapping, lambda content: content.hex())
            started = time.perf_counter()
            for one in import_run.checked(transfers.units(), mapping, sender, now):
                if one.problems:
                    raise OtherOutcomeError(one.problems[0].code)
            checked = time.perf_counter()

            async def record() -> None:
                found = import_run.checked(transfers.units(), mapping, sender, now)
                async for batch in import_run.imported(found, mapping, services):
                    total.add(batch)

            asyncio.run(record())
            ended = time.perf_counter()
    finally:
        house.close()
    peak = (memory("self", "VmHWM") + reading.memory) / _MEGABYTE
    return _Done(checked - started, ended - checked, dict(total.results), before, peak)


def _import_sealed(place: Place, file: Path) -> _Done:
    house, settings = place.house(), place.settings()
    try:
        with children_seen() as reading, house.services(settings) as services:
            forget_peak()
            before = memory("self", "VmRSS") / _MEGABYTE
            check_s, record_s, results = asyncio.run(worked(services, file, _MAPPING))
    finally:
        house.close()
    peak = (memory("self", "VmHWM") + reading.memory) / _MEGABYTE
    return _Done(check_s, record_s, results, before, peak)
