"""What a running ledger's processes run: `python -m api.serving.child web FD N | follow | keep`.

Standard input is the line to the supervisor: when it closes, the supervisor is gone, and the
process ends as if it were told to. Before it ends of an error it tells the supervisor why.
"""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.database import found
from api.observability import configure
from api.serving.application import served
from api.serving.following import follow
from api.serving.keeping import keep, leave
from api.serving.line import END, say, wait_for_the_end
from api.serving.reasons import is_operators, why
from api.settings import Settings

GC_OBJECTS_MIN: Final = 100_000
"""Objects made since the last collection that are worth the next one; Python's own 700 are one
request."""

KEEP_ALIVE_S: Final = 75
"""Longer than the idle time of usual proxies: the proxy hangs up first, and no request is lost."""


log: Final = logging.getLogger(__name__)


def main() -> None:
    """Run one process of the ledger until it is told to end."""
    try:
        settings = Settings.from_environment(os.environ)
        configure(settings.log_level)
        run(settings, sys.argv[1:])
    except Exception as error:
        say(END, why(error))
        if not is_operators(error):
            raise
        # A sentence of ours: errors of the ledger hold no personal data.
        log.critical(why(error), extra={"error": type(error).__name__})
        sys.exit(1)


def run(settings: Settings, arguments: list[str]) -> None:
    """Run the process that `arguments` name until it is told to end."""
    match arguments:
        case ["web", descriptor, number]:
            if settings.http_pinned:
                keep_to_one_core(os.getppid() + int(number))
            serve(settings, socket.socket(fileno=int(descriptor)))
        case ["follow"]:
            stop = threading.Event()
            _watch_supervisor(stop.set)
            follow(settings, found(settings), stop)
        case ["keep"]:
            _watch_supervisor(leave)
            keep(settings, found(settings))
        case _:
            sys.exit(2)


def serve(settings: Settings, listening: socket.socket) -> None:
    """Answer requests on `listening`, which other processes may share."""
    with served(settings, found(settings), say) as app:
        server = web_server(app, settings)

        def stop(*_: object) -> None:
            server.should_exit = True

        # The server raises a signal again once it has ended: what follows must not be cut off.
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        _watch_supervisor(stop)
        server.run(sockets=[listening])


def keep_to_one_core(number: int) -> None:
    """Let this process and its threads run on one core, another one for each number.

    Only one of the threads runs at a time, for they share an interpreter. The system would spread
    them over the cores all the same, and each would find the others' objects in another cache.
    """
    if hasattr(os, "sched_setaffinity"):  # not everywhere; elsewhere it is as it is
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})


def web_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The web server, as it serves everywhere.

    What stands now stands until the end: the collector of reference cycles need not look at it
    again and again, nor at every few requests' objects, which hold no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_OBJECTS_MIN)
    return uvicorn.Server(
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
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=settings.stop_s_max,
        )
    )


def _watch_supervisor(stop: Callable[[], None]) -> None:
    def wait() -> None:
        wait_for_the_end()
        stop()

    threading.Thread(target=wait, name="supervisor", daemon=True).start()


if __name__ == "__main__":
    main()
