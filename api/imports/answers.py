"""What the ledger's answer to a request means for each row of it.

Only the ledger's own words record or refuse a row; a proxy, a portal or another service at that
address says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, cast

import orjson

_KNOWN: Final = frozenset({"recorded", "duplicate", "duplicate_expired", "conflict", "rejected"})
_PROBLEM: Final = "application/problem+json"
_FIRST_ITEM: Final = "/items/0"
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNFIT: Final = frozenset({400, 413, 422})
_OK: Final = 200
_CONFLICT: Final = 409
_TOO_LONG: Final = 413
_BROKEN: Final = 500

Problem = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ImportResponse:
    """What came back over HTTP."""

    status: int
    media_type: str
    retry_after: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoResponse:
    """Nothing came back.

    Attributes:
        code: why, the name of the error.
        was_sent: whether the request may have reached the ledger.
    """

    code: str
    was_sent: bool


Heard = ImportResponse | NoResponse


@dataclass(frozen=True, slots=True)
class Result:
    """What the ledger said of one item.

    Attributes:
        status: as the ledger's door tells it.
        findings: their codes.
        problem: of a refused one; it quotes nothing of the item.
    """

    status: str
    position: int | None = None
    transfer: str | None = None
    findings: tuple[str, ...] = ()
    lawful: bool | None = None
    problem: Problem | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ItemResults:
    """The ledger spoke of each item."""

    results: list[Result]

    @property
    def asks_again(self) -> bool:
        """Whether it asks for one of them again."""
        problems = (one.problem for one in self.results if one.problem is not None)
        return any(problem.get("retryable") is True for problem in problems)


@dataclass(frozen=True, slots=True)
class CheckedItems:
    """The ledger judged the items and recorded nothing.

    Attributes:
        head: the position as of which it did; None if no item could be judged.
    """

    head: int | None


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """The request was refused as a whole for what is in it."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Nothing was said; the same again can succeed.

    Attributes:
        may_stand: whether the request may have been carried out all the same.
        may_be_an_item: whether it may be what is in it that breaks the ledger.
    """

    code: str
    status: int
    retry_after_s: float | None
    may_stand: bool
    may_be_an_item: bool = False


@dataclass(frozen=True, slots=True)
class NeedsOperator:
    """Nothing was said, and nothing will be before a person has seen to it."""

    code: str
    status: int


Judged = ItemResults | RefusedRequest | RetryLater | NeedsOperator


def judged(count: int, heard: Heard, at: datetime) -> Judged:
    """What `heard` means for a request of `count` items."""
    if isinstance(heard, NoResponse):
        return RetryLater(heard.code, 0, None, heard.was_sent)
    if heard.status == _OK:
        results = _results(count, heard)
        return (
            NeedsOperator("UNEXPECTED_ANSWER", heard.status)
            if results is None
            else ItemResults(results)
        )
    problem = problem_of(heard)
    code = f"HTTP_{heard.status}" if problem is None else str(problem["code"])
    if count == 1 and problem is not None and _is_of_the_item(problem):
        status = "conflict" if heard.status == _CONFLICT else "rejected"
        return ItemResults([_result({**problem, "status": status, "problem": problem})])
    if heard.status in _UNFIT and problem is not None and code != "BAD_REQUEST":
        return RefusedRequest(problem)
    if heard.status == _TOO_LONG and problem is None:
        return RefusedRequest({"code": code})  # a proxy's own limit: what passes it passes alone
    if heard.status in _LATER:
        wait_s = _seconds(heard.retry_after, at)
        is_broken = heard.status == _BROKEN
        return RetryLater(code, heard.status, wait_s, may_stand=True, may_be_an_item=is_broken)
    return NeedsOperator(code, heard.status)


def checked(count: int, heard: Heard) -> CheckedItems | None:
    """What a check of `count` items said; None if it said nothing."""
    if not isinstance(heard, ImportResponse) or heard.status != _OK:
        return None
    results = (object_of(heard.body) or {}).get("results")
    if not isinstance(results, list):
        return None
    told = cast("list[object]", results)
    heads = [cast("Problem", one).get("judged_at") for one in told if isinstance(one, dict)]
    if len(heads) != count:
        return None
    return CheckedItems(next((head for head in heads if type(head) is int), None))


def _results(count: int, answer: ImportResponse) -> list[Result] | None:
    """What is said of each item; None if these are not the ledger's words about this request."""
    results = (object_of(answer.body) or {}).get("results")
    if not isinstance(results, list):
        return None
    told = cast("list[object]", results)
    if len(told) != count or not all(map(_is_result, told)):
        return None
    return [_result(cast("Problem", one)) for one in told]


def _is_result(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    one = cast("Problem", value)
    position, status = one.get("position"), one.get("status")
    if status not in _KNOWN or not (position is None or type(position) is int):
        return False
    if status in ("recorded", "duplicate"):
        return position is not None
    return status == "duplicate_expired" or _is_problem(one.get("problem"))


def _result(told: Problem) -> Result:
    findings = told.get("findings")
    codes = cast("Sequence[object]", findings) if isinstance(findings, list) else ()
    lawful = told.get("lawful")
    return Result(
        str(told["status"]),
        cast("int | None", told.get("position")),
        cast("str | None", told.get("transfer")),
        tuple(str(code) for code in codes),
        lawful if isinstance(lawful, bool) else None,
        cast("Problem | None", told.get("problem")),
    )


def object_of(body: bytes) -> Problem | None:
    """The JSON object of a body; None if it is none."""
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return cast("Problem", document) if isinstance(document, dict) else None


def problem_of(answer: ImportResponse) -> Problem | None:
    """The ledger's problem (RFC 9457); None if somebody else refused."""
    document = object_of(answer.body) if answer.media_type == _PROBLEM else None
    return document if _is_problem(document) else None


def _is_problem(value: object) -> bool:
    return isinstance(value, dict) and isinstance(cast("Problem", value).get("code"), str)


def _is_of_the_item(problem: Problem) -> bool:
    """Whether a problem is that of the only item sent (decision 0013)."""
    errors = problem.get("errors")
    return isinstance(errors, list) and any(
        str(cast("Problem", one).get("pointer", "")).startswith(_FIRST_ITEM)
        for one in cast("list[object]", errors)
        if isinstance(one, dict)
    )


def _seconds(retry_after: str | None, at: datetime) -> float | None:
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
    return max((moment - at).total_seconds(), 0.0)
