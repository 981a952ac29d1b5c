"""`reply`: a case's letter with its files, against the typesetter alone with the same letter.

Ours is what a submission does, in a process as the web process is: the case read, its records found
and unsealed, the letter assembled, set with its files in the worker's process, and both digests.
The baseline gets the sources of that very letter ready made, in a warm process that has nothing but
the typesetter; its bytes must be the same. Both see each letter once: what the typesetter remembers
of a letter helps nobody. And both find memory that the machine holds, not one that its hypervisor
took back. Ours taking more than one and a half times as long, with few rows or with many, fails the
run.
"""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from statistics import median
from typing import Any, Final

import typer

from api.case_replies import UNISSUED
from api.container import Container
from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, judged, over, ratio
from benchmarks.letters import Asked, Made, alone, make, prepare
from benchmarks.memory import held
from benchmarks.places import Place, durable_place
from benchmarks.processes import beside, following
from benchmarks.readings import caught_up
from benchmarks.requests import Requests
from benchmarks.samples import SOURCE, data
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer, Json, PrincipalRef

SMALL: Final = 50
LARGE: Final = 10_000
LIMIT: Final = 1.5
_BATCH: Final = 1_000
_ROW_BYTES: Final = 200_000
"""Memory that a row of the large letter takes at most, while it is set."""
_NONE: Final = Made(0, 0, "", 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is set.

    Attributes:
        small, large: records of a person, each a row of its own on paper.
        letters: small ones a round, each of another person.
        empty: not-exist letters a round, the first of which warms up.
        limit: how many times as long as the typesetter alone a letter may take.
    """

    small: int = SMALL
    large: int = LARGE
    letters: int = 11
    empty: int = 11
    rounds: int = ROUNDS
    limit: float = LIMIT


class OtherLetterError(Exception):
    """The typesetter alone made other bytes: it was not the same work."""


def run(size: Size | None = None) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when few rows or many take longer than the limit.
    """
    size = size or Size()
    with durable_place() as place, following(place):
        figures = _measured(place, size)
    passed = f"no letter takes more than {size.limit:g} times what the typesetter alone does"
    judged("reply", figures, failures(figures, size.limit), passed)


def failures(figures: Mapping[str, Figure], limit: float) -> list[str]:
    """Which of the two lengths of a letter is over the limit, in words."""
    return over(figures, limit, "ratio_small", "ratio_large")


def _measured(place: Place, size: Size) -> dict[str, Figure]:
    with closing(place.house()) as house:
        plan = _Plan(house, place, size)
    found = _Found()
    for number in range(1, size.rounds + 1):
        _round(place, plan, found)
        typer.echo(f"round {number}: {found.newest()}", err=True)
    small, large = ratio(found.small, found.small_alone), ratio(found.large, found.large_alone)
    return {
        "ratio": max(small, large),
        "ratio_small": small,
        "ratio_large": large,
        "limit": size.limit,
        "cores": cores(),
        "load": os.getloadavg()[0],
        "flush_ms": flush_ms(place.folder),
        "small_rows": size.small,
        "small_ms": median(found.small) * 1000,
        "small_alone_ms": median(found.small_alone) * 1000,
        "small_pages": found.last_small.pages,
        "large_rows": size.large,
        "large_s": median(found.large) / 2,
        "large_alone_s": median(found.large_alone) / 2,
        "large_cpu_ratio": ratio(found.large_cpu, found.large_cpu_alone),
        "large_cpu_s": median(found.large_cpu) / 2,
        "large_alone_cpu_s": median(found.large_cpu_alone) / 2,
        "large_pages": found.last_large.pages,
        "empty_ms": median(found.empty) * 1000,
        "empty_alone_ms": median(found.empty_alone) * 1000,
        "cold_ms": median(found.cold) * 1000,
        "worker_small_mb": found.last_small.worker_peak / 1e6,
        "worker_large_mb": found.last_large.worker_peak / 1e6,
        "alone_large_mb": found.alone_peak / 1e6,
        "api_before_mb": found.last_large.before / 1e6,
        "api_large_mb": found.last_large.own_peak / 1e6,
    }


# -- what is asked for -----------------------------------------------------------------------------


class _Plan:
    """The cases of all rounds, decided, with the sources of their letters in files."""

    def __init__(self, house: Container, place: Place, size: Size) -> None:
        self.size = size
        self._house, self._place, self._names = house, place, count()
        people = [self._person(f"S-{n}", size.small) for n in range(size.rounds * size.letters)]
        big = self._person("LARGE", size.large)
        caught_up(place.urls.reader)
        with beside(prepare, place) as pipe:
            pipe.recv()
            self._pipe, self._requests = pipe, Requests(house)
            self.empty = [self._asked(f"NONE-{n}") for n in range(size.rounds * size.empty)]
            self.small = [self._asked(who) for who in people]
            self.large = self._asked(big)

    def of_round(self, asked: list[Asked], each: int) -> list[Asked]:
        """The next ones of `asked`."""
        taken, asked[:] = asked[:each], asked[each:]
        return taken

    def _person(self, name: str, records: int) -> str:
        ledger = self._house.ledger()
        for begin in range(0, records, _BATCH):
            ledger.record(
                [_record(name, n) for n in range(begin, min(begin + _BATCH, records))], now()
            )
        return name

    def _asked(self, name: str) -> Asked:
        who = PrincipalRef("member", name)
        case = self._requests.decided(who).case
        sources = self._place.folder / f"letter-{next(self._names)}"
        asked = Asked(case, UNISSUED, sources)
        self._pipe.send(asked)
        self._pipe.recv()
        return asked


def _record(name: str, number: int) -> RecordTransfer:
    """A record that no other one can be folded with: another company each."""
    content = data(number)
    party: dict[str, Json] = {
        "party_id": f"{name}-{number}",
        "kind": "corporation",
        "name": f"第{number + 1}青空商事株式会社",
        "address": f"東京都千代田区外神田九丁目99番{number + 1}号",
        "representative": "代表取締役 見本 一郎",
    }
    content |= {
        "counterparty": party,
        "principals": [{"scheme": "member", "id": name, "name": "見本 花子"}],
    }
    return RecordTransfer(
        random_uuid(), "bench", SOURCE, f"reply-{name}-{number}", CheckedTransfer(content)
    )


# -- one round -------------------------------------------------------------------------------------


class _Found:
    """Seconds of the rounds; of the large letter of both turns together."""

    def __init__(self) -> None:
        self.small: list[float] = []
        self.small_alone: list[float] = []
        self.large: list[float] = []
        self.large_alone: list[float] = []
        self.empty: list[float] = []
        self.empty_alone: list[float] = []
        self.cold: list[float] = []
        self.large_cpu: list[float] = []
        self.large_cpu_alone: list[float] = []
        self.alone_peak = 0
        self.last_small = self.last_large = _NONE

    def newest(self) -> str:
        """The figures of the last round."""
        return (
            f"small {self.small[-1] * 1000:,.0f} and {self.small_alone[-1] * 1000:,.0f} ms,"
            f" twice the large one {self.large[-1]:,.2f} and {self.large_alone[-1]:,.2f} s"
        )


def _round(place: Place, plan: _Plan, found: _Found) -> None:
    warm = _few(place, plan, found)
    # Minutes of a machine differ by more than what is asked: ours is first once, and last once.
    first = _large(place, plan, warm)
    told = [_large_alone(plan, warm) for _ in range(2)]
    last = _large(place, plan, warm)
    found.last_large = last
    found.large.append(first.seconds + last.seconds)
    found.large_alone.append(sum(_same(last, one) for one in told))
    found.large_cpu.append(first.cpu_seconds + last.cpu_seconds)
    found.large_cpu_alone.append(sum(one["cpu_seconds"] for one in told))
    found.alone_peak = max(found.alone_peak, *(one["peak"] for one in told))


def _few(place: Place, plan: _Plan, found: _Found) -> Asked:
    """Letters without records and with few, by turns; the first of them warms up others."""
    size = plan.size
    first, *rest = plan.of_round(plan.empty, size.empty)
    with beside(make, place) as pipe, alone() as typeset:
        pipe.recv()
        # The first letter of a process waits for the font, on both sides.
        cold = _made(pipe, first)
        found.cold.append(cold.seconds)
        _same(cold, typeset(first.sources))
        for asked in rest:
            made = _made(pipe, asked)
            found.empty.append(made.seconds)
            found.empty_alone.append(_same(made, typeset(asked.sources)))
        small: list[Made] = []
        small_alone: list[float] = []
        for asked in plan.of_round(plan.small, size.letters):
            small.append(_made(pipe, asked))
            small_alone.append(_same(small[-1], typeset(asked.sources)))
    found.small.append(median(made.seconds for made in small))
    found.small_alone.append(median(small_alone))
    found.last_small = small[-1]
    return first


# A letter of the last size leaves its memory with its process: each is made in new ones.
def _large(place: Place, plan: _Plan, warm: Asked) -> Made:
    with beside(make, place) as pipe:
        pipe.recv()
        _made(pipe, warm)
        held(plan.size.large * _ROW_BYTES)
        return _made(pipe, plan.large)


def _large_alone(plan: _Plan, warm: Asked) -> dict[str, Any]:
    with alone() as typeset:
        typeset(warm.sources)
        held(plan.size.large * _ROW_BYTES)
        return typeset(plan.large.sources)


def _made(pipe: Connection, asked: Asked) -> Made:
    pipe.send(asked)
    return pipe.recv()


def _same(made: Made, told: dict[str, Any]) -> float:
    """The baseline's seconds.

    Raises:
        OtherLetterError: it made another letter.
    """
    if told["sha256"] != made.sha256:
        raise OtherLetterError
    return told["seconds"]
