"""The lines of the erasure journal: what they may be, and what they say together.

The check sum of a line is keyed with a subkey of the ledger secret, so that whoever writes to the
journal's folder makes no line. Journals of before that have lines with a plain one, and are read
for ever; after a line with a keyed sum there is none with a plain one.
"""

import hmac
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from ledger.crypto.encoding import keyed
from ledger.errors import BrokenWorldError

_SUM_CHARS: Final = 32
_SUM: Final = re.compile(r"[0-9a-f]{32}")
_KEY_CHARS: Final = 64
_MEMBERS: Final = {
    "begun": {"at", "id", "ledger"},
    "intent": {"at", "keys", "plan"},
    "done": {"keys", "position"},
    "accepted": {"at", "head", "seen"},
    "keyed": {"at"},
}
"""State → the other members of its lines, the check sum aside."""

Line = dict[str, Any]


class JournalError(BrokenWorldError):
    """The journal is damaged, or another ledger's; the message says which line."""


@dataclass(slots=True)
class ErasureState:
    """What the lines say, so far.

    Attributes:
        id: of the journal; None before its first line.
        erased: ids of keys that were destroyed.
        open: ids of keys of which no line says what became of them.
        sum: check sum of the last line.
        size: bytes of the complete lines.
        keyed: whether the last line has a keyed sum.
    """

    id: UUID | None = None
    erased: set[bytes] = field(default_factory=set[bytes])
    open: set[bytes] = field(default_factory=set[bytes])
    sum: str = ""
    size: int = 0
    keyed: bool = False

    def take(self, line: Line) -> None:
        """Take in the next line.

        Raises:
            ValueError: the line does not belong here, or holds what it must not.
        """
        state = line["state"]
        if (state == "begun") != (self.id is None):
            raise ValueError(state)
        if state == "begun":
            self.id = UUID(line["id"])
        keys = {_key(text) for text in line.get("keys", ())}
        if state == "intent":
            self.open |= keys
        elif state == "done":
            if type(line["position"]) is not int:
                raise ValueError(state)
            self.open -= keys
            self.erased |= keys


def told_by(content: bytes, ledger: str, key: bytes | None) -> ErasureState:
    """What the complete lines of `content` say; a last one that was cut off says nothing.

    Args:
        key: of the sums; None: keyed ones are believed.

    Raises:
        JournalError: a line is damaged, or it is another ledger's.
    """
    told = ErasureState()
    complete, _, _ = content.rpartition(b"\n")
    for number, raw in enumerate(complete.split(b"\n") if complete else (), 1):
        try:
            line = cast("Line", json.loads(raw))
            if line.get("ledger", ledger) != ledger:
                raise JournalError("the erasure journal is that of another ledger")
            told.keyed = _is_keyed(raw, line, told, key)
            told.take(line)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise JournalError(f"line {number} of the erasure journal is damaged") from None
        told.sum = _sum_in(raw)
        told.size += len(raw) + 1
    return told


def written(lines: Iterable[Line], before: str, key: bytes) -> bytes:
    """The lines as they are appended after a line with the check sum `before`."""
    content = b""
    for line in lines:
        raw = _summed(line, before, key)
        content, before = content + raw + b"\n", _sum_in(raw)
    return content


def texts(keys: Collection[bytes]) -> list[str]:
    """Key ids as they stand in a line."""
    return sorted(key.hex() for key in keys)


def instant(at: datetime) -> str:
    """An instant as it stands in a line."""
    return at.isoformat(timespec="milliseconds")


def keyed_sum(text: str, key: bytes) -> str:
    """The check sum of a text of the journal, as it stands there."""
    return keyed(key, text.encode()).hex()[:_SUM_CHARS]


def _is_keyed(raw: bytes, line: Line, told: ErasureState, key: bytes | None) -> bool:
    """Whether the sum of the line is keyed.

    Raises:
        ValueError: it is neither that nor a plain one where that may be, or the line is none.
    """
    bare = {name: line[name] for name in line if name != "sum"}
    is_plain = not told.keyed and raw == _summed(bare, told.sum, None)
    if not is_plain:
        _check_keyed(raw, bare, told.sum, key)
    if line.keys() - {"state", "sum"} != _MEMBERS[line["state"]]:
        raise ValueError(told.sum)
    return not is_plain


def _check_keyed(raw: bytes, bare: Line, before: str, key: bytes | None) -> None:
    if key is None:
        good = raw == _with_sum(bare, _sum_in(raw)) and _SUM.fullmatch(_sum_in(raw)) is not None
    else:
        good = hmac.compare_digest(raw, _summed(bare, before, key))
    if not good:
        raise ValueError(before)


def _summed(line: Line, before: str, key: bytes | None) -> bytes:
    text = f"{before}\n{_text(line)}"
    plain = sha256(text.encode()).hexdigest()[:_SUM_CHARS]
    return _with_sum(line, plain if key is None else keyed_sum(text, key))


def _with_sum(line: Line, digest: str) -> bytes:
    return f'{_text(line)[:-1]},"sum":"{digest}"}}'.encode()


def _text(line: Line) -> str:
    return json.dumps(line, sort_keys=True, separators=(",", ":"))


def _sum_in(raw: bytes) -> str:
    return raw[-_SUM_CHARS - 2 : -2].decode()


def _key(text: str) -> bytes:
    if len(text) != _KEY_CHARS:
        raise ValueError(text)
    return bytes.fromhex(text)
