"""`pages`: every page of the officers on the demo, against a bare page of the same size.

The demo runs as anybody starts it, with its year and its cases; people sign in at its provider, and
each page of the list of routes is asked for by somebody who may see it, with ids that stand on the
pages. Beside each answer the same framework in the same kind of web server, in a process of its
own, answers with as many bytes. A page that nobody can reach is named and fails the run, and so
does one whose median is over the limit.

Pages that read records leave on a grid of time (0049), whatever their work took.
"""

import os
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median
from typing import Final

import typer
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse

from api.serving.web import keep_to_one_core, web_server
from api.settings import Settings
from benchmarks.demo import Browser, Demo, demonstrated
from benchmarks.figures import Figure, cores, flush_ms, report
from benchmarks.processes import beside
from benchmarks.reaching import Reached, pages, reached

LIMIT_MS: Final = 200.0
GRID_MS: Final = Settings(name="bench").even_answers_ms
_BARE: Final = "/bare"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked.

    Attributes:
        persons: in the demo, as many as it has unless somebody says otherwise.
        samples: of each page; its addresses take turns.
        limit_ms: what the median of each page may be.
    """

    persons: int = 2_000
    samples: int = 25
    limit_ms: float = LIMIT_MS


@dataclass(frozen=True, slots=True)
class _Times:
    """What one page took, and the bare one beside it, in milliseconds; its last size in bytes."""

    page: Reached
    taken: list[float]
    bare: list[float]
    size: int

    @property
    def median(self) -> float:
        """Of the page."""
        return median(self.taken)


def run(size: Size | None = None, routes: Callable[[], Sequence[APIRoute]] = pages) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when a page was not reached or is over the limit.
    """
    size = size or Size()
    with (
        demonstrated(size.persons) as demo,
        _bare_server() as port,
        closing(Browser(f"http://127.0.0.1:{port}")) as bare,
    ):
        found, missing = reached(demo, routes())
        measured = [_measured(one, bare, size) for one in found]
        figures = _figures(demo, measured, missing, size)
    for one in sorted(measured, key=lambda one: -one.median):
        typer.echo(_line(one))
    for path in missing:
        typer.echo(f"not reached: {path}")
    _verdict(measured, missing, size)
    report("pages", figures)
    if figures["verdict"] != "PASS":
        raise typer.Exit(1)


def _measured(page: Reached, bare: Browser, size: Size) -> _Times:
    times = _Times(page, [], [], 0)
    for number in range(size.samples):
        answer = page.ask(number)
        beside = bare.get(f"{_BARE}?size={len(answer.body)}")
        assert len(beside.body) == len(answer.body), "the same size"
        times.taken.append(answer.seconds * 1000)
        times.bare.append(beside.seconds * 1000)
        times = _Times(page, times.taken, times.bare, len(answer.body))
    return times


def _line(one: _Times) -> str:
    grid = f"grid {GRID_MS} ms" if one.page.is_even else "no grid"
    who = one.page.who or "nobody"
    return (
        f"{one.page.path:<42}{who:<15}{one.median:8.1f} ms, worst {max(one.taken):8.1f};"
        f" bare {median(one.bare):6.2f} ms, {one.size:>8,} bytes; {grid};"
        f" {len(one.page.addresses)} addresses"
    )


def _verdict(measured: Sequence[_Times], missing: Sequence[str], size: Size) -> None:
    over = [one for one in measured if one.median > size.limit_ms]
    for one in over:
        typer.echo(f"FAIL: {one.page.path} has a median of {one.median:.1f} ms")
    if not over and not missing:
        typer.echo(f"PASS: the median of each of {len(measured)} pages is <= {size.limit_ms:g} ms")


def _figures(
    demo: Demo, measured: Sequence[_Times], missing: Sequence[str], size: Size
) -> dict[str, Figure]:
    slowest = max(measured, key=lambda one: one.median)
    at_once = max(
        (one for one in measured if not one.page.is_even), key=lambda one: one.median, default=None
    )
    is_over = slowest.median > size.limit_ms
    return {
        "ratio": slowest.median / median(slowest.bare),
        "cores": cores(),
        "load": os.getloadavg()[0],
        "flush_ms": flush_ms(demo.folder),
        "persons": size.persons,
        "samples": size.samples,
        "limit_ms": size.limit_ms,
        "verdict": "FAIL" if is_over or missing else "PASS",
        "pages": len(measured),
        "not_reached": len(missing),
        "grid_ms": GRID_MS,
        "slowest": slowest.page.path,
        "slowest_ms": slowest.median,
        "slowest_bare_ms": median(slowest.bare),
        "worst_ms": max(max(one.taken) for one in measured),
        "median_ms": median(one.median for one in measured),
        "bare_ms": median(median(one.bare) for one in measured),
        "without_grid": None if at_once is None else at_once.page.path,
        "without_grid_ms": None if at_once is None else at_once.median,
    }


@contextmanager
def _bare_server() -> Generator[int]:
    """The port of the framework with one page that does nothing."""
    with beside(_serve_bare, Settings(name="bench")) as pipe:
        yield pipe.recv()


def _serve_bare(settings: Settings, ready: Connection) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    async def bare(size: int) -> HTMLResponse:
        return HTMLResponse(b"-" * size)

    app.add_api_route(_BARE, bare, response_class=HTMLResponse)
    if settings.http_pinned:
        keep_to_one_core(0)  # where the demo's web process is: the two take turns
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = web_server(app, settings)
    ready.send(listener.getsockname()[1])
    server.run(sockets=[listener])
