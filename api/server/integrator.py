"""The process that takes events into the log's tree and signs it; one of a ledger at a time.

A lock in the database lets one of them work, and a stand-by takes over. Whoever was paused and
overtaken finds the anchor moved, and ends.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString

import psycopg

from api.server.container_opener import opened
from api.server.reasons import why
from api.server.service_client import NoAnswerError, RetryPause, Service
from api.server.witness_caller import witnessing
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.clock import now
from ledger.crypto.notes import SignedNote
from ledger.crypto.time_stamps import QUERY, REPLY_BYTES_MAX, TimeStampRefusedError, request
from ledger.errors import CorruptRecordError, MastersUnavailableError, StoreUnavailableError
from ledger.merkle.checkpoint import Checkpoint
from ledger.postgres.roles import RoleUrls
from projections.log.errors import (
    AnchorLostError,
    BehindCheckpointError,
    BrokenAnchorError,
    NotStartedError,
    OtherHistoryError,
)
from projections.log.integrator import Integrator
from projections.log.signed_log import SignedLog
from projections.log.time_stamps import CheckpointStamps

ASK_S_MAX: Final = 10.0
"""Seconds that one answer may take."""

AGAIN_S: Final = 60.0
"""Seconds after which an authority that failed once is asked again, at most."""

APART_S_MAX: Final = 3_600
"""Seconds by which the authority's time may differ from ours."""

_HEADERS: Final = {"Content-Type": QUERY}
_END_S_MAX: Final = 1.0
_OK: Final = 200


class _NoStampError(Exception):
    """What the authority answered is no time stamp that can be kept; the message says why."""


@dataclass(slots=True)
class Stamper:
    """Has the newest checkpoint stamped, again and again.

    Attributes:
        seconds: between two time stamps at least.
    """

    stamped: CheckpointStamps
    service: Service
    seconds: float
    clock: Callable[[], datetime] = now
    _pause: RetryPause = field(init=False)

    def __post_init__(self) -> None:
        self._pause = RetryPause(min(self.seconds, AGAIN_S))

    def keep_requesting(self, stop: threading.Event) -> None:
        """Ask until `stop` is set; to run in a thread."""
        while not stop.is_set():
            stop.wait(self.step())

    def step(self) -> float:
        """Have the newest checkpoint stamped when it is time; seconds until the next step."""
        try:
            wait = self._stamp()
        except NoAnswerError as error:
            log.warning("no time stamp now: %s", str(error))
        except (TimeStampRefusedError, _NoStampError) as error:
            log.error("no time stamp: %s", str(error))  # noqa: TRY400 -- a sentence for a person
        except OSError as error:
            log.error("the log's files cannot be used: %s", error.strerror)  # noqa: TRY400 -- as above
        except CorruptRecordError as error:
            log.error("nothing is stamped: %s", str(error))  # noqa: TRY400 -- as above
        else:
            self._pause.after(failed=False)
            return wait
        return self._pause.after(failed=True)

    def _stamp(self) -> float:
        content = self.stamped.folder.checkpoint()
        if content is None:
            return min(self.seconds, AGAIN_S)
        note = SignedNote.read(content)
        note.verified([self.stamped.log])
        newest, at = self.stamped.newest(), self.clock()
        if newest is not None:
            left = self.seconds - (at - newest.at).total_seconds()
            if newest.text == note.text or left > 0:
                # Once it is time, the first checkpoint that follows does not wait long.
                return min(left, self.seconds) if left > 0 else min(self.seconds, AGAIN_S)
        made = self._request_stamp(content, at)
        self.stamped.add(content, made)
        log.info("a time stamp is on the checkpoint")
        return self.seconds

    def _request_stamp(self, content: str, at: datetime) -> bytes:
        stamp_request = request(content.encode())
        status, reply = self.service.post(stamp_request.body, _HEADERS)
        if status != _OK:
            raise _NoStampError(f"the authority answers with status {status}")
        try:
            stamp_time = self.stamped.authority.verified(
                reply, content.encode(), stamp_request.nonce
            )
        except CorruptRecordError:
            raise _NoStampError(
                "what the authority answers does not verify: see LEDGER_LOG_TSA_CA"
            ) from None
        if abs((stamp_time - at).total_seconds()) > APART_S_MAX:
            raise _NoStampError("the clock of the authority, or this one, is wrong")
        return reply


@contextmanager
def stamping(signed: SignedLog, url: str | None, seconds: float) -> Generator[None]:
    """Ask the authority at `url`, as long as the context is open; nobody where there is none.

    For one process at a time: the one that signs.
    """
    if signed.stamped is None or url is None:
        yield
        return
    stop = threading.Event()
    one = Stamper(signed.stamped, Service(url, ASK_S_MAX, REPLY_BYTES_MAX), seconds)
    thread = threading.Thread(
        target=one.keep_requesting, args=(stop,), name="time stamps", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_S_MAX)


LOCK: Final = 0x6C65_6467_6C6F_6721
"""Key of the advisory lock: the bytes of `ledglog!`."""

STANDBY_S: Final = 1.0
"""Seconds between two tries of a stand-by to take over."""

REFUSED_S: Final = 60.0
"""Seconds between two words on a refusal that a person must end."""

_REFUSALS: Final = (
    NotStartedError,
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
    logged_at = float("-inf")
    while not stop.is_set():
        connection.execute("SELECT 1")
        try:
            newest = integrator.step()
        except _REFUSALS as error:
            if time.monotonic() >= logged_at + REFUSED_S:
                logged_at = time.monotonic()
                # A sentence for a person; a traceback tells no more.
                log.error("the log is not signed: %s", why(error))  # noqa: TRY400 -- see above
        except MastersUnavailableError as error:
            # Who keeps the key is asked again at the next step; what came in is in the tree then.
            if time.monotonic() >= logged_at + REFUSED_S:
                logged_at = time.monotonic()
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
