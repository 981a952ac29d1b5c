"""How the outbox is emptied: what to send next, what an answer changes, how long to wait.

No I/O but the outbox's own: `Delivery.steps` says what is to be done and is told what came of it,
so the sync and the async sender are the same one.
"""

import logging
import ssl
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from ledger_emitter.answers import Heard, ItemAnswers, Later, NeedsPerson, judged
from ledger_emitter.backoff import Backoff
from ledger_emitter.items import BODY_BYTES_MAX, ITEMS_MAX, body_of
from ledger_emitter.outbox import Outbox
from ledger_emitter.records import State, code_shown
from ledger_emitter.send_queue import (
    ItemDeferred,
    ItemRefused,
    QueuedItem,
    SendQueue,
    Settled,
    SourcePaused,
)

log: Final = logging.getLogger("ledger_emitter")

IDLE_S: Final = 0.5
"""How often an idle sender looks for what other processes have put."""

_PRUNE_EVERY_MS: Final = 600_000
_SUSPECTED_FROM: Final = 3
"""From so many failures in a row on, a broken answer may be due to what is sent."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ProofMaker(Protocol):
    """What makes proofs; a protocol, for what proofs are made with is an extra."""

    def proof(self, method: str, url: str, credential: str) -> str: ...  # noqa: D102 -- see `ProofKey`


@dataclass(frozen=True, slots=True)
class Destination:
    """The ledger, and how to speak to it.

    Attributes:
        url: its address, e.g. `https://ledger.example.jp`.
        credential: API key or access token with `events:write`; a function is asked anew before
            each request, so that a key may be renewed.
        items_max: most items in a request.
        body_bytes_max: longest request, in bytes.
        timeout_s: how long to wait for each part of an answer.
        tls: of a house with a certificate authority or client certificates of its own.
        plain_http: allow `http:` to another machine: key and personal data cross the network open.
        proof_key: the private key to which the credential is bound, a `proof.ProofKey`; each
            request then carries a proof (RFC 9449).
    """

    url: str
    credential: str | Callable[[], str] = field(repr=False)
    items_max: int = ITEMS_MAX
    body_bytes_max: int = BODY_BYTES_MAX
    timeout_s: float = 30.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    plain_http: bool = False
    proof_key: ProofMaker | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("url: give https:// and a host")
        if address.username or address.password or address.query or address.fragment:
            raise ValueError("url: give scheme, host, port and path alone")
        is_open = address.scheme == "http" and address.hostname not in _LOOPBACK
        if is_open and not self.plain_http:
            raise ValueError(
                "url: plain HTTP to another machine; give https, or plain_http=True (--plain-http)"
            )
        if not 1 <= self.items_max <= ITEMS_MAX or self.body_bytes_max < 1:
            raise ValueError(f"items_max is 1 to {ITEMS_MAX}, body_bytes_max positive")
        if isinstance(self.credential, str) and not is_credential(self.credential):
            raise ValueError("credential: give printable ASCII without spaces")

    @property
    def transfers(self) -> str:
        """Where transfers are sent."""
        return f"{self.url.rstrip('/')}/v1/transfers"


def is_credential(text: str) -> bool:
    """Whether a header can carry it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


