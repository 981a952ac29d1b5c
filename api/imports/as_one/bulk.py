"""One bulk transfer at the ledger's doors: announced, parts sent, committed, looked after."""

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
    Heard,
    ItemAnswers,
    Later,
    NeedsPerson,
    Problem,
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
        told: the answer's object; empty if there is none, or a problem.
        problem: why it was refused.
    """

    status: int
    told: Problem = field(repr=False)
    problem: Problem | None = field(default=None, repr=False)

    @property
    def code(self) -> str:
        """Of the problem; empty without one."""
        return "" if self.problem is None else str(self.problem["code"])


class GoneError(Exception):
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
    `GoneError` when the ledger does not know it.
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
        said = self._ask("POST", PATH, orjson.dumps(body), headers)
        bulk = said.told.get("bulk")
        if said.status == _CREATED and isinstance(bulk, str):
            return bulk
        if said.status == _MALFORMED and said.problem is not None:
            raise refused(_defects(said.problem))
        raise _unexpected(said)

    def look(self, bulk: str) -> Problem:
        """How it stands."""
        return self._told(self._ask("GET", f"{PATH}/{bulk}"))

    def put(self, bulk: str, content: Content) -> dict[int, Defects]:
        """Send a part; the lines of the file that the ledger refuses, and why.

        Those are left out and the rest is sent again, until it is taken: so all are named.
        """
        persons, lines = content.persons, content.lines
        found: dict[int, Defects] = {}
        while persons:
            said = self._put(bulk, content, persons)
            if said.problem is None:
                return found
            named = _named(said, len(persons))
            if not named:
                _known(said)
                raise UndeliveredError(said.code, said.status, content.part.at.line)
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
        said = self._ask("POST", f"{PATH}/{bulk}/commit")
        if said.code == "PARTS_MISSING":
            return Differs(missing=True)
        if said.code in ("LINES_DIFFER", "CONTENT_DIFFERS"):
            return Differs(missing=False)
        self._told(said)
        return None

    def abort(self, bulk: str) -> None:
        """Let go of it, if it is there and can still be let go of."""
        said = self._ask("DELETE", f"{PATH}/{bulk}")
        if said.problem is not None and said.code not in ("NOT_FOUND", "BULK_CLOSED"):
            raise _unexpected(said)

    def _told(self, said: ImportAnswer) -> Problem:
        _known(said)
        if said.problem is not None or not isinstance(said.told.get("state"), str):
            raise _unexpected(said)
        return said.told


def _understood(heard: Heard) -> ImportAnswer | Later | NeedsPerson:
    """What was said, or that nothing was."""
    if isinstance(heard, Answer) and heard.status // 100 == 2:  # noqa: PLR2004 -- a class of status
        told = object_of(heard.body or b"{}")
        if told is None:
            return NeedsPerson("UNEXPECTED_ANSWER", heard.status)
        return ImportAnswer(heard.status, told)
    found = judged(0, heard, now_ms())
    assert not isinstance(found, ItemAnswers), "there are no items"
    if isinstance(found, Later):
        return found
    status, problem = 0, None
    if isinstance(heard, Answer):
        status, problem = heard.status, problem_of(heard)
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


def _known(said: ImportAnswer) -> None:
    if said.code == "NOT_FOUND":
        raise GoneError


def _unexpected(said: ImportAnswer) -> UndeliveredError:
    return UndeliveredError(said.code or "UNEXPECTED_ANSWER", said.status)


def _defects(problem: Problem) -> list[Defect]:
    errors = problem.get("errors")
    given = cast("list[object]", errors) if isinstance(errors, list) else []
    told = [cast("Mapping[str, Json]", one) for one in given if isinstance(one, dict)]
    return [
        Defect(str(one.get("pointer", "")), str(one.get("code")), str(one.get("detail", "")))
        for one in told
    ] or [Defect("", str(problem["code"]), "")]


def _named(said: ImportAnswer, count: int) -> dict[int, Defects]:
    """The lines of a part that are refused, by index; none if it is refused for something else."""
    found: dict[int, Defects] = {}
    if said.status != _MALFORMED or said.problem is None:
        return found
    for one in _defects(said.problem):
        number, _, member = one.pointer.removeprefix(_LINES).partition("/")
        if one.pointer.startswith(_LINES) and number.isascii() and number.isdigit():
            index = int(number[:9]) - 1
            if 0 <= index < count:
                defect = Defect(f"/{member}" if member else "", one.code, one.detail)
                found[index] = (*found.get(index, ()), defect)
    return found
