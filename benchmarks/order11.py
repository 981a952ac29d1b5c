"""`order11`: how long an answer takes tells nothing of records that are excluded under Order 11.

One side are people without any record, the other people all of whose records are excluded: one by
request, one as its emitter marked it. At the endpoint `shared` they are people who all have a
record, which is excluded for another person of it on one side. The same questions about both,
interleaved, over HTTP; the test of Kolmogorov and Smirnov says whether the times of the two sides
can be told apart. That it would find something is shown by the same samples with a millisecond
added to one side, and by a server that is a millisecond slower for one side: before the grid of
`api.web.latency_padding`, which must hide it, and after it, which must be found. An endpoint that
tells the sides apart fails the run, and so does a difference that is not found where there is one:
such a run could not have told.
"""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Final

import typer

from api.container import Container
from api.settings.settings import Settings
from api.web.padding_clock import NAME_STEPS, SEARCH_STEPS
from benchmarks.figures import Figure, cores, flush_ms, judged
from benchmarks.places import Place, durable_place
from benchmarks.planting import Planted, planted
from benchmarks.processes import following
from benchmarks.readings import caught_up
from benchmarks.samples import SOURCE, data
from benchmarks.sides import Counts, Pair, Sides
from ledger.clock import now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer

GRID_MS: Final = Settings(name="bench").even_answers_ms
_BATCH: Final = 1_000
_STEPS: Final = {
    "candidates": NAME_STEPS,
    "principal": SEARCH_STEPS,
    "decisions": SEARCH_STEPS,
    "submit": SEARCH_STEPS,
    "dispatch": SEARCH_STEPS,
}
"""Of the grid, of endpoints that leave on a coarser one."""
_CONTROLS: Final[Mapping[str, tuple[bool, str]]] = {
    "before": (False, "the grid does not hide a millisecond of work"),
    "after": (True, "a millisecond behind the grid is not found"),
    "no_grid": (True, "the sides are not told apart without the grid"),
}
"""Servers that differ from the one that serves: must the test find it, and what is wrong if not."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked.

    Attributes:
        samples: of each side at each endpoint; rendered: at the endpoint that sets a letter.
        people: of each side, who are asked about in turn.
        others: transfers of other people, so that the index is not empty.
        connections: at once, each of which waits for the grid.
        grid_ms: `Settings.even_answers_ms` of the server.
    """

    samples: int = 2_000
    rendered: int = 2_000
    posted: int = 500
    people: int = 20
    others: int = 2_000
    connections: int = 4
    grid_ms: int = GRID_MS


def run(size: Size | None = None) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when an endpoint tells the sides apart, or nothing would have been
        found.
    """
    size = size or Size()
    with durable_place() as place, following(place):
        endpoints = _measured(place, size)
        figures = _figures(place, endpoints, size)
    passed = "no endpoint tells the sides apart, and each planted millisecond is found"
    judged("order11", figures, failures(endpoints), passed)


def failures(endpoints: Mapping[str, Pair]) -> list[str]:
    """What is wrong, in words: of each endpoint, and of each control of `_CONTROLS`."""
    failed: list[str] = []
    for name, pair in endpoints.items():
        if name in _CONTROLS:
            must_differ, wrong = _CONTROLS[name]
            if pair.differs is not must_differ:
                failed.append(f"{name}: {wrong}, p {pair.p:.2g}")
            continue
        if pair.differs:
            share = f"{pair.share:.2f} of the critical distance"
            failed.append(f"{name} tells the sides apart: D {pair.d:.4f}, {share}, p {pair.p:.2g}")
        if not (shifted := pair.shifted()).differs:
            failed.append(f"{name}: a millisecond more would not be found, p {shifted.p:.2g}")
    return failed


def _measured(place: Place, size: Size) -> dict[str, Pair]:
    credential = place.credential("records:exclude", "cases:read", "cases:write")
    with planted(place, Planted(size.grid_ms)) as port, closing(place.house()) as house:
        _fill(house, size.others)
        sides = Sides(port, credential, size.people)
        caught_up(place.urls.reader)
        endpoints = {"histories": sides.histories(port, size.samples, size.connections)}
        endpoints["shared"] = sides.shared(port, size.samples, size.connections)
        _tell(endpoints)
        approver = place.credential("cases:read", "cases:approve")
        counts = Counts(size.samples, size.rendered, size.posted)
        endpoints |= sides.cases(port, house, counts, size.connections, approver)
        _tell(endpoints)
    whom = frozenset(sides.excluded)
    controls = {
        "before": Planted(size.grid_ms, "before", whom),
        "after": Planted(size.grid_ms, "after"),
        "no_grid": Planted(0),
    }
    assert controls.keys() == _CONTROLS.keys(), "each is judged"
    for name, how in controls.items():
        with planted(place, how) as port:
            endpoints[name] = sides.histories(port, size.samples, size.connections)
    return endpoints


def _tell(endpoints: Mapping[str, Pair]) -> None:
    shown = ", ".join(f"{name} D {one.d:.4f} p {one.p:.3g}" for name, one in endpoints.items())
    typer.echo(shown, err=True)


def _figures(place: Place, endpoints: Mapping[str, Pair], size: Size) -> dict[str, Figure]:
    real = [pair for name, pair in endpoints.items() if name not in _CONTROLS]
    found: dict[str, Figure] = {
        "ratio": max(pair.share for pair in real),
        "cores": cores(),
        "load": os.getloadavg()[0],
        "flush_ms": flush_ms(place.folder),
        "grid_ms": size.grid_ms,
        "connections": size.connections,
    }
    for name, pair in endpoints.items():
        found |= {
            f"{name}_samples": len(pair.without),
            f"{name}_ms": median(pair.without) * 1000,
            f"{name}_d": pair.d,
            f"{name}_p": f"{pair.p:.2g}",  # four digits after the point would make it 0
        }
        if name not in _CONTROLS:
            steps = _STEPS.get(name, 1)
            found[f"{name}_late"] = pair.late(size.grid_ms * steps / 1000)
            found[f"{name}_shifted_p"] = f"{pair.shifted().p:.2g}"
    return found


def _fill(house: Container, others: int) -> None:
    ledger = house.ledger()
    for begin in range(0, others, _BATCH):
        ledger.record(
            [
                RecordTransfer(
                    random_uuid(), "bench", SOURCE, f"other-{n}", CheckedTransfer(data(n))
                )
                for n in range(begin, min(begin + _BATCH, others))
            ],
            now(),
        )
