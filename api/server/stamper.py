"""Has time stamps put on the log's checkpoints, in a thread beside the one that signs.

Nothing waits for the authority: when it is down there is a backlog, which is seen, and no more.
"""

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.server.service_client import NoAnswerError, RetryPause, Service
from ledger.clock import now
from ledger.crypto.notes import SignedNote
from ledger.crypto.time_stamps import QUERY, REPLY_BYTES_MAX, TimeStampRefusedError, request
from ledger.errors import CorruptRecordError
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

log: Final = logging.getLogger(__name__)


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

    def keep_asking(self, stop: threading.Event) -> None:
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
        made = self._asked(content, at)
        self.stamped.add(content, made)
        log.info("a time stamp is on the checkpoint")
        return self.seconds

    def _asked(self, content: str, at: datetime) -> bytes:
        asked = request(content.encode())
        status, reply = self.service.post(asked.body, _HEADERS)
        if status != _OK:
            raise _NoStampError(f"the authority answers with status {status}")
        try:
            told = self.stamped.authority.verified(reply, content.encode(), asked.nonce)
        except CorruptRecordError:
            raise _NoStampError(
                "what the authority answers does not verify: see LEDGER_LOG_TSA_CA"
            ) from None
        if abs((told - at).total_seconds()) > APART_S_MAX:
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
    asking = threading.Thread(target=one.keep_asking, args=(stop,), name="time stamps", daemon=True)
    asking.start()
    try:
        yield
    finally:
        stop.set()
        asking.join(_END_S_MAX)
