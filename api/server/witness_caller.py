"""Has the log's checkpoints cosigned: a thread a witness, beside the one that signs.

Nothing waits for them: a witness that is down makes a backlog, which is seen, and nothing else.
"""

import logging
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from api.server.service_client import NoAnswerError, RetryPause, Service
from ledger.clock import now
from ledger.crypto.notes import SignedNote
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from projections.log.cosignatures import Cosignatures
from projections.log.errors import LogError
from projections.log.signed_log import SignedLog
from projections.log.witness_requests import (
    ANSWER_BYTES_MAX,
    PATH,
    Ask,
    WitnessRefusedError,
    WitnessRequest,
    WitnessSilentError,
)

ASK_S_MAX: Final = 10.0
"""Seconds that one answer of a witness may take."""

_END_S_MAX: Final = 1.0
_HEADERS: Final = {"Content-Type": "text/plain; charset=utf-8"}

log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class WitnessCaller:
    """Shows one witness the newest checkpoint, again and again.

    Attributes:
        seconds: between two looks whether there is a newer one.
    """

    request: WitnessRequest
    cosigned: Cosignatures
    seconds: float
    _pause: RetryPause = field(init=False)
    _is_begun: bool = field(default=False, init=False)
    _is_first: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self._pause = RetryPause(self.seconds)

    def keep_requesting(self, stop: threading.Event) -> None:
        """Ask until `stop` is set; to run in a thread."""
        while not stop.is_set():
            stop.wait(self.step())

    def step(self) -> float:
        """Have the newest checkpoint cosigned if it is not; seconds until the next step."""
        name = self.request.witness.display_name
        try:
            self._ask()
        except WitnessSilentError as error:
            log.warning("the witness %s does not cosign now: %s", name, str(error))
        except WitnessRefusedError as error:
            log.error("the witness %s does not cosign: %s", name, str(error))  # noqa: TRY400 -- a sentence for a person
        except OSError as error:
            log.error("the log's files cannot be used: %s", error.strerror)  # noqa: TRY400 -- as above
        except (LogError, CorruptRecordError) as error:
            log.error("nothing is shown to the witness %s: %s", name, str(error))  # noqa: TRY400 -- as above
        else:
            return self._pause.after(failed=False)
        return self._pause.after(failed=True)

    def _ask(self) -> None:
        content = self.request.folder.checkpoint()
        if content is None:
            return
        note, witness = SignedNote.read(content), self.request.witness
        [(_, by_log), *_] = note.verified([self.cosigned.log])
        seen = self.cosigned.by(witness)
        if not self._is_begun:
            # Not when this object is made: a file that cannot be read would end the one that signs.
            self.request.size = 0 if seen is None else seen.checkpoint.size
            self._is_begun = True
        # At the start it is asked in any case: the policy may be another one than before.
        if seen is not None and seen.note.text == note.text and not self._is_first:
            return
        made = self.request.cosigned(note, Checkpoint.read(note.text))
        is_met = self.cosigned.add(note.text, by_log, witness, made)
        self._is_first = False
        message = (
            "cosigned by the witness %s, and by enough" if is_met else "cosigned by the witness %s"
        )
        log.info(message, witness.display_name, extra={"position": self.request.size})


@contextmanager
def witnessing(signed: SignedLog, seconds: float) -> Generator[None]:
    """Ask every witness of the policy that has an address, as long as the context is open.

    For one process at a time: the one that signs.
    """
    stop = threading.Event()
    threads = [
        threading.Thread(target=one.keep_requesting, args=(stop,), name="witness", daemon=True)
        for one in _callers(signed, seconds)
    ]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        # All of them together: one that waits for its witness ends with the process.
        deadline = time.monotonic() + _END_S_MAX
        for one in threads:
            one.join(max(0.0, deadline - time.monotonic()))


def _callers(signed: SignedLog, seconds: float) -> list[WitnessCaller]:
    cosigned = signed.cosigned
    if cosigned is None:
        return []
    return [
        WitnessCaller(
            WitnessRequest(witness, signed.folder, asks(witness.url), seconds_now),
            cosigned,
            seconds,
        )
        for witness in cosigned.policy.witnesses.values()
        if witness.url is not None
    ]


def seconds_now() -> float:
    """The moment, in POSIX seconds."""
    return now().timestamp()


def asks(url: str) -> Ask:
    """Asks the witness whose submission prefix is `url`."""
    service = Service(f"{url.rstrip('/')}{PATH}", ASK_S_MAX, ANSWER_BYTES_MAX)

    def ask(body: bytes) -> tuple[int, bytes]:
        try:
            return service.post(body, _HEADERS)
        except NoAnswerError as error:
            raise WitnessSilentError(str(error)) from None

    return ask
