"""What the ledger's answer to a request means for each item of it.

Only the ledger's own words acknowledge or refuse an item. Whatever else answers (a proxy, a
captive portal, another service at that address) changes nothing: the items wait.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Literal, cast

from ledger_emitter.clock import milliseconds

_ACKNOWLEDGED: Final = frozenset({"recorded", "duplicate", "duplicate_expired"})
_REFUSED: Final = frozenset({"rejected", "conflict"})
_WITHOUT_POSITION: Final = "duplicate_expired"
_PROBLEM: Final = "application/problem+json"
_FIRST_ITEM: Final = "/items/0"
_NOT_THE_CONTENT: Final = "BAD_REQUEST"
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
"""What a code of the ledger looks like; it is logged and stored."""

_POSITION_MAX: Final = (1 << 63) - 1

Status = Literal["recorded", "duplicate", "duplicate_expired", "rejected", "conflict"]

Problem = Mapping[str, object]
"""A problem (RFC 9457), or any other object of JSON."""


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
    """There was no credential to ask with.

    Attributes:
        cause: what the function that was asked for it raised, if anything.
    """

    cause: Exception | None = None


RequestOutcome = Answer | NoAnswer | NoCredential


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What the ledger said of one item.

    Attributes:
        status: as the API names it.
        problem: of a refused one; it quotes nothing of the item.
        members: all that was said.
    """

    status: Status
    position: int | None = None
    problem: Problem | None = field(default=None, repr=False)
    members: Problem = field(default_factory=dict[str, object], repr=False)

    @property
    def is_retryable(self) -> bool:
        """Whether the ledger asks for it again."""
        return self.problem is not None and self.problem.get("retryable") is True


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """The ledger spoke of each item."""

    results: list[ItemResult]


@dataclass(frozen=True, slots=True)
class Unfit:
    """The request was refused as a whole, for what is in it: some item, or all together.

    Attributes:
        problem: the ledger's; None if somebody between refused it for its length.
    """

    code: str
    problem: Problem | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was said; the same again can succeed.

    Attributes:
        was_sent: whether the request may have been carried out all the same.
        may_be_the_items: whether it may be what is in the request that breaks the ledger.
    """

    code: str
    http_status: int
    retry_after_s: float | None = None
    was_sent: bool = True
    may_be_the_items: bool = False


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Nothing was said, and nothing will be before a person has seen to it."""

    code: str
    http_status: int
    retry_after_s: float | None = None


Judged = ItemAnswers | Unfit | Later | NeedsPerson


def judged(count: int, outcome: RequestOutcome, now_ms: int) -> Judged:
    """What `outcome` means for a request of `count` items."""
    if isinstance(outcome, NoAnswer):
        return Later(outcome.code, 0, None, outcome.was_sent, may_be_the_items=outcome.was_sent)
    if isinstance(outcome, NoCredential):
        return NeedsPerson("NO_CREDENTIAL", 0)
    if outcome.status == 200:  # noqa: PLR2004 -- as RFC 9110 names them, here and below
        results = _results(count, outcome)
        return NeedsPerson("UNEXPECTED_ANSWER", 200) if results is None else ItemAnswers(results)
    problem = problem_of(outcome)
    if count == 1 and problem is not None and _is_of_the_item(problem):
        status = "conflict" if outcome.status == 409 else "rejected"  # noqa: PLR2004 -- as above
        return ItemAnswers([_result({**problem, "status": status, "problem": problem})])
    return _judge_request(outcome, problem, now_ms)


def _judge_request(answer: Answer, problem: Problem | None, now_ms: int) -> Judged:
    code = f"HTTP_{answer.status}" if problem is None else str(problem["code"])
    retry_after_s = _seconds(answer.retry_after, now_ms)
    match answer.status:
        case 413:
            return Unfit(code, problem)
        case 400 | 422 if problem is not None and code != _NOT_THE_CONTENT:
            return Unfit(code, problem)
        case 408 | 425 | 429 | 502 | 503 | 504:
            return Later(code, answer.status, retry_after_s)
        case status if status >= 500:  # noqa: PLR2004 -- as above
            return Later(code, status, retry_after_s, may_be_the_items=True)
        case status:
            return NeedsPerson(code, status, retry_after_s)


def results_of(count: int, answer: Answer) -> list[Problem] | None:
    """The objects in `results`, one an item; None if they are not there."""
    results = (object_of(answer.body) or {}).get("results")
    objects = cast("list[object]", results) if isinstance(results, list) else []
    found = [cast("Problem", one) for one in objects if isinstance(one, dict)]
    return found if len(found) == len(objects) == count else None


def _results(count: int, answer: Answer) -> list[ItemResult] | None:
    """What is said of each item; None if these are not the ledger's words about this request."""
    objects = results_of(count, answer)
    if not objects or not all(map(_is_result, objects)):
        return None
    return list(map(_result, objects))


def _result(one: Problem) -> ItemResult:
    position = one.get("position")
    return ItemResult(
        cast("Status", one["status"]),
        cast("int", position) if _is_position(position) else None,
        cast("Problem | None", one.get("problem")),
        one,
    )


def _is_result(one: Problem) -> bool:
    status, position = one.get("status"), one.get("position")
    if not isinstance(status, str) or not (position is None or _is_position(position)):
        return False
    if status in _REFUSED:
        return _is_problem(one.get("problem"))
    return status in _ACKNOWLEDGED and (position is not None or status == _WITHOUT_POSITION)


def _is_position(value: object) -> bool:
    """Whether the ledger, and the outbox, can count to it."""
    return type(value) is int and 0 < value <= _POSITION_MAX


def object_of(body: bytes) -> Problem | None:
    """The JSON object of a body; None if it is none."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Problem", document) if isinstance(document, dict) else None


def problem_of(answer: Answer) -> Problem | None:
    """The ledger's problem (RFC 9457); None if somebody else refused."""
    document = object_of(answer.body) if answer.media_type == _PROBLEM else None
    return document if _is_problem(document) else None


def _is_problem(value: object) -> bool:
    """Whether it has a code of the ledger's kind, and can be kept as it is."""
    if not isinstance(value, dict):
        return False
    problem = cast("Problem", value)
    code = problem.get("code")
    if not isinstance(code, str) or _CODE.fullmatch(code) is None:
        return False
    try:
        json.dumps(problem)
    except RecursionError:
        return False
    return True


def _is_of_the_item(problem: Problem) -> bool:
    """Whether a problem is that of the only item sent (the ledger's decision 0013)."""
    errors = problem.get("errors")
    return isinstance(errors, list) and any(
        str(cast("Problem", one).get("pointer", "")).startswith(_FIRST_ITEM)
        for one in cast("list[object]", errors)
        if isinstance(one, dict)
    )


def _seconds(retry_after: str | None, now_ms: int) -> float | None:
    """`Retry-After` in seconds (RFC 9110, section 10.2.3); None without a readable one."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((milliseconds(moment) - now_ms) / 1_000, 0.0)
