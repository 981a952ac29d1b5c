"""`mixed`: single transfers while a bulk transfer is taken in, recorded and indexed, against idle.

One client sends a transfer a POST at a steady pace, slow enough that an idle ledger is never asked
twice at once; another one sends a file of persons as bulk transfers, one after the other. What is
compared is the 99th percentile of the single ones.
"""

import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Final

from benchmarks.bulk_sending import Sender, file_of
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, report
from benchmarks.load import request
from benchmarks.places import Place, durable_place
from benchmarks.processes import committing, following, serving
from benchmarks.readings import caught_up
from benchmarks.samples import body
from benchmarks.timing import timed

_PATH: Final = "/v1/transfers"
_CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent a round.

    Attributes:
        singles: transfers, one a POST.
        persons: in each bulk transfer that is sent meanwhile.
    """

    singles: int = 3_000
    persons: int = 200_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with (
        durable_place() as place,
        following(place),
        committing(place),
        serving(place) as port,
    ):
        report("mixed", _Measuring(place, port, size or Size()).figures())


class _Measuring:
    def __init__(self, place: Place, port: int, size: Size) -> None:
        self._place, self._port, self._size = place, port, size
        self._credential = place.credential()
        self._labels = count()
        self._medians: dict[str, list[float]] = {"idle": [], "busy": []}
        self._recorded = 0

    def figures(self) -> dict[str, Figure]:
        """Rounds of both, in turns."""
        found = interleaved({"idle": self._idle, "busy": self._busy}, self._size.rounds)
        ratios = [b / i for b, i in zip(found["busy"], found["idle"], strict=True)]
        return {
            "ratio": median(ratios),
            "cores": cores(),
            "flush_ms": flush_ms(self._place.folder),
            "idle_ms": median(self._medians["idle"]),
            "busy_ms": median(self._medians["busy"]),
            "idle_p99_ms": median(found["idle"]),
            "busy_p99_ms": median(found["busy"]),
            "bulk_transfers": self._recorded,
            "persons_each": self._size.persons,
        }

    def _idle(self) -> float:
        caught_up(self._place.urls.reader)
        return self._late("idle")

    def _busy(self) -> float:
        with self._sending():
            return self._late("busy")

    def _late(self, name: str) -> float:
        """The 99th percentile in milliseconds of single transfers."""
        label = f"{name}-{next(self._labels)}"
        requests = [
            request(_PATH, body(n, 1, label), self._credential) for n in range(self._size.singles)
        ]
        found = sorted(one.seconds * 1000 for one in timed(self._port, requests, _CONNECTIONS))
        self._medians[name].append(median(found))
        return found[int(len(found) * 0.99)]

    @contextmanager
    def _sending(self) -> Generator[None]:
        """Bulk transfers, one after the other, until the end of the block."""
        stop, failed = threading.Event(), list[BaseException]()
        begun = threading.Event()

        def send() -> None:
            try:
                with closing(Sender(self._port, self._credential)) as sender:
                    while not stop.is_set():
                        label = f"b{next(self._labels)}"
                        file = file_of(self._size.persons, label)
                        begun.set()
                        sender.send(file, f"mixed-{label}")
                        self._recorded += 1
            except BaseException as error:  # noqa: BLE001 -- told by whoever waits
                failed.append(error)
                begun.set()

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        begun.wait()
        time.sleep(0.5)
        try:
            yield
        finally:
            stop.set()
            thread.join()
        if failed:
            raise failed[0]