@dataclass(frozen=True, slots=True)
class Post:
    """Send this body; tell what was heard."""

    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Let so many seconds pass.

    Attributes:
        is_idle: whether a new item ends the wait.
    """

    seconds: float
    is_idle: bool


Step = Post | Wait


class Delivery:
    """The sending of one outbox to one ledger, as long as we are its sender."""

    def __init__(self, outbox: Outbox, destination: Destination, backoff: Backoff) -> None:
        self._outgoing: Final = SendQueue(outbox)
        self._clock: Final = outbox.clock
        self._destination: Final = destination
        self._backoff: Final = backoff
        self._items_max = destination.items_max
        self._failures = 0
        self._pruned_at: int | None = None
        self._noted: State | None = None

    def steps(self) -> Generator[Step, Heard | None]:
        """What to do, one after another, without an end; each `Post` is answered by what came.

        Raises:
            OutboxUnavailableError: begin again, later.
        """
        while True:
            self._prune_when_due()
            batch = self._outgoing.batch(self._items_max, self._destination.body_bytes_max)
            if not batch:
                due_s = self._outgoing.due_in_s()
                idle_s = IDLE_S if due_s is None else min(IDLE_S, max(due_s, 0.01))
                yield Wait(idle_s, is_idle=True)
                continue
            trouble = yield from self._deliver(batch)
            if trouble is None:
                self._went_well()
            else:
                yield Wait(self._wait_after(trouble, len(batch)), is_idle=False)

    def _deliver(
        self, batch: Sequence[QueuedItem]
    ) -> Generator[Step, Heard | None, Later | NeedsPerson | None]:
        """Send the batch; what keeps us from going on, if anything.

        A batch that is refused as a whole is halved until what is wrong in it stands alone.
        """
        heard = yield Post(body_of([one.content for one in batch]))
        assert heard is not None, "whoever posts tells what was heard"
        found = judged(batch, heard, self._backoff, self._clock())
        if isinstance(found, ItemAnswers):
            self._outgoing.settle(found.settled)
            _tell(found.settled)
            return None
        if isinstance(found, Later | NeedsPerson):
            if self._is_suspect(found) and len(batch) == 1:
                alone = batch[0]
                wait_s = self._backoff.of_item(alone.tries)
                self._outgoing.settle([ItemDeferred(alone.number, wait_s)])
            return found
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            trouble = yield from self._deliver(half)
            if trouble is not None:
                return trouble
        return None

    def _is_suspect(self, trouble: Later | NeedsPerson) -> bool:
        is_broken = isinstance(trouble, Later) and trouble.may_be_the_items
        return is_broken and self._failures + 1 >= _SUSPECTED_FROM

    def _went_well(self) -> None:
        self._failures = 0
        self._items_max = min(self._items_max * 2, self._destination.items_max)
        if self._noted != "sending":
            if self._noted is not None:
                log.info("the ledger answers again")
            self._note("sending", "", 0, None)

    def _wait_after(self, trouble: Later | NeedsPerson, size: int) -> float:
        """Note the trouble; seconds until the next try."""
        if self._is_suspect(trouble):
            self._items_max = max(1, min(self._items_max, size) // 2)
        self._failures += 1
        told = (trouble.code, trouble.http_status)
        if isinstance(trouble, NeedsPerson):
            wait_s = self._backoff.while_paused(trouble.retry_after_s)
            log.error(
                "paused: %s (HTTP %d); nothing is lost, and nothing is sent until it is mended",
                *told,
            )
            self._note("paused", *told, wait_s)
            return wait_s
        wait_s = self._backoff.after(self._failures, trouble.retry_after_s)
        if self._noted != "retrying":
            log.warning("the ledger is away: %s (HTTP %d); it is tried again", *told)
        self._note("retrying", *told, wait_s)
        return wait_s

    def _note(self, state: State, code: str, http_status: int, next_s: float | None) -> None:
        self._outgoing.note(state, code, http_status, next_s)
        self._noted = state

    def _prune_when_due(self) -> None:
        at = self._clock()
        if self._pruned_at is None or abs(at - self._pruned_at) >= _PRUNE_EVERY_MS:
            self._pruned_at = at
            self._outgoing.prune()


def _tell(settled: Sequence[Settled]) -> None:
    """Say loudly what needs a person; codes and counts alone."""
    refused = Counter(
        code_shown(one.status, one.code) for one in settled if isinstance(one, ItemRefused)
    )
    for code, count in sorted(refused.items()):
        log.warning("%d items were refused (%s); they are kept for a person to see", count, code)
    unheard = Counter(one.code for one in settled if isinstance(one, ItemDeferred) and one.code)
    for code, count in sorted(unheard.items()):
        log.warning("%d items wait: %s, and not from the ledger; see what is between", count, code)
    held = {(one.source, one.code) for one in settled if isinstance(one, SourcePaused)}
    for source, code in sorted(held):
        log.error("items of %s wait: %s; the key may not send for it", source, code)
