"""`tree`: leaves taken into the log's tree and signed, against hashing them without writing tiles.

The baseline makes the root of the same leaves in memory, which no tree can be spared. `tree` also
writes and flushes every tile, signs, and moves the anchor. `ledger_per_s` reads the events from
PostgreSQL too and hashes their headers.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.places import Place, durable_place
from benchmarks.rebuild import fill
from ledger.crypto.seed_signer import SeedSigner
from ledger.log.log_root import leaves
from ledger.merkle import root_of
from projections.log.anchor import FileAnchor
from projections.log.folder import TileFolder
from projections.log.integrator import Integrator

_ORIGIN: Final = "ledger.example.jp/bench"
_ONE_BY_ONE: Final = 200
"""Checkpoints of one new event each, for `checkpoint_ms`."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many leaves; how many of them are events of a ledger."""

    leaves: int = 500_000
    events: int = 40_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place:
        report("tree", _measured(place, size or Size()))


def _measured(place: Place, size: Size) -> dict[str, Figure]:
    made = [sha256(number.to_bytes(8, "big")).digest() for number in range(size.leaves)]
    names = count()
    with TemporaryDirectory(dir=place.folder) as kept, closing(place.house()) as house:
        fill(house, size.events)
        head = house.reads.head()

        def fresh() -> Path:
            path = Path(kept) / str(next(names))
            path.mkdir()
            return path

        def hashing() -> float:
            started = time.perf_counter()
            root_of(made)
            return size.leaves / (time.perf_counter() - started)

        def tree() -> float:
            integrator = _integrator(fresh(), made)
            started = time.perf_counter()
            assert integrator.begin().size == size.leaves, "all was taken in"
            return size.leaves / (time.perf_counter() - started)

        def ledger() -> float:
            integrator = _integrator(fresh(), [])
            integrator.head = lambda: head
            integrator.leaves = lambda begin, end: leaves(house.reader, end, begin)
            started = time.perf_counter()
            assert integrator.begin().size == head, "all was taken in"
            return head / (time.perf_counter() - started)

        runs = {"hashing": hashing, "tree": tree, "ledger": ledger}
        found = interleaved(runs, size.rounds)
        return {
            "ratio": ratio(found["tree"], found["hashing"]),
            "cores": cores(),
            "flush_ms": flush_ms(place.folder),
            "leaves": size.leaves,
            "tree_per_s": median(found["tree"]),
            "hashing_per_s": median(found["hashing"]),
            "events": head,
            "ledger_per_s": median(found["ledger"]),
            "checkpoint_ms": _checkpoint_ms(fresh(), made),
        }


def _checkpoint_ms(path: Path, made: list[bytes]) -> float:
    """Median of a step that takes in one event: edge, signature, anchor, checkpoint."""
    begun = made[: len(made) // 2]
    integrator = _integrator(path, begun)
    integrator.begin()
    taken: list[float] = []
    for leaf in made[len(begun) : len(begun) + _ONE_BY_ONE]:
        begun.append(leaf)
        started = time.perf_counter()
        integrator.step()
        taken.append(time.perf_counter() - started)
    return median(taken) * 1000


def _integrator(path: Path, made: list[bytes]) -> Integrator:
    return Integrator(
        TileFolder(path / "log"),
        FileAnchor(path / "anchor"),
        SeedSigner(_ORIGIN, bytes(range(32))),
        lambda: len(made),
        lambda begin, end: made[begin:end],
    )
