"""What the ledger's answer to a batch means for each item of it.

Only the ledger's own words acknowledge or refuse an item. Whatever else answers (a proxy, a
captive portal, another service at that address) changes nothing: the items wait.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Literal, cast

from ledger_emitter.backoff import Backoff
from ledger_emitter.clock import milliseconds
from ledger_emitter.send_queue import (
    ItemAcknowledged,
    ItemDeferred,
    ItemRefused,
    QueuedItem,
    Settled,
    SourcePaused,
)

_ACKNOWLEDGED: Final = frozenset({"recorded", "duplicate", "duplicate_expired"})
_REFUSED: Final = frozenset({"rejected", "conflict"})
_PROBLEM: Final = "application/problem+json"
_FIRST_ITEM: Final = "/items/0"
_NOT_THE_CONTENT: Final = "BAD_REQUEST"
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
"""What a code of the ledger looks like; it is logged and stored."""

_POSITION_MAX: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    media_type: str
    retry_after: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back.

    Attributes:
        code: why, e.g. `ConnectError`.
        was_sent: whether the request may have reached the ledger.
    """

    code: str
    was_sent: bool


@dataclass(frozen=True, slots=True)
class NoCredential:
    """There was no credential to ask with."""


Heard = Answer | NoAnswer | NoCredential


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """The ledger spoke of each item."""

    settled: list[Settled]


@dataclass(frozen=True, slots=True)
class Unfit:
    """The request was refused as a whole, for what is in it: some item, or all together."""


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was said; the same again can succeed.

    Attributes:
        may_be_the_items: whether it may be what is in the request that breaks the ledger.
    """

    code: str
    http_status: int
    retry_after_s: float | None
    may_be_the_items: bool


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Nothing was said, and nothing will be before a person has seen to it."""

    code: str
    http_status: int
    retry_after_s: float | None = None


Judged = ItemAnswers | Unfit | Later | NeedsPerson


def judged(batch: Sequence[QueuedItem], heard: Heard, backoff: Backoff, now_ms: int) -> Judged:
    """What `heard` means for the items of `batch`, one at least."""
    if isinstance(heard, NoAnswer):
        return Later(heard.code, 0, None, may_be_the_items=heard.was_sent)
    if isinstance(heard, NoCredential):
        return NeedsPerson("NO_CREDENTIAL", 0)
    if heard.status == 200:  # noqa: PLR2004 -- as RFC 9110 names them, here and below
        settled = _results(batch, heard, backoff)
        return NeedsPerson("UNEXPECTED_ANSWER", 200) if settled is None else ItemAnswers(settled)
    problem = _problem(heard)
    if len(batch) == 1 and problem is not None and _is_of_the_item(problem):
        status = "conflict" if heard.status == 409 else "rejected"  # noqa: PLR2004 -- as above
        return ItemAnswers([_refusal(batch[0], status, problem, backoff)])
    return _of_the_whole(batch, heard, problem, backoff, now_ms)


def _of_the_whole(
    batch: Sequence[QueuedItem],
    answer: Answer,
    problem: Mapping[str, object] | None,
    backoff: Backoff,
    now_ms: int,
) -> Judged:
    code = f"HTTP_{answer.status}" if problem is None else _code(problem)
    retry_after_s = _seconds(answer.retry_after, now_ms)
    match answer.status:
        case 413 if problem is None:
            # A proxy's own limit, perhaps: what does not pass it alone waits, and holds up nobody.
            return _too_long_for_somebody(batch, code, backoff)
        case 413 if problem is not None:
            return _unfit(batch, problem, backoff)
        case 400 | 422 if problem is not None and code != _NOT_THE_CONTENT:
            return _unfit(batch, problem, backoff)
        case 408 | 425 | 429 | 502 | 503 | 504:
            return Later(code, answer.status, retry_after_s, may_be_the_items=False)
        case status if status >= 500:  # noqa: PLR2004 -- as above
            return Later(code, status, retry_after_s, may_be_the_items=True)
        case status:
            return NeedsPerson(code, status, retry_after_s)


