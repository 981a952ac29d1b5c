"""What runs beside a benchmark, each in its own process as in production: server and follower."""

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.observability.logs import configure
from api.serving.application import served
from benchmarks.places import Place

ECHO: Final = "/bench/echo"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 60.0


class ProcessError(Exception):
    """A process did not start, or ended by itself."""


@contextmanager
def serving(place: Place) -> Generator[int]:
    """The port of the real application in a process of its own."""
    with _running(_serve, place) as port:
        yield port


@contextmanager
def following(place: Place) -> Generator[None]:
    """A follower in a process of its own."""
    with _running(_follow, place):
        yield


@contextmanager
def _running(work: Callable[[Place, Connection], None], place: Place) -> Generator[int]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(place, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_START_SECONDS):
            raise ProcessError(f"{work.__name__} did not start")
        try:
            port = ours.recv()
        except EOFError:
            raise ProcessError(f"{work.__name__} ended at its start") from None
        yield port
        if not process.is_alive():
            raise ProcessError(f"{work.__name__} ended by itself")
    finally:
        process.terminate()
        process.join(_STOP_SECONDS)
        ours.close()


def _to_file(file: Path) -> None:
    """Send the log where a service's log goes: out of the process, to somebody who stores it."""
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    configure("INFO")


def _serve(place: Place, ready: Connection) -> None:
    _to_file(place.folder / "server.log")
    settings = place.settings()
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    with served(settings, place.urls) as app:
        # Behind the same middleware as every route, and nothing else: what HTTP costs here.
        app.router.routes.append(Route(ECHO, _echo, methods=["POST"]))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            )
        )
        ready.send(listener.getsockname()[1])
        _experiment()
        server.run(sockets=[listener])


async def _echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")


def _follow(place: Place, ready: Connection) -> None:
    _to_file(place.folder / "follower.log")
    house = place.house()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    ready.send(0)
    house.follower().run(stop)
    house.close()

def _experiment():
    import gc,sys
    if os.environ.get("GCF"): gc.collect(); gc.freeze(); gc.set_threshold(int(os.environ["GCF"]),20,100)
    if os.environ.get("SWI"): sys.setswitchinterval(float(os.environ["SWI"]))
    if os.environ.get("PIN"): os.sched_setaffinity(0,{int(os.environ["PIN"])})
if os.environ.get("W1"):
    import ledger.application.group as g
    o = g.Group.__init__
    g.Group.__init__ = lambda self, make, now, workers=2: o(self, make, now, int(os.environ["W1"]))
if os.environ.get("INLINE"):
    import api.turns as tt
    def _inline(self, turn):
        if self._turn is turn: self._turn=None
        def rec(ledger, at):
            cmds=[c for cs,_ in turn.waiting for c in cs]
            return ledger.record(cmds, at)
        out=self._group.call(rec); i=0
        for cs,f in turn.waiting:
            f.set_result(out[i:i+len(cs)]); i+=len(cs)
    tt.Turns._hand_over=_inline
if os.environ.get("STAT"):
    import time, ledger.application.ledger as LL, atexit
    _st=[0,0,0.0,0.0]
    _o=LL.Ledger.record
    def _r(self,commands,at):
        t=time.thread_time(); w=time.perf_counter()
        try: return _o(self,commands,at)
        finally:
            _st[0]+=1; _st[1]+=len(commands); _st[2]+=time.thread_time()-t; _st[3]+=time.perf_counter()-w
            if _st[1]>3000:
                open("/tmp/stat.txt","a").write(f"batches {_st[0]} mean {_st[1]/_st[0]:.1f} cpu/transfer {_st[2]/_st[1]*1e6:.0f} wall/batch {_st[3]/_st[0]*1e3:.2f} ms\n"); _st[:]=[0,0,0.0,0.0]
    LL.Ledger.record=_r
