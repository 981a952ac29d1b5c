"""What runs beside a benchmark, each in its own process as in production: server and follower."""

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeVar, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.observability.logs import configure
from api.server.application import served
from api.server.bulk_committer import commit
from api.server.follower import follow
from api.server.web import keep_to_one_core, web_server
from api.settings.settings import Settings
from benchmarks.places import Place

ECHO: Final = "/bench/echo"
"""An endpoint as the framework makes them."""
BARE_ECHO: Final = "/bench/bare-echo"
"""The same function as a route that passes by the framework's endpoints."""
Given = TypeVar("Given")

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 60.0
_END_SECONDS: Final = 1.0
"""A process that ends closes its pipe a little earlier."""


class ProcessError(Exception):
    """A process did not start, or ended by itself."""


@contextmanager
def serving(place: Place) -> Generator[int]:
    """The port of the real application in a process of its own."""
    with beside(_serve, place) as pipe:
        yield pipe.recv()


@contextmanager
def following(place: Place) -> Generator[None]:
    """A follower in a process of its own."""
    with beside(_follow, place) as pipe:
        pipe.recv()
        yield


@contextmanager
def committing(place: Place) -> Generator[None]:
    """A committer of bulk transfers in a process of its own."""
    with beside(_commit, place, has_children=True) as pipe:
        pipe.recv()
        yield


@contextmanager
def beside(
    work: Callable[[Given, Connection], None], given: Given, *, has_children: bool = False
) -> Generator[Connection]:
    """A process that does `work`; our end of its pipe, once it has said the first word there.

    It ends when we do: `work` waits for a word that never comes.

    Args:
        has_children: it starts processes itself, which a daemon may not.

    Raises:
        ProcessError: it did not start, or ended by itself.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(given, theirs), daemon=not has_children)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_START_SECONDS):
            raise ProcessError(f"{work.__name__} did not start")
        yield cast("Connection", ours)  # on Windows it would be another class
        if not process.is_alive():
            raise ProcessError(f"{work.__name__} ended by itself")
    except EOFError:
        process.join(_END_SECONDS)
        if process.is_alive():
            raise  # it was another one's pipe
        raise ProcessError(f"{work.__name__} ended by itself") from None
    finally:
        process.terminate()
        process.join(_STOP_SECONDS)
        process.kill()
        ours.close()


def _to_file(file: Path) -> None:
    """Send the log where a service's log goes: out of the process, to somebody who stores it."""
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    configure("INFO")


def serve(
    place: Place, settings: Settings, ready: Connection, change: Callable[[FastAPI], ASGIApp]
) -> None:
    """Be a web process of the ledger until the end; tells its port.

    Args:
        change: what is served of the application; it may add to it.
    """
    _to_file(place.folder / "server.log")
    if settings.http_pinned:
        keep_to_one_core(0)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    with served(settings, place.urls) as app:
        # What serves is an application of this kind, whatever lies around it.
        server = web_server(cast("FastAPI", change(app)), settings)
        ready.send(listener.getsockname()[1])
        server.run(sockets=[listener])


def _serve(place: Place, ready: Connection) -> None:
    serve(place, place.settings(), ready, _with_echoes)


def _with_echoes(app: FastAPI) -> FastAPI:
    # Before every other route and behind the same middleware: what HTTP costs in this server.
    app.router.routes.insert(0, APIRoute(ECHO, _echo, methods=["POST"]))
    app.router.routes.insert(0, Route(BARE_ECHO, _echo, methods=["POST"]))
    return app


async def _echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")


def _commit(place: Place, ready: Connection) -> None:
    _to_file(place.folder / "committer.log")
    ready.send(0)
    commit(place.settings(), place.urls)


def _follow(place: Place, ready: Connection) -> None:
    _to_file(place.folder / "follower.log")
    ready.send(0)
    follow(place.settings(), place.urls, threading.Event())