def _unfit(
    batch: Sequence[QueuedItem], problem: Mapping[str, object], backoff: Backoff
) -> ItemAnswers | Unfit:
    if len(batch) > 1:
        return Unfit()
    return ItemAnswers([_refusal(batch[0], "rejected", problem, backoff)])


def _too_long_for_somebody(
    batch: Sequence[QueuedItem], code: str, backoff: Backoff
) -> ItemAnswers | Unfit:
    if len(batch) > 1:
        return Unfit()
    return ItemAnswers([ItemDeferred(batch[0].number, backoff.of_item(batch[0].tries), code)])


def _results(batch: Sequence[QueuedItem], answer: Answer, backoff: Backoff) -> list[Settled] | None:
    """What is said of each item; None if these are not the ledger's words about this batch."""
    document = _object(answer)
    results = None if document is None else document.get("results")
    if not isinstance(results, list):
        return None
    told = cast("list[object]", results)
    if len(told) != len(batch):
        return None
    settled: list[Settled] = []
    for waiting, result in zip(batch, told, strict=True):
        one = _result(waiting, result, backoff)
        if one is None:
            return None
        settled.append(one)
    return settled


def _result(waiting: QueuedItem, result: object, backoff: Backoff) -> Settled | None:
    if not isinstance(result, dict):
        return None
    members = cast("dict[str, object]", result)
    status, problem = members.get("status"), members.get("problem")
    if status in _ACKNOWLEDGED:
        position = members.get("position")
        if position is not None and not _is_position(position):
            return None
        return ItemAcknowledged(waiting.number, str(status), cast("int | None", position))
    if status in _REFUSED and _is_problem(problem):
        refused = cast("Literal['rejected', 'conflict']", status)
        return _refusal(waiting, refused, cast("dict[str, object]", problem), backoff)
    return None


def _is_position(value: object) -> bool:
    """Whether the ledger, and the outbox, can count to it."""
    return type(value) is int and 0 < value <= _POSITION_MAX


def _refusal(
    waiting: QueuedItem,
    status: Literal["rejected", "conflict"],
    problem: Mapping[str, object],
    backoff: Backoff,
) -> Settled:
    code = _code(problem)
    if code == "SOURCE_NOT_ALLOWED":
        # The key's fault or the source's, never this one item's: all of the source wait.
        return SourcePaused(waiting.source, code, backoff.while_paused())
    if problem.get("retryable") is True:
        return ItemDeferred(waiting.number, backoff.of_item(waiting.tries))
    return ItemRefused(waiting.number, status, code, problem)


def _object(answer: Answer) -> Mapping[str, object] | None:
    try:
        document: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", document) if isinstance(document, dict) else None


def _problem(answer: Answer) -> Mapping[str, object] | None:
    """The ledger's problem (RFC 9457); None if somebody else refused."""
    if answer.media_type != _PROBLEM:
        return None
    document = _object(answer)
    return document if _is_problem(document) else None


def _is_problem(value: object) -> bool:
    """Whether it has a code of the ledger's kind, and can be kept as it is."""
    if not isinstance(value, dict):
        return False
    problem = cast("dict[str, object]", value)
    code = problem.get("code")
    if not isinstance(code, str) or _CODE.fullmatch(code) is None:
        return False
    try:
        json.dumps(problem)
    except RecursionError:
        return False
    return True


def _code(problem: Mapping[str, object]) -> str:
    return cast("str", problem["code"])


def _is_of_the_item(problem: Mapping[str, object]) -> bool:
    """Whether a problem is that of the only item sent (the ledger's decision 0013)."""
    errors = problem.get("errors")
    if not isinstance(errors, list):
        return False
    pointers = [
        cast("dict[str, object]", one).get("pointer")
        for one in cast("list[object]", errors)
        if isinstance(one, dict)
    ]
    return any(isinstance(one, str) and one.startswith(_FIRST_ITEM) for one in pointers)


def _seconds(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` in seconds (RFC 9110, section 10.2.3); None without a readable one."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((milliseconds(moment) - now_ms) / 1_000, 0.0)
