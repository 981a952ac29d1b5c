"""The process that answers: uvicorn on a socket that others may share."""

import os
import resource
import signal
import socket
from contextlib import suppress
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.database import find_urls
from api.server.application import served
from api.server.control_pipe import on_the_end, say
from api.server.gc_policy import collect_seldom
from api.server.limits import CONNECTIONS_MAX, LimitedProtocol
from api.settings.settings import Settings

KEEP_ALIVE_S: Final = 75
"""Longer than the idle time of usual proxies: the proxy hangs up first, and no request is lost."""


def serve(settings: Settings, listening: socket.socket) -> None:
    """Answer requests on `listening`, which other processes may share."""
    _open_files()
    with served(settings, find_urls(settings), say) as app:
        server = web_server(app, settings)

        def stop(*_: object) -> None:
            server.should_exit = True

        # The server raises a signal again once it has ended: what follows must not be cut off.
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        on_the_end(stop)
        server.run(sockets=[listening])


def _open_files() -> None:
    """Let the process have two files open for each connection, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files_max = (
        2 * CONNECTIONS_MAX if hard == resource.RLIM_INFINITY else min(2 * CONNECTIONS_MAX, hard)
    )
    if soft != resource.RLIM_INFINITY and soft < files_max:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, hard))


def keep_to_one_core(number: int) -> None:
    """Let this process and its threads run on one core, another one for each number.

    Only one of the threads runs at a time, for they share an interpreter. The system would spread
    them over the cores all the same, and each would find the others' objects in another cache. And
    a thread that is woken would take the core from the one that woke it, which still holds the
    interpreter: it can do nothing but give the core back. Under `SCHED_BATCH` it waits.
    """
    if hasattr(os, "sched_setaffinity"):  # not everywhere; elsewhere it is as it is
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
        with suppress(OSError):  # a container, or its libc, may not do it: slower, no more
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def web_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The web server, as it serves everywhere."""
    collect_seldom()
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=LimitedProtocol,
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
