"""`strangers`: what requests of nobody known cost everybody else.

One web process of the ledger. While it is asked `GET /health/live` again and again on a connection
of its own, a crowd does one of four things: 400 connections that say nothing; 30 MB of headers,
each head ten times as long as it may be; 16 clients that ask for `/openapi.json`, the largest
answer that anybody gets; 200 connections that ask for it twelve times at once and read nothing. The
baseline is the same question without a crowd. A 99th percentile of 100 ms, or a process that grows
by 50 MB, fails the run.
"""

import multiprocessing
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median, quantiles
from typing import Final, cast

from api.server.limits import HEAD_BYTES_MAX
from benchmarks.figures import Figure, cores, flush_ms, judged, over
from benchmarks.memory import memory
from benchmarks.places import durable_place
from benchmarks.processes import beside, serving
from benchmarks.timing import timed

_MB: Final = 1 << 20
_LIVE: Final = b"GET /health/live HTTP/1.1\r\nhost: bench\r\n\r\n"
_LARGEST: Final = b"GET /openapi.json HTTP/1.1\r\nhost: bench\r\n\r\n"
_GROWTH_MB: Final = 50.0
_PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Size:
    """How large the crowds are, and how long each is looked at."""

    silent: int = 400
    heads_mb: int = 30
    clients: int = 16
    unread: int = 200
    seconds: float = 10.0
    limit_ms: float = 100.0


@dataclass(frozen=True, slots=True)
class _Crowd:
    """What one process of strangers does at a port."""

    name: str
    port: int
    size: Size


def run(size: Size | None = None) -> None:
    """Measure and print.

    Raises:
        typer.Exit: with 1, when somebody waited, or the process grew, by too much.
    """
    size = size or Size()
    figures: dict[str, Figure] = {"ratio": 0.0, "cores": cores()}
    with durable_place() as place, serving(place) as port:
        [server] = [str(one.pid) for one in multiprocessing.active_children()]
        figures["flush_ms"] = flush_ms(place.folder)
        _asked(port, _LARGEST)  # what is made once is made before
        for name in ("idle", *_CROWDS):
            before = memory(server, "VmRSS")
            with ExitStack() as there:
                if name in _CROWDS:
                    there.enter_context(beside(_gather, _Crowd(name, port, size))).recv()
                taken, largest = _looked_at(port, server, size.seconds)
            figures[f"{name}_ms"] = median(taken) * 1000
            figures[f"{name}_p99_ms"] = quantiles(taken, n=100)[-1] * 1000
            figures[f"{name}_longest_ms"] = max(taken) * 1000
            figures[f"{name}_growth_mb"] = (largest - before) / _MB
    late = [f"{name}_p99_ms" for name in _CROWDS]
    growth = [f"{name}_growth_mb" for name in _CROWDS]
    values = cast("dict[str, float]", figures)
    figures["ratio"] = max(values[name] for name in late) / values["idle_ms"]
    failed = over(figures, size.limit_ms, *late) + over(figures, _GROWTH_MB, *growth)
    judged("strangers", figures, failed, "nobody waits for a crowd, and memory stays")


def _looked_at(port: int, server: str, seconds: float) -> tuple[list[float], int]:
    """Seconds of each answer while the crowd is there, and the largest memory of the server."""
    taken, largest, end = list[float](), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        taken.append(_asked(port, _LIVE))
        largest = max(largest, memory(server, "VmRSS"))
        time.sleep(_PAUSE_SECONDS)
    return taken, largest


def _asked(port: int, question: bytes) -> float:
    [answer] = timed(port, [question], 1)
    return answer.seconds


def _gather(crowd: _Crowd, ready: Connection) -> None:
    work = _CROWDS[crowd.name]
    with ExitStack() as opened:
        work(crowd, opened, ready)
        ready.recv()  # until the end


def _silent(crowd: _Crowd, opened: ExitStack, ready: Connection) -> None:
    for _ in range(crowd.size.silent):
        opened.enter_context(socket.create_connection(("127.0.0.1", crowd.port)))
    ready.send("here")


def _heads(crowd: _Crowd, opened: ExitStack, ready: Connection) -> None:
    del opened
    ready.send("here")
    head = b"GET /health/live HTTP/1.1\r\nhost: bench\r\nx: " + b"x" * 10 * HEAD_BYTES_MAX
    for _ in range(crowd.size.heads_mb * _MB // len(head) + 1):
        with (
            suppress(OSError),  # it is hung up
            socket.create_connection(("127.0.0.1", crowd.port)) as connection,
        ):
            connection.sendall(head)


def _largest(crowd: _Crowd, opened: ExitStack, ready: Connection) -> None:
    del opened
    ready.send("here")
    timed(crowd.port, [_LARGEST] * crowd.size.clients * 1_000, crowd.size.clients)


def _unread(crowd: _Crowd, opened: ExitStack, ready: Connection) -> None:
    for _ in range(crowd.size.unread):
        connection = opened.enter_context(socket.create_connection(("127.0.0.1", crowd.port)))
        connection.sendall(_LARGEST * 12)
    ready.send("here")


_CROWDS: Final[Mapping[str, Callable[[_Crowd, ExitStack, Connection], None]]] = {
    "silent": _silent,
    "heads": _heads,
    "largest": _largest,
    "unread": _unread,
}
