"""`rebuild`: the read side built anew, against decoding the same events without a database.

The baseline holds the stored events in memory and does to them what cannot be spared: read each
header, unseal each part, find the persons. The rebuild also reads them from PostgreSQL and writes
the index, a durable transaction a batch, and switches to it.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Final

from api.container import Container
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.places import Place, durable_place
from benchmarks.samples import SOURCE, data
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import StoredFact
from ledger.values import CheckedTransfer
from projections import entries
from projections.rebuild import rebuild

_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many events are read again."""

    events: int = 40_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place:
        report("rebuild", _measured(place, size or Size()))


def _measured(place: Place, size: Size) -> dict[str, Figure]:
    with closing(place.house()) as house:
        fill(house, size.events)
        head = house.reads.head()
        follower = house.follower()
        with follower.connect() as connection:
            follower.catch_up(connection, head)
        stored: list[StoredFact] = []
        while len(stored) < head:
            stored += house.reads.facts_after(len(stored), follower.batch_max)

        def decode() -> float:
            started = time.perf_counter()
            for begin in range(0, head, follower.batch_max):
                batch = stored[begin : begin + follower.batch_max]
                entries.rows(follower.opened(batch), house.secret)
            return head / (time.perf_counter() - started)

        def build() -> float:
            with house.follower().connect() as connection:
                started = time.perf_counter()
                assert rebuild(house.follower(), connection) == head, "all was read"
                return head / (time.perf_counter() - started)

        found = interleaved({"decode": decode, "rebuild": build}, size.rounds)
    return {
        "ratio": ratio(found["rebuild"], found["decode"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "events": head,
        "rebuild_per_s": median(found["rebuild"]),
        "decode_per_s": median(found["decode"]),
    }


def fill(house: Container, events: int) -> None:
    """Record so many transfers."""
    ledger = house.ledger()
    numbers = count()
    for _ in range(0, events, _BATCH):
        commands = [
            RecordTransfer(
                random_uuid(),
                "bench",
                SOURCE,
                f"rebuild-{number}",
                CheckedTransfer(data(number)),
            )
            for number in (next(numbers) for _ in range(min(_BATCH, events)))
        ]
        ledger.record(commands, now())
