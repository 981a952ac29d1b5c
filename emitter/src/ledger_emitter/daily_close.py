"""The daily close: count and hash of a day's items, what is missing sent again, closed anew."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256, shake_256
from itertools import islice
from typing import Any, Final, Literal, cast

from ledger_emitter.answers import Answer, NoAnswer, object_of
from ledger_emitter.backoff import Backoff
from ledger_emitter.errors import CloseError, DayNotKeptError
from ledger_emitter.exchange import LedgerClient
from ledger_emitter.items_by_day import DatedItem, is_retained, items_of, resend, waits
from ledger_emitter.outbox import FULL_POLL_S, Outbox

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


_JsonObject = dict[str, Any]


class DayClosing:
    """Closes of one outbox's days.

    Args:
        pause: lets so many seconds pass.
    """

    def __init__(
        self,
        outbox: Outbox,
        client: LedgerClient,
        backoff: Backoff,
        pause: Callable[[float], object],
    ) -> None:
        self._outbox: Final = outbox
        self._client: Final = client
        self._backoff: Final = backoff
        self._pause: Final = pause

    def close(self, emitter: str, day: date, wait_s: float) -> DayClose:
        """Close one day; see `Emitter.close_day`.

        Raises:
            CloseError, DayNotKeptError, OutboxUnavailableError: nothing, or not all, was closed.
        """
        if not is_retained(self._outbox, day):
            raise DayNotKeptError
        where = f"/v1/emitters/{emitter}/days/{day.isoformat()}"
        source = self._source(emitter)
        count, product, waiting = self._counted(day, source)
        if waiting:
            self._wait_for(waiting, wait_s)
            count, product, waiting = self._counted(day, source)
        if waiting:
            return DayClose(day, "waiting", count, len(waiting))
        members: _JsonObject = {"count": count, "hash": hash_of(product)}
        closed = self._ask("PUT", where, members)
        if closed["matches"]:
            return _close_of(day, closed)
        named = self._named(where, items_of(self._outbox, day, source))
        again = resend(
            self._outbox, [(one.source, one.id) for one in named if one.found == "missing"]
        )
        if again:
            self._wait_for(again, wait_s)
            named = self._named(where, items_of(self._outbox, day, source))
        ids = _ids(named[:IDS_MAX])
        if not named and count <= IDS_MAX:  # then what the ledger holds besides can be counted
            ids = _ids(items_of(self._outbox, day, source))
        return _close_of(day, self._ask("PUT", where, {**members, "ids": ids}), len(again))

    def _counted(self, day: date, source: str) -> tuple[int, int, list[int]]:
        """How many, the product of their keys, the numbers of those that wait."""
        count, product, waiting = 0, EMPTY, list[int]()
        for one in items_of(self._outbox, day, source):
            count += 1
            product = with_element(product, element(one.source, one.id))
            if one.is_waiting:
                waiting.append(one.number)
        return count, product, waiting

    def _wait_for(self, numbers: Sequence[int], wait_s: float) -> None:
        """Wait until these have their answers, or time runs out."""
        passed_s = 0.0
        while waits(self._outbox, numbers) and passed_s < wait_s:
            self._pause(FULL_POLL_S)
            passed_s += FULL_POLL_S

    def _source(self, emitter: str) -> str:
        listing = self._ask("GET", "/v1/emitters")
        for one in cast("list[_JsonObject]", listing.get("emitters", [])):
            if one.get("emitter") == emitter:
                return cast("str", one["source"])
        raise CloseError("NOT_FOUND", 404)

    def _named(self, where: str, items: Iterator[DatedItem]) -> list[NamedItem]:
        """Which items the ledger does not hold, asked page by page."""
        found: list[NamedItem] = []
        while page := _ids(islice(items, IDS_MAX)):
            found += _named_in(self._ask("POST", f"{where}/ids", {"ids": page}))
        return found

    def _ask(self, method: str, path: str, members: _JsonObject | None = None) -> _JsonObject:
        """The answer, asked for again while the ledger is away.

        Raises:
            CloseError: it refuses, or stays away.
        """
        body = None if members is None else _json(members)
        tries = 0
        while True:
            outcome = self._client.ask(method, path, body)
            tries += 1
            match outcome:
                case Answer(status=200):
                    answer = object_of(outcome.body)
                    if answer is None:
                        raise CloseError("UNEXPECTED_ANSWER", outcome.status)
                    return cast("_JsonObject", answer)
                case Answer(status=status) if status < _BROKEN_FROM or tries == _TRIES_MAX:
                    raise CloseError(_code(outcome), status)
                case NoAnswer(code=code) if tries == _TRIES_MAX:
                    raise CloseError(code, 0)
                case Answer() | NoAnswer():
                    self._pause(self._backoff.after(tries))
                case _:
                    raise CloseError("NO_CREDENTIAL", 0)


def _close_of(day: date, closed: _JsonObject, sent_again: int = 0) -> DayClose:
    return DayClose(
        day,
        closed["state"],
        closed["count"],
        sent_again=sent_again,
        named=tuple(_named_in(closed)),
        position=closed["position"],
    )


def _json(members: _JsonObject) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _ids(items: Iterable[DatedItem | NamedItem]) -> list[dict[str, str]]:
    return [{"source": one.source, "id": one.id} for one in items]


def _named_in(members: _JsonObject) -> list[NamedItem]:
    rows = cast("list[dict[str, str]]", members["named"])
    return [NamedItem(one["source"], one["id"], one["found"]) for one in rows]


def _code(answer: Answer) -> str:
    code = (object_of(answer.body) or {}).get("code")
    return code if isinstance(code, str) and code.isascii() and code.isprintable() else "REFUSED"
