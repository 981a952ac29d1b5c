"""The slow, obvious import: one line after the other, each in a request of its own."""

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from tests.chaos.ledger import Ledger

_OF_A_MARK = {"MARK_DIFFERS", "SCOPE_MISSING"}


def told(ledger: Ledger, lines: Iterable[bytes], key: str) -> list[dict[str, Any]]:
    """What the report must say of each line."""
    with closing(HTTPConnection("127.0.0.1", ledger.port, timeout=60)) as connection:
        return [_told(connection, key, n, line) for n, line in enumerate(lines, 1)]


def _told(connection: HTTPConnection, key: str, number: int, line: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {"line": number}
    if not line.strip():
        return {**said, "status": "blank"}
    body = b'{"items": [' + line + b"]}"
    try:
        is_an_object = isinstance(json.loads(line), dict)
    except ValueError:
        is_an_object = False
    if not is_an_object:
        return {**said, "status": "quarantine"}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/transfers", body, headers)
    answer = connection.getresponse()
    content = json.load(answer)
    if answer.status == 200:
        [result] = content["results"]
        kept = ("status", "position", "transfer", "lawful", "findings")
        return {**said, **{name: result[name] for name in kept if name in result}}
    if answer.status == 409:
        kept = ("position", "transfer", "code")
        return {**said, "status": "conflict", **{n: content[n] for n in kept if n in content}}
    return {**said, "status": "quarantine", "code": content["code"]}


def without_places(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is the same for every source: positions and transfers become numbers of lines.

    A position, and a transfer, is told as the first line that has it.
    """
    first: dict[object, int] = {}
    shown: list[dict[str, Any]] = []
    for line in lines:
        one = dict(line)
        for name in ("position", "transfer"):
            if name in one:
                one[name] = first.setdefault((name, one[name]), one["line"])
        if one["status"] == "quarantine":
            one.pop("code", None)
        shown.append(one)
    return shown
