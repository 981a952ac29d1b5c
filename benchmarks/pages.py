"""`pages`: every page of the officers on the demo, against a bare page of the same size.

The demo runs as anybody starts it, with its year and its cases; people sign in at its provider, and
each page of the list of routes is asked for by somebody who may see it, with ids that stand on the
pages. Then cases are walked through, from the envelope to delivery, and each form that is sent on
the way is measured. Beside each answer the same framework in the same kind of web server, in a
process of its own, answers with as many bytes. A page that nobody can reach is named and fails the
run, and so does one whose median is over its limit.

Pages that read records leave on a grid of time (0049), whatever their work took.
"""

import os
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from statistics import median
from typing import Final

import typer
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.server.web import keep_to_one_core, web_server
from api.settings.environment import Role
from api.settings.settings import Settings
from api.web.pages.forms import TYPE
from benchmarks.demo import Answer, Browser, Demo, demonstrated
from benchmarks.figures import Figure, cores, flush_ms, judged
from benchmarks.posting import walk
from benchmarks.posting_watched import watch
from benchmarks.processes import beside
from benchmarks.reaching import everybody, is_even, pages, reached

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


@dataclass(slots=True)
class _Times:
    """What one page took, and the bare one beside it, in milliseconds.

    Attributes:
        name: the address of its route; of what is sent with `POST` before it, and the button.
        size: its last one in bytes.
    """

    name: str
    who: Role | None
    is_even: bool
    addresses: int = 1
    size: int = 0
    taken: list[float] = field(default_factory=list[float])
    bare: list[float] = field(default_factory=list[float])

    @property
    def median(self) -> float:
        """Of the page."""
        return median(self.taken)

    def note(self, answer: Answer, bare: Browser) -> None:
        """One answer, and what the bare framework takes for as many bytes both ways."""
        path = f"{_BARE}?size={len(answer.body)}"
        beside = bare.send(path, b"-" * answer.sent, TYPE) if answer.sent else bare.get(path)
        assert len(beside.body) == len(answer.body), "the same size"
        self.size = len(answer.body)
        self.taken.append(answer.seconds * 1000)
        self.bare.append(beside.seconds * 1000)


def run(size: Size | None = None, routes: Callable[[], Sequence[APIRoute]] = pages) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when a page was not reached or is over its limit.
    """
    size = size or Size()
    with (
        demonstrated(size.persons) as demo,
        _bare_server() as port,
        closing(Browser(f"http://127.0.0.1:{port}")) as bare,
    ):
        people = everybody(demo)
        found, missing = reached(demo, people, routes())
        asked: list[_Times] = []
        for page in found:
            times = _Times(page.path, page.who, page.is_even, len(page.addresses))
            for number in range(size.samples):
                times.note(page.ask(number), bare)
            asked.append(times)
        sent = _sent(people, bare, size)
        figures = _figures(demo, (asked, sent), missing, size)
    measured = sorted((*asked, *sent), key=lambda one: -one.median)
    for one in measured:
        typer.echo(_line(one))
    failed = [f"not reached: {path}" for path in missing]
    failed += [
        f"{one.name} has a median of {one.median:.1f} ms"
        for one in measured
        if one.median > size.limit_ms
    ]
    passed = f"the median of each of {len(measured)} pages is <= {size.limit_ms:g} ms"
    judged("pages", figures, failed, passed)


def _sent(people: Mapping[Role, Browser], bare: Browser, size: Size) -> list[_Times]:
    """What is sent on the walks, each of them a case, and by those who watch."""
    found: dict[str, _Times] = {}
    for number in range(size.samples):
        for one in (*walk(people, number), *watch(people, number)):
            name = f"POST {one.path} {one.button}".rstrip()
            if name not in found:
                even = is_even(one.path, "POST")
                found[name] = _Times(name, one.who, even)
            found[name].note(one.answer, bare)
    return list(found.values())


def _line(one: _Times) -> str:
    grid = f"grid {GRID_MS} ms" if one.is_even else "no grid"
    who = one.who or "nobody"
    return (
        f"{one.name:<62}{who:<15}{one.median:8.1f} ms, worst {max(one.taken):8.1f};"
        f" bare {median(one.bare):6.2f} ms, {one.size:>8,} bytes; {grid};"
        f" {one.addresses} addresses"
    )


def _figures(
    demo: Demo, times: tuple[Sequence[_Times], Sequence[_Times]], missing: Sequence[str], size: Size
) -> dict[str, Figure]:
    asked, sent = times
    measured = [*asked, *sent]
    slowest = max(asked, key=lambda one: one.median)
    slowest_sent = max(sent, key=lambda one: one.median)
    at_once = max((one for one in asked if not one.is_even), key=lambda one: one.median)
    return {
        "ratio": slowest.median / median(slowest.bare),
        "cores": cores(),
        "load": os.getloadavg()[0],
        "flush_ms": flush_ms(demo.folder),
        "persons": size.persons,
        "samples": size.samples,
        "limit_ms": size.limit_ms,
        "pages": len(asked),
        "posts": len(sent),
        "not_reached": len(missing),
        "grid_ms": GRID_MS,
        "slowest": slowest.name,
        "slowest_ms": slowest.median,
        "slowest_bare_ms": median(slowest.bare),
        "slowest_post": slowest_sent.name,
        "slowest_post_ms": slowest_sent.median,
        "slowest_post_bare_ms": median(slowest_sent.bare),
        "worst_ms": max(max(one.taken) for one in measured),
        "median_ms": median(one.median for one in asked),
        "posts_median_ms": median(one.median for one in sent),
        "bare_ms": median(median(one.bare) for one in measured),
        "without_grid": at_once.name,
        "without_grid_ms": at_once.median,
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

    async def bare_sent(request: Request, size: int) -> HTMLResponse:
        await request.body()
        return HTMLResponse(b"-" * size)

    app.add_api_route(_BARE, bare, response_class=HTMLResponse)
    app.add_api_route(_BARE, bare_sent, methods=["POST"], response_class=HTMLResponse)
    if settings.http_pinned:
        keep_to_one_core(0)  # where the demo's web process is: the two take turns
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = web_server(app, settings)
    ready.send(listener.getsockname()[1])
    server.run(sockets=[listener])
