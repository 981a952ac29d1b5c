"""`export`: a bag made of a ledger, against `COPY TO` of the rows that it is made of.

The baseline writes the same events with their sealed parts to a file, as PostgreSQL sends them: in
the text format, as `COPY` does unless it is told otherwise. Nothing is opened, hashed or shown. The
bag is signed, with pseudonyms, of all records: `export` is the whole one, as `ledger export` makes
it, `records` the same without the workbook and the report that are made of its table. `memory_mb`
is the peak of the process while it made the whole one, and `memory_tenth_mb` that of one of a tenth
of the events, made before in the same process.
"""

import os
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, LiteralString

import psycopg

from api.container import Container
from api.resources.exports.export_run import further, versions
from api.resources.exports.workbook_beside import open_workbook
from api.server.gc_policy import collect_seldom
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.memory import forget_peak, memory
from benchmarks.places import Place, durable_place
from benchmarks.rebuild import fill
from ledger.clock import now
from ledger.crypto.notes import signed_note
from ledger.crypto.pseudonyms import random_stream
from ledger.crypto.seed_signer import SeedSigner
from ledger.exports.export_request import ExportRequest, SignedCheckpoint
from ledger.exports.exporter import Exporter, FinishedBag
from ledger.exports.filters import Filters
from ledger.exports.pseudonyms import SEED_BYTES
from ledger.log.log_root import log_root
from ledger.merkle.checkpoint import Checkpoint

ORIGIN: Final = "ledger.example.jp/bench"
_MEGABYTE: Final = 1 << 20
_COPY: LiteralString = """
    COPY (SELECT e.*, s.part
            FROM ledger.events AS e
            LEFT JOIN ledger.sealed_parts AS s
              ON s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
           ORDER BY e.notification_id) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many records leave."""

    records: int = 20_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place:
        report("export", _measured(place, size or Size()))


def _measured(place: Place, size: Size) -> dict[str, Figure]:
    with TemporaryDirectory(dir=place.folder) as kept, closing(place.house()) as house:
        fill(house, size.records)
        collect_seldom()  # as the command does
        folder, used, bags, peaks = Path(kept), list[float](), list[int](), list[int]()
        a_tenth = max(size.records // 10, 1)
        tenth = _peak(house, folder / "tenth", signed_by(house, a_tenth))
        signed = signed_by(house)

        def copy() -> float:
            started = time.perf_counter()
            copied(place, folder / "copy")
            return size.records / (time.perf_counter() - started)

        def records() -> float:
            return _timed(house, folder / "bag", signed, with_further=False)[0]

        def export() -> float:
            forget_peak()
            rate, per_cpu, written = _timed(house, folder / "bag", signed, with_further=True)
            peaks.append(memory("self", "VmHWM"))
            used.append(per_cpu)
            bags.append(written)
            return rate

        runs = {"copy": copy, "records": records, "export": export}
        found = interleaved(runs, size.rounds)
    return {
        "ratio": ratio(found["export"], found["copy"]),
        "ratio_records": ratio(found["records"], found["copy"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "records": size.records,
        "export_per_s": median(found["export"]),
        "export_per_cpu_s": median(used),
        "records_per_s": median(found["records"]),
        "copy_per_s": median(found["copy"]),
        "bytes_per_record": bags[-1] / size.records,
        "memory_tenth_mb": tenth / _MEGABYTE,
        "memory_mb": max(peaks) / _MEGABYTE,
    }


def copied(place: Place, file: Path) -> None:
    """Write the rows of all events and their sealed parts to a file, and flush it."""
    with psycopg.connect(place.urls.reader) as connection, file.open("wb") as target:
        with connection.cursor().copy(_COPY) as rows:
            for part in rows:
                target.write(part)
        target.flush()
        os.fsync(target.fileno())


def _timed(
    house: Container, bag: Path, signed: SignedCheckpoint, *, with_further: bool
) -> tuple[float, float, int]:
    """Records a second, records a second of a core, and the bytes of the bag."""
    began, started = _cpu_s(), time.perf_counter()
    made = bag_of(house, bag, signed, with_further=with_further)
    seconds, core = time.perf_counter() - started, _cpu_s() - began
    records = made.tally.records
    assert records == signed.checkpoint.size, "every record is in it"
    written = sum(one.stat().st_size for one in bag.rglob("*") if one.is_file())
    rmtree(bag)
    return records / seconds, records / core, written


def signed_by(house: Container, events: int | None = None) -> SignedCheckpoint:
    """A checkpoint of the first `events` (None: of all), as a signed log has published it."""
    size = house.reads.head() if events is None else events
    signer = SeedSigner(ORIGIN, bytes(range(32)))
    checkpoint = Checkpoint(ORIGIN, size, log_root(house.reader, size))
    return SignedCheckpoint(checkpoint, signed_note(checkpoint.text, [signer]).full_text, signer)


def bag_of(
    house: Container, bag: Path, signed: SignedCheckpoint, *, with_further: bool = True
) -> FinishedBag:
    """A signed bag of all records up to a checkpoint.

    Args:
        with_further: also what is made of its files once they are written.
    """
    asked = ExportRequest(random_stream(), Filters(), now(), os.urandom(SEED_BYTES), versions())
    exporter = Exporter(house.streams)
    if with_further:
        exporter = Exporter(house.streams, further(house.ledger()), open_workbook)
    return exporter.make(asked, signed, bag, lambda _done, _all: None)


@contextmanager
def bag_place(records: int) -> Generator[Path]:
    """A bag of so many records, of a ledger that is gone again."""
    with TemporaryDirectory() as kept:
        with durable_place() as place, closing(place.house()) as house:
            fill(house, records)
            bag_of(house, Path(kept) / "bag", signed_by(house))
        yield Path(kept) / "bag"


def _peak(house: Container, bag: Path, signed: SignedCheckpoint) -> int:
    """Bytes of memory at most, while a bag up to a checkpoint is made."""
    forget_peak()
    bag_of(house, bag, signed)
    rmtree(bag)
    return memory("self", "VmHWM")


def _cpu_s() -> float:
    """Seconds of a core that this process took, and the ones that it began and that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
