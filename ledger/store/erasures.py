"""The lines of the erasure journal: what they may be, and what they say together."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from ledger.errors import BrokenWorldError

_SUM_CHARS: Final = 32
_KEY_CHARS: Final = 64
_MEMBERS: Final = {
    "begun": {"at", "id", "ledger"},
    "intent": {"at", "keys", "plan"},
    "done": {"keys", "position"},
    "accepted": {"at", "head", "seen"},
}
"""State → the other members of its lines, the check sum aside."""

Line = dict[str, Any]


class JournalError(BrokenWorldError):
    """The journal is damaged, or another ledger's; the message says which line."""


@dataclass(slots=True)
class Told:
    """What the lines say, so far.

    Attributes:
        id: of the journal; None before its first line.
        erased: ids of keys that were destroyed.
        open: ids of keys of which no line says what became of them.
        sum: check sum of the last line.
        size: bytes of the complete lines.
    """

    id: UUID | None = None
    erased: set[bytes] = field(default_factory=set[bytes])
    open: set[bytes] = field(default_factory=set[bytes])
    sum: str = ""
    size: int = 0

    def take(self, line: Line, ledger: str) -> None:
        """Take in the next line of the journal of `ledger`.

        Raises:
            JournalError: it is another ledger's.
            ValueError: the line does not belong here, or holds what it must not.
        """
        state = line["state"]
        if (state == "begun") != (self.id is None):
            raise ValueError(state)
        if state == "begun":
            if line["ledger"] != ledger:
                raise JournalError("the erasure journal is that of another ledger")
            self.id = UUID(line["id"])
        keys = {_key(text) for text in line.get("keys", ())}
        if state == "intent":
            self.open |= keys
        elif state == "done":
            if type(line["position"]) is not int:
                raise ValueError(state)
            self.open -= keys
            self.erased |= keys


def told_by(content: bytes, ledger: str) -> Told:
    """What the complete lines of `content` say; a last one that was cut off says nothing.

    Raises:
        JournalError: a line is damaged, or it is another ledger's.
    """
    told = Told()
    complete, _, _ = content.rpartition(b"\n")
    for number, raw in enumerate(complete.split(b"\n") if complete else (), 1):
        try:
            told.take(_checked(raw, told.sum), ledger)
        except (ValueError, KeyError, TypeError):
            raise JournalError(f"line {number} of the erasure journal is damaged") from None
        told.sum = _sum_in(raw)
        told.size += len(raw) + 1
    return told


def written(lines: Iterable[Line], before: str) -> bytes:
    """The lines as they are appended after a line with the check sum `before`."""
    content = b""
    for line in lines:
        raw = _summed(line, before)
        content, before = content + raw + b"\n", _sum_in(raw)
    return content


def texts(keys: Collection[bytes]) -> list[str]:
    """Key ids as they stand in a line."""
    return sorted(key.hex() for key in keys)


def instant(at: datetime) -> str:
    """An instant as it stands in a line."""
    return at.isoformat(timespec="milliseconds")


def _checked(raw: bytes, before: str) -> Line:
    line = cast("Line", json.loads(raw))
    if raw != _summed({name: line[name] for name in line if name != "sum"}, before):
        raise ValueError(before)
    if line.keys() - {"state", "sum"} != _MEMBERS[line["state"]]:
        raise ValueError(before)
    return line


def _summed(line: Line, before: str) -> bytes:
    text = json.dumps(line, sort_keys=True, separators=(",", ":"))
    digest = sha256(f"{before}\n{text}".encode()).hexdigest()[:_SUM_CHARS]
    return f'{text[:-1]},"sum":"{digest}"}}'.encode()


def _sum_in(raw: bytes) -> str:
    return raw[-_SUM_CHARS - 2 : -2].decode()


def _key(text: str) -> bytes:
    if len(text) != _KEY_CHARS:
        raise ValueError(text)
    return bytes.fromhex(text)
