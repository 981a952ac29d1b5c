"""The daily close: count and hash of a day's items, what is missing sent again, closed anew.

No I/O but the outbox's own: `DayClosing.steps` says what to ask and is told what was heard, so sync
and async are the same.
"""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256, shake_256
from typing import Any, Final, Literal, cast

from ledger_emitter.answers import Answer, Heard, NoAnswer
from ledger_emitter.backoff import Backoff
from ledger_emitter.errors import CloseError, DayNotKeptError
from ledger_emitter.items_by_day import DatedItem, is_kept, items_of, send_again, waits
from ledger_emitter.outbox import ROOM_POLL_S, Outbox

BYTES: Final = 384
_SHORT: Final = 1_103_717
_LOW: Final = 2 ** (8 * BYTES) - 1
MODULUS: Final = 2 ** (8 * BYTES) - _SHORT
EMPTY: Final = 1
"""The product of no keys."""
_TAG: Final = b"ppl/id-set/1\x00"


def element(source: str, id_: str) -> int:
    """The number of one key; a set is the product of its keys' numbers, modulo `MODULUS`."""
    message = _TAG + _lp(source.encode()) + _lp(id_.encode())
    return int.from_bytes(shake_256(message).digest(BYTES), "big") % MODULUS


def with_element(product: int, number: int) -> int:
    """The product of a set with one more key: modulo the prime, without a division."""
    product *= number
    for _ in range(2):
        product = (product >> 8 * BYTES) * _SHORT + (product & _LOW)
    return product - MODULUS if product >= MODULUS else product


def hash_of(product: int) -> str:
    """The hash of a set, 64 hex digits."""
    return sha256(product.to_bytes(BYTES, "big")).hexdigest()


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


IDS_MAX: Final = 2_000
"""Ids in a request: of the longest ones as many fit into a body."""
_TRIES_MAX: Final = 5
_BROKEN_FROM: Final = 500

CloseState = Literal["waiting", "match", "gap", "differs", "surplus", "late"]


@dataclass(frozen=True, slots=True)
class CloseQuery:
    """Ask the ledger this; tell what was heard."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """Let so many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item of the day that the ledger does not hold as one.

    Attributes:
        found: `missing`; in `quarantine`: it was rejected and waits there; `other_day`: recorded,
            with another day.
    """

    source: str
    id: str = field(repr=False)
    found: str


@dataclass(frozen=True, slots=True)
class DayClose:
    """What came of a close.

    Attributes:
        state: `waiting`: items of the day have no answer yet, so nothing was closed; else as the
            ledger says: `match`, `gap`, `differs` (nobody knows what), `surplus` (it holds more),
            `late` (and more came in since).
        count: items of the day in the outbox.
        waiting: how many of them have no answer yet.
        sent_again: how many were missing and have been sent again.
        named: what is not there in the end, at most 1,000.
        position: of the close in the ledger; None while it waits.
    """

    day: date
    state: CloseState
    count: int
    waiting: int = 0
    sent_again: int = 0
    named: tuple[NamedItem, ...] = ()
    position: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the ledger holds these items of the day and no others."""
        return self.state == "match"


Step = CloseQuery | Pause
_Steps = Generator[Step, Heard | None, "DayClose"]
_Said = dict[str, Any]


