"""The process that takes events into the log's tree and signs it; one of a ledger at a time.

A lock in the database lets one of them work, and a stand-by takes over. Whoever was paused and
overtaken finds the anchor moved, and ends.
"""

import logging
import signal
import threading
import time
from contextlib import closing
from typing import Final, LiteralString

import psycopg

from api.server.container_opener import opened
from api.server.reasons import why
from api.server.stamper import stamping
from api.server.witness_caller import witnessing
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.errors import MastersUnavailableError, StoreUnavailableError
from ledger.merkle.checkpoint import Checkpoint
from ledger.postgres.roles import RoleUrls
from projections.log.errors import (
    AnchorLostError,
    BehindCheckpointError,
    BrokenAnchorError,
    NotBegunError,
    OtherHistoryError,
)
from projections.log.integrator import Integrator

LOCK: Final = 0x6C65_6467_6C6F_6721
"""Key of the advisory lock: the bytes of `ledglog!`."""

STANDBY_S: Final = 1.0
"""Seconds between two tries of a stand-by to take over."""

REFUSED_S: Final = 60.0
"""Seconds between two words on a refusal that a person must end."""

_REFUSALS: Final = (
    NotBegunError,
    BehindCheckpointError,
    OtherHistoryError,
    AnchorLostError,
    BrokenAnchorError,
)
_TRY: LiteralString = "SELECT pg_try_advisory_lock(%s)"

log: Final = logging.getLogger(__name__)


def integrate(settings: Settings, urls: RoleUrls, stop: threading.Event) -> None:
    """Sign the log until `stop` is set or a signal asks to end.

    What a person must mend (a ledger restored behind the signed tree) is logged, and nothing is
    signed until then: appends and answers go on.

    Raises:
        SettingsError, LogPlaceError, OtherSecretError: see `opened`, `signed_log`.
        LogError: the tree is broken or another one signs; the process ends with it.
    """

    def end(*_: object) -> None:
        # In a thread: see `follower`.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signed = signed_log(settings)
    if signed is None:
        stop.wait()
        return
    with opened(settings, urls) as container:
        while not stop.is_set():
            try:
                with closing(psycopg.connect(urls.reader, autocommit=True)) as connection:
                    if locked(connection):
                        log.info("integrating")
                        # Read anew: a person may have begun an epoch while this one stood by.
                        signed = signed_log(settings) or signed
                        integrator = signed.integrator(container.reads, container.reader)
                        with (
                            witnessing(signed, settings.log_witness_s),
                            stamping(signed, settings.log_tsa_url, settings.log_tsa_s),
                        ):
                            _work(integrator, connection, settings.log_s, stop)
            except (psycopg.OperationalError, StoreUnavailableError):
                pass  # the database went away, and with it the lock: it is taken again
            stop.wait(STANDBY_S)


def _work(
    integrator: Integrator, connection: psycopg.Connection, seconds: float, stop: threading.Event
) -> None:
    """Step until `stop` is set; the lock is held as long as the connection lives."""
    signed: Checkpoint | None = None
    told = float("-inf")
    while not stop.is_set():
        connection.execute("SELECT 1")
        try:
            newest = integrator.step()
        except _REFUSALS as error:
            if time.monotonic() >= told + REFUSED_S:
                told = time.monotonic()
                # A sentence for a person; a traceback tells no more.
                log.error("the log is not signed: %s", why(error))  # noqa: TRY400 -- see above
        except MastersUnavailableError as error:
            # Who keeps the key is asked again at the next step; what came in is in the tree then.
            if time.monotonic() >= told + REFUSED_S:
                told = time.monotonic()
                log.warning("the log is not signed now: %s", why(error))
        except OSError as error:
            log.error("the log's files cannot be written: %s", error.strerror)  # noqa: TRY400 -- as above
        else:
            if newest != signed:
                log.info("signed", extra={"position": newest.size})
            signed = newest
        stop.wait(seconds)


def locked(connection: psycopg.Connection) -> bool:
    """Whether this connection holds, from now on, the lock of the one that integrates."""
    row = connection.execute(_TRY, (LOCK,)).fetchone()
    return row is not None and bool(row[0])
