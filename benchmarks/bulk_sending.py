"""A sender of bulk transfers over HTTP: announced, in parts, committed, waited for."""

import http.client
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson

from benchmarks.samples import SOURCE, data

PART_LINES: Final = 50_000
PATH: Final = "/v1/bulk-transfers"
_POLL_SECONDS: Final = 0.05
_WAIT_SECONDS: Final = 600.0


class SendingError(Exception):
    """An answer was not what it must be; the figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class File:
    """What is sent; made beforehand, so that its making is not measured.

    Attributes:
        parts: NDJSON, one person a line.
        middle: an identifier in the middle of it.
    """

    persons: int
    parts: tuple[bytes, ...]
    middle: str

    @property
    def sha256(self) -> str:
        """As a bulk transfer announces it."""
        return sha256(b"".join(sha256(part).digest() for part in self.parts)).hexdigest()


def file_of(persons: int, label: str, *, named: bool = False) -> File:
    """A file of so many invented members."""

    def line(number: int) -> bytes:
        person = {"scheme": "member", "id": f"{label}-{number:08}"}
        if named:
            person["name"] = f"見本 {number % 9_973:04}子"
        return orjson.dumps(person)

    parts: list[bytes] = []
    for first in range(0, persons, PART_LINES):
        numbers = range(first, min(first + PART_LINES, persons))
        parts.append(b"\n".join(map(line, numbers)) + b"\n")
    return File(persons, tuple(parts), f"{label}-{persons // 2:08}")


@dataclass(frozen=True, slots=True)
class Sent:
    """Seconds from the beginning until the parts were taken, until the record was durable.

    Attributes:
        position: where the record takes effect.
    """

    taken: float
    durable: float
    position: int


class Sender:
    """One connection."""

    def __init__(self, port: int, credential: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAIT_SECONDS)
        self._head = {"Authorization": f"Bearer {credential}"}

    def send(self, file: File, key: str) -> Sent:
        """Send the file as one transfer, and wait until it is recorded.

        Raises:
            SendingError: it was refused, or took too long.
        """
        content = data(0)
        del content["principals"]
        asked = {
            "source": SOURCE,
            "id": key,
            "data": content,
            "lines": file.persons,
            "parts": len(file.parts),
            "sha256": file.sha256,
        }
        started = time.perf_counter()
        bulk = self._json("POST", PATH, orjson.dumps(asked))["bulk"]
        for number, part in enumerate(file.parts, 1):
            self._asked("PUT", f"{PATH}/{bulk}/parts/{number}", part, "application/x-ndjson")
        self._json("POST", f"{PATH}/{bulk}/commit", b"")
        taken = time.perf_counter() - started
        while (found := self._json("GET", f"{PATH}/{bulk}", b""))["state"] != "committed":
            if time.perf_counter() - started > _WAIT_SECONDS:
                raise SendingError(f"it is {found['state']}")
            time.sleep(_POLL_SECONDS)
        return Sent(taken, time.perf_counter() - started, found["result"]["position"])

    def provisions(self, member: str) -> int:
        """How many provisions the history of a member has."""
        identifiers = [{"scheme": "member", "id": member}]
        asked = {"identifiers": identifiers, "case": "BENCH-1", "reason": "benchmark"}
        return len(self._json("POST", "/v1/histories", orjson.dumps(asked))["provisions"])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _json(self, method: str, path: str, body: bytes) -> Any:  # noqa: ANN401 -- JSON
        return orjson.loads(self._asked(method, path, body, "application/json"))

    def _asked(self, method: str, path: str, body: bytes, content_type: str) -> bytes:
        head = {**self._head, "Content-Type": content_type}
        self._connection.request(method, path, body, head)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status not in (200, 201, 202):
            raise SendingError(f"{method} {path}: {answer.status}")
        return read
