"""A whole ledger on this machine: database, web processes, follower; from start to orderly end."""

import logging
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final, cast
from urllib.parse import urlsplit

import orjson

from api.database import alive, prepared, warn_shared_logins
from api.server.signals import StopRequested, StopSignal
from api.server.startup_check import agreeing
from api.server.supervisor import POLL_S, Supervisor, listening_socket, url_of
from api.settings.settings import Settings
from ledger.postgres.roles import RoleUrls

_ASK_S_MAX: Final = 2.0
_SILENT: Final = "the web processes do not answer yet"
_SLOW: Final = "the check takes longer than LEDGER_HEALTH_CHECK_S_MAX"

log: Final = logging.getLogger(__name__)


@contextmanager
def running(
    settings: Settings,
    environment: Mapping[str, str],
    stop: StopSignal,
    *,
    follower: bool = True,
    keeper: bool = True,
) -> Generator[tuple[str, RoleUrls, Supervisor]]:
    """The address, the database and the processes, which end with the context.

    Raises:
        AddressError: the address is taken.
        PostgresError: the database cannot be started, reached or prepared.
        DisagreementError: the database was restored, see `ledger.backup.agreement`.
    """
    with listening_socket(settings.http_host, settings.http_port) as listening:
        url = url_of(listening)
        with prepared(settings) as urls, agreeing(settings, urls) as agreement:
            warn_shared_logins(urls)
            supervisor = Supervisor(
                settings,
                environment,
                listening,
                alive(settings),
                agreement.check,
                follower=follower,
                keeper=keeper,
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
        StopRequested: by a signal; says what was waited for if the ledger was not ready yet.
    """
    _await_checks(supervisor, url)
    announce()
    while True:
        supervisor.check()
        time.sleep(POLL_S)


def _await_checks(supervisor: Supervisor, url: str) -> None:
    slow: frozenset[str] = frozenset()
    try:
        while (names := failing(url)) != ():
            supervisor.check()
            before, slow = slow, frozenset(names or ()) - supervisor.failing_checks().keys()
            for name in slow - before:
                # Every other reason is in the log already, from the process that met it.
                log.warning(_SLOW, extra={"check": name})
            time.sleep(POLL_S)
        supervisor.check()
    except StopRequested:
        # Asked anew: the signal may have cut off the answer that said the same.
        failures = dict.fromkeys(slow, _SLOW) | supervisor.failing_checks()
        reasons = "; ".join(f"{name} fails: {reason}" for name, reason in sorted(failures.items()))
        raise StopRequested(f"it was not ready yet: {reasons or _SILENT}") from None


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
    return failing(url) == ()


def failing(url: str) -> tuple[str, ...] | None:
    """Names of the readiness checks that fail for the ledger at `url`; None: it does not answer."""
    address = urlsplit(url)
    # By hand: urllib would ask whatever proxy the environment names for our own address.
    connection = HTTPConnection(address.hostname or "", address.port, timeout=_ASK_S_MAX)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == HTTPStatus.OK:
            return ()
        return tuple(cast("list[str]", orjson.loads(body)["failing"]))
    except (OSError, HTTPException, ValueError, KeyError):
        return None
    finally:
        connection.close()
