"""One bulk transfer at the ledger's endpoints: announced, parts sent, committed, looked after."""

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast

import orjson

from api.imports.as_one.header import TransferHeader, refused
from api.imports.as_one.survey import Content, Defects, Survey, content_of
from api.imports.client import RetryingClient
from api.imports.errors import UndeliveredError
from ledger.errors import Defect
from ledger.values import Json
from ledger_emitter.answers import (
    Answer,
    ItemAnswers,
    Later,
    NeedsPerson,
    Problem,
    RequestOutcome,
    judged,
    object_of,
    problem_of,
)
from ledger_emitter.clock import now_ms

PATH: Final = "/v1/bulk-transfers"
_LINES: Final = "/lines/"
_CREATED, _MALFORMED = 201, 422
_DAMAGED: Final = frozenset({"truncated", "damaged", "trailing", "not_compressed"})
"""Why a part may not have unpacked although it left us whole."""


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What the ledger answered.

    Attributes:
        body: the answer's object; empty if there is none, or a problem.
        problem: why it was refused.
    """

    status: int
    body: Problem = field(repr=False)
    problem: Problem | None = field(default=None, repr=False)

    @property
    def code(self) -> str:
        """Of the problem; empty without one."""
        return "" if self.problem is None else str(self.problem["code"])


class BulkNotFoundError(Exception):
    """The ledger does not know the bulk transfer any more."""


@dataclass(frozen=True, slots=True)
class Differs:
    """What is at the ledger is not what was announced.

    Attributes:
        missing: whether parts alone are missing; else some are other ones.
    """

    missing: bool


class Bulks:
    """Bulk transfers of one sender; used by several threads.

    All methods raise as `RetryingClient.ask`; those that take the id of a bulk transfer raise
    `BulkNotFoundError` when the ledger does not know it.
    """

    def __init__(self, client: RetryingClient) -> None:
        # What the ledger says, also when it refuses.
        self._ask = partial(client.ask, read=_understood)

    def announce(self, header: TransferHeader, survey: Survey, key: str) -> str:
        """The id of the bulk transfer that is announced under this key.

        Raises:
            FileError: it is none that can be recorded.
        """
        body = {
            **header.members,
            "lines": survey.lines,
            "parts": len(survey.parts),
            "sha256": survey.sha256,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{key}"'}
        answer = self._ask("POST", PATH, orjson.dumps(body), headers)
        bulk = answer.body.get("bulk")
        if answer.status == _CREATED and isinstance(bulk, str):
            return bulk
        if answer.status == _MALFORMED and answer.problem is not None:
            raise refused(_defects(answer.problem))
        raise _unexpected(answer)

    def fetch_state(self, bulk: str) -> Problem:
        """How it stands."""
        return self._require_state(self._ask("GET", f"{PATH}/{bulk}"))

    def put(self, bulk: str, content: Content) -> dict[int, Defects]:
        """Send a part; the lines of the file that the ledger refuses, and why.

        Those are left out and the rest is sent again, until it is taken: so all are named.
        """
        persons, lines = content.persons, content.lines
        found: dict[int, Defects] = {}
        while persons:
            answer = self._put(bulk, content, persons)
            if answer.problem is None:
                return found
            named = _named(answer, len(persons))
            if not named:
                _known(answer)
                raise UndeliveredError(answer.code, answer.status, content.part.at.line)
            found |= {lines[index]: defects for index, defects in named.items()}
            kept = [index for index in range(len(persons)) if index not in named]
            persons, lines = [persons[n] for n in kept], [lines[n] for n in kept]
        return found

    def _put(self, bulk: str, content: Content, persons: list[bytes]) -> ImportAnswer:
        plain = content_of(persons)
        digest = b64encode(hashlib.sha256(plain).digest()).decode()
        headers = {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Unencoded-Digest": f"sha-256=:{digest}:",
        }
        # Lines of persons shrink to a 410th at most, and the ledger takes 500 for an attack.
        body = gzip.compress(plain, 6, mtime=0)
        path = f"{PATH}/{bulk}/parts/{content.part.number}"
        return self._ask("PUT", path, body, headers, content.part.at.line)

    def commit(self, bulk: str) -> Differs | None:
        """Ask for the commit; None once it has begun."""
        answer = self._ask("POST", f"{PATH}/{bulk}/commit")
        if answer.code == "PARTS_MISSING":
            return Differs(missing=True)
        if answer.code in ("LINES_DIFFER", "CONTENT_DIFFERS"):
            return Differs(missing=False)
        self._require_state(answer)
        return None

    def abort(self, bulk: str) -> None:
        """Let go of it, if it is there and can still be let go of."""
        answer = self._ask("DELETE", f"{PATH}/{bulk}")
        if answer.problem is not None and answer.code not in ("NOT_FOUND", "BULK_CLOSED"):
            raise _unexpected(answer)

    def _require_state(self, answer: ImportAnswer) -> Problem:
        _known(answer)
        if answer.problem is not None or not isinstance(answer.body.get("state"), str):
            raise _unexpected(answer)
        return answer.body


def _understood(outcome: RequestOutcome) -> ImportAnswer | Later | NeedsPerson:
    """What was said, or that nothing was."""
    if isinstance(outcome, Answer) and outcome.status // 100 == 2:  # noqa: PLR2004 -- a class of status
        body = object_of(outcome.body or b"{}")
        if body is None:
            return NeedsPerson("UNEXPECTED_ANSWER", outcome.status)
        return ImportAnswer(outcome.status, body)
    found = judged(0, outcome, now_ms())
    assert not isinstance(found, ItemAnswers), "there are no items"
    if isinstance(found, Later):
        return found
    status, problem = 0, None
    if isinstance(outcome, Answer):
        status, problem = outcome.status, problem_of(outcome)
    if problem is None:
        return NeedsPerson(found.code, status)
    if _is_passing(problem):
        wait_s = found.retry_after_s if isinstance(found, NeedsPerson) else None
        return Later(found.code, status, wait_s)
    return ImportAnswer(status, {}, problem)


def _is_passing(problem: Problem) -> bool:
    """Whether the same request may succeed: it is its turn later, or arrived changed."""
    if problem.get("retryable") is True or problem["code"] == "PART_DIFFERS":
        return True
    return problem["code"] == "PART_UNREADABLE" and problem.get("reason") in _DAMAGED


def _known(answer: ImportAnswer) -> None:
    if answer.code == "NOT_FOUND":
        raise BulkNotFoundError


def _unexpected(answer: ImportAnswer) -> UndeliveredError:
    return UndeliveredError(answer.code or "UNEXPECTED_ANSWER", answer.status)


def _defects(problem: Problem) -> list[Defect]:
    errors = problem.get("errors")
    given = cast("list[object]", errors) if isinstance(errors, list) else []
    entries = [cast("Mapping[str, Json]", one) for one in given if isinstance(one, dict)]
    return [
        Defect(str(one.get("pointer", "")), str(one.get("code")), str(one.get("detail", "")))
        for one in entries
    ] or [Defect("", str(problem["code"]), "")]


def _named(answer: ImportAnswer, count: int) -> dict[int, Defects]:
    """The lines of a part that are refused, by index; none if it is refused for something else."""
    found: dict[int, Defects] = {}
    if answer.status != _MALFORMED or answer.problem is None:
        return found
    for one in _defects(answer.problem):
        number, _, member = one.pointer.removeprefix(_LINES).partition("/")
        if one.pointer.startswith(_LINES) and number.isascii() and number.isdigit():
            index = int(number[:9]) - 1
            if 0 <= index < count:
                defect = Defect(f"/{member}" if member else "", one.code, one.detail)
                found[index] = (*found.get(index, ()), defect)
    return found