class DayClosing:
    """One close of one day."""

    def __init__(
        self, outbox: Outbox, backoff: Backoff, emitter: str, day: date, wait_s: float
    ) -> None:
        self._outbox: Final = outbox
        self._backoff: Final = backoff
        self._emitter: Final = emitter
        self._day: Final = day
        self._wait_s: Final = wait_s
        self._where: Final = f"/v1/emitters/{emitter}/days/{day.isoformat()}"

    def steps(self) -> _Steps:
        """What to do, one after another; in the end what came of it.

        Raises:
            CloseError, DayNotKeptError, OutboxUnavailableError: nothing, or not all, was closed.
        """
        if not is_kept(self._outbox, self._day):
            raise DayNotKeptError
        source = yield from self._source()
        count, product, waiting = self._counted(source)
        if waiting:
            yield from self._answered(waiting)
            count, product, waiting = self._counted(source)
        if waiting:
            return DayClose(self._day, "waiting", count, len(waiting))
        said: _Said = {"count": count, "hash": hash_of(product)}
        closed = yield from self._closed(said)
        if closed["matches"]:
            return self._told(closed)
        named = yield from self._named(source)
        again = send_again(
            self._outbox, [(one.source, one.id) for one in named if one.found == "missing"]
        )
        if again:
            yield from self._answered(again)
            named = yield from self._named(source)
        ids = [{"source": one.source, "id": one.id} for one in named[:IDS_MAX]]
        if not named and count <= IDS_MAX:  # then what the ledger holds besides can be counted
            ids = [{"source": one.source, "id": one.id} for one in self._items(source)]
        closed = yield from self._closed({**said, "ids": ids})
        return self._told(closed, len(again))

    def _items(self, source: str) -> Generator[DatedItem]:
        return items_of(self._outbox, self._day, source)

    def _counted(self, source: str) -> tuple[int, int, list[int]]:
        """How many, the product of their keys, the numbers of those that wait."""
        count, product, waiting = 0, EMPTY, list[int]()
        for one in self._items(source):
            count += 1
            product = with_element(product, element(one.source, one.id))
            if one.is_waiting:
                waiting.append(one.number)
        return count, product, waiting

    def _answered(self, numbers: Sequence[int]) -> Generator[Step, Heard | None, None]:
        """Wait until these have their answers, or time runs out."""
        passed_s = 0.0
        while waits(self._outbox, numbers) and passed_s < self._wait_s:
            yield Pause(ROOM_POLL_S)
            passed_s += ROOM_POLL_S

    def _source(self) -> Generator[Step, Heard | None, str]:
        told = yield from self._heard(CloseQuery("GET", "/v1/emitters"))
        for one in cast("list[_Said]", told.get("emitters", [])):
            if one.get("emitter") == self._emitter:
                return cast("str", one["source"])
        raise CloseError("NOT_FOUND", 404)

    def _closed(self, said: _Said) -> Generator[Step, Heard | None, _Said]:
        return (yield from self._heard(CloseQuery("PUT", self._where, _json(said))))

    def _named(self, source: str) -> Generator[Step, Heard | None, list[NamedItem]]:
        """Which items the ledger does not hold, asked page by page."""
        found: list[NamedItem] = []
        page: list[dict[str, str]] = []
        for one in self._items(source):
            page.append({"source": one.source, "id": one.id})
            if len(page) == IDS_MAX:
                found += yield from self._page(page)
                page = []
        if page:
            found += yield from self._page(page)
        return found

    def _page(self, page: list[dict[str, str]]) -> Generator[Step, Heard | None, list[NamedItem]]:
        told = yield from self._heard(
            CloseQuery("POST", f"{self._where}/ids", _json({"ids": page}))
        )
        return _named_in(told)

    def _heard(self, asked: CloseQuery) -> Generator[Step, Heard | None, _Said]:
        """The answer, asked for again while the ledger is away.

        Raises:
            CloseError: it refuses, or stays away.
        """
        tries = 0
        while True:
            heard = yield asked
            tries += 1
            match heard:
                case Answer(status=200):
                    return _object(heard)
                case Answer(status=status) if status < _BROKEN_FROM:
                    raise CloseError(_code(heard), status)
                case Answer(status=status) if tries == _TRIES_MAX:
                    raise CloseError(_code(heard), status)
                case NoAnswer(code=code) if tries == _TRIES_MAX:
                    raise CloseError(code, 0)
                case Answer() | NoAnswer():
                    yield Pause(self._backoff.after(tries))
                case _:
                    raise CloseError("NO_CREDENTIAL", 0)

    def _told(self, closed: _Said, sent_again: int = 0) -> DayClose:
        return DayClose(
            self._day,
            closed["state"],
            closed["count"],
            sent_again=sent_again,
            named=tuple(_named_in(closed)),
            position=closed["position"],
        )


def next_of(steps: Generator[Step, Heard | None, DayClose], heard: Heard | None) -> Step | DayClose:
    """The next step, or what came of them all."""
    try:
        return steps.send(heard)
    except StopIteration as ended:
        return cast("DayClose", ended.value)


def _json(said: _Said) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _named_in(told: _Said) -> list[NamedItem]:
    rows = cast("list[dict[str, str]]", told["named"])
    return [NamedItem(one["source"], one["id"], one["found"]) for one in rows]


def _object(answer: Answer) -> _Said:
    try:
        told: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise CloseError("UNEXPECTED_ANSWER", answer.status)
    return cast("_Said", told)


def _code(answer: Answer) -> str:
    try:
        told: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    code = cast("_Said", told).get("code") if isinstance(told, dict) else None
    return code if isinstance(code, str) and code.isascii() and code.isprintable() else "REFUSED"
