"""`lookup`: where a person stands, asked of an index of a million rows and of a hundred million.

The people asked about have ten records each, in the log as in the index; the other rows are of
persons who do not exist. The question is that with which every history begins. A bare statement on
the same connection is timed beside it: what the machine does differently at another size, it shows.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import typer

from api.container import Container
from benchmarks.figures import Figure, cores, flush_ms, report
from benchmarks.index_rows import filled
from benchmarks.places import Place, durable_place
from benchmarks.samples import SOURCE, data
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer, PrincipalRef

RECORDS: Final = 10
_PERSONS_EACH: Final = 1_000
_MICROSECONDS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """What is asked, and of how much.

    Attributes:
        rows: of the index, rising; the ratio is of the last to the first.
        persons: with ten records each, a multiple of 1,000.
        reads: lookups a size.
    """

    rows: tuple[int, ...] = (1_000_000, 10_000_000, 100_000_000)
    persons: int = 2_000
    reads: int = 20_000


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place, closing(place.house()) as house:
        report("lookup", _measured(place, house, size or Size()))


def _measured(place: Place, house: Container, size: Size) -> dict[str, Figure]:
    persons = _known(house, size.persons)
    head = house.histories.reached()
    keys = [house.streams.principal_key(one) for one in persons]
    there = size.persons * RECORDS
    figures: dict[str, Figure] = {}
    rows = house.streams.exclusions.rows

    def lookup(n: int) -> None:
        assert len(rows.positions_of([keys[n]], head).transfers) == RECORDS, "the person has ten"

    def page(n: int) -> None:
        assert len(house.histories.page([persons[n]], head, None, 100).entries) == RECORDS

    def bare(_: int) -> None:
        house.reader.read(lambda c: c.execute("SELECT 1", prepare=True).fetchone())

    for wanted in size.rows:
        filled(place.admin_of_ledger, "entries_a", there, wanted)
        there = wanted
        typer.echo(f"{wanted:,} rows", err=True)
        for name, ask, times in (
            ("lookup", lookup, size.reads),
            ("page", page, size.reads // 10),
            ("bare", bare, size.reads),
        ):
            middle, late = _timed(ask, len(persons), times)
            figures[f"{name}_us_at_{wanted}"] = middle
            figures[f"{name}_p99_us_at_{wanted}"] = late
    first, *_, last = size.rows

    def grown(name: str) -> float:
        above, below = figures[f"{name}_at_{last}"], figures[f"{name}_at_{first}"]
        assert isinstance(above, float)
        assert isinstance(below, float)
        return above / below

    return {
        "ratio": grown("lookup_p99_us"),
        "ratio_of_medians": grown("lookup_us"),
        "ratio_of_pages": grown("page_p99_us"),
        "ratio_of_bare": grown("bare_p99_us"),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        **figures,
    }


def _known(house: Container, persons: int) -> list[PrincipalRef]:
    """Record ten transfers, far apart, of each of the people who are asked about."""
    ledger = house.ledger()
    for record in range(RECORDS):
        for first in range(0, persons, _PERSONS_EACH):
            commands = [
                RecordTransfer(
                    random_uuid(),
                    "bench",
                    SOURCE,
                    f"lookup-{record}-{number}",
                    CheckedTransfer(data(number)),
                )
                for number in range(first, min(first + _PERSONS_EACH, persons))
            ]
            ledger.record(commands, now())
    follower = house.follower()
    with follower.connect() as connection:
        follower.catch_up(connection, house.reads.head())
    return [PrincipalRef("member", f"M-{number:09}") for number in range(persons)]


def _timed(ask: Callable[[int], None], persons: int, times: int) -> tuple[float, float]:
    """Median and 99th percentile in microseconds, once everybody was asked about."""
    for n in range(persons):
        ask(n)
    drawn = random.Random(7)  # noqa: S311 -- an order, no secret
    order = [drawn.randrange(persons) for _ in range(times)]
    gc.collect()
    gc.disable()
    try:
        found = sorted(_once(ask, n) for n in order)
    finally:
        gc.enable()
    return _at(found, 0.5), _at(found, 0.99)


def _once(ask: Callable[[int], None], n: int) -> float:
    started = time.perf_counter()
    ask(n)
    return time.perf_counter() - started


def _at(found: Sequence[float], share: float) -> float:
    return found[min(int(len(found) * share), len(found) - 1)] * _MICROSECONDS
