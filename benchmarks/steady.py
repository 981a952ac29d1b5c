"""A writer that keeps its beat: one transfer at each stroke, whatever goes on beside it.

A latency counts from the stroke, not from the moment at which the writer came to it: an append that
hangs for a second is not one slow append but as many as were due in that second.
"""

import gc
import math
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from typing import Final

from api.server.gc_policy import GC_OBJECTS_MIN
from benchmarks.places import Place
from benchmarks.processes import beside
from benchmarks.samples import SOURCE, data
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer

APPENDS_PER_S: Final = 40


class NotRecordedError(Exception):
    """An append was refused; the figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One append.

    Attributes:
        due: when it was due, on the clock that all processes of the machine share.
        seconds: from then until it was acknowledged.
    """

    due: float
    seconds: float


@contextmanager
def steady_writer(place: Place) -> Generator[Connection]:
    """A writer in a process of its own; send a word and it stops and sends its `Stroke`s."""
    with beside(_write, place) as pipe:
        pipe.recv()
        yield pipe


def between(strokes: Sequence[Stroke], begin: float, end: float) -> list[float]:
    """Latencies in milliseconds of what was due in that time, rising."""
    return sorted(one.seconds * 1000 for one in strokes if begin <= one.due < end)


def percentile(rising: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not exceed; one of them, nothing in between."""
    return rising[max(math.ceil(len(rising) * percent / 100), 1) - 1]


def _write(place: Place, pipe: Connection) -> None:
    with closing(place.house()) as house:
        ledger = house.ledger()
        numbers = count()

        def append() -> None:
            number = next(numbers)
            checked = CheckedTransfer(data(number))
            command = RecordTransfer(random_uuid(), "bench", SOURCE, f"steady-{number}", checked)
            [outcome] = ledger.record([command], now())
            if outcome.status != "recorded":
                raise NotRecordedError(outcome.status)

        append()  # connects, makes the day's key
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_OBJECTS_MIN)  # as the web process does
        pipe.send(None)
        strokes: list[Stroke] = []
        begun = time.monotonic()
        while not pipe.poll():
            due = begun + len(strokes) / APPENDS_PER_S
            time.sleep(max(due - time.monotonic(), 0))
            append()
            strokes.append(Stroke(due, time.monotonic() - due))
        pipe.recv()
        pipe.send(strokes)
        pipe.recv()
