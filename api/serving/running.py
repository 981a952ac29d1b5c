"""A whole ledger on this machine: database, web processes, follower; from start to orderly end."""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from api.database import alive, prepared
from api.serving.signals import Stopping
from api.serving.supervisor import POLL_S, Supervisor, listening_socket, url_of
from api.settings import Settings
from ledger.postgres.roles import RoleUrls

_ASK_S_MAX: Final = 2.0


@contextmanager
def running(
    settings: Settings,
    environment: Mapping[str, str],
    stop: Stopping,
    *,
    follower: bool = True,
) -> Generator[tuple[str, RoleUrls, Supervisor]]:
    """The address, the database and the processes, which end with the context.

    Raises:
        AddressError: the address is taken.
        PostgresError: the database cannot be started, reached or prepared.
    """
    with listening_socket(settings.http_host, settings.http_port) as listening:
        url = url_of(listening)
        with prepared(settings) as urls:
            supervisor = Supervisor(
                settings, environment, listening, alive(settings), follower=follower
            )
            with supervisor:
                try:
                    yield url, urls, supervisor
                finally:
                    stop.keep_quiet()


def supervise(supervisor: Supervisor, url: str, announce: Callable[[], None]) -> None:
    """Watch until a signal asks to end; announce once that everything is ready.

    Raises:
        ProcessEndedError: something ended by itself.
        StopRequested: by a signal.
    """
    announced = False
    while True:
        supervisor.check()
        if not announced and is_ready(url):
            announce()
            announced = True
        time.sleep(POLL_S)


def await_ready(supervisor: Supervisor, url: str) -> None:
    """Wait until the ledger is ready.

    Raises:
        ProcessEndedError: something ended before.
    """
    while not is_ready(url):
        supervisor.check()
        time.sleep(POLL_S)


def is_ready(url: str) -> bool:
    """Whether the ledger at `url` says that it is ready."""
    address = urlsplit(url)
    # By hand: urllib would ask whatever proxy the environment names for our own address.
    connection = HTTPConnection(address.hostname or "", address.port, timeout=_ASK_S_MAX)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
