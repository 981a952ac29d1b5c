"""What binds an answer for ever: a hash of each line that it tells, and one keyed hash of all.

The salt goes to the person with the reply, and is sealed in the log under the key of the case: who
has it can show which lines were told, and nobody can say later that it was others. The log tells
neither how many there were, nor whether there was any.

Source: `docs/reference/event-format.md`, section 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from ledger.crypto.encoding import keyed, ledger_prefix, lp, tag, u32, u64
from ledger.values import Json

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """One line of a transfer, in the version that was told.

    Attributes:
        stream: of the transfer.
        first: position of its first event.
        last: position of its last event that speaks of the person, as of the answer; `version` of
            that event in the stream.
        line: number of the line.
    """

    stream: UUID
    first: int
    last: int
    version: int
    line: int

    @property
    def members(self) -> dict[str, Json]:
        """As JSON."""
        return {
            "stream": str(self.stream),
            "first": self.first,
            "last": self.last,
            "version": self.version,
            "line": self.line,
        }

    @property
    def digest(self) -> bytes:
        """32 bytes that stand for it in the answer."""
        numbers = u64(self.first) + u64(self.last) + u64(self.version) + u32(self.line)
        return sha256(tag("ppl/index-entry/1") + self.stream.bytes + numbers).digest()


@dataclass(frozen=True, slots=True)
class BoundAnswer:
    """What binds one, as of the search that it rests on.

    Attributes:
        value, salt: 32 bytes each.
    """

    as_of: int
    value: bytes
    salt: bytes = field(repr=False)


def answer_of(
    salt: bytes,
    ledger: str,
    case: UUID,
    as_of: int,
    asked: bytes,
    lines: Sequence[bytes],
) -> bytes:
    """What binds it, 32 bytes.

    Args:
        salt: 32 random bytes.
        as_of: position of the search that it rests on.
        asked: canonical JSON of `ledger.format.proof.subject_of` the same salt.
        lines: `AnsweredLine.digest` of each line, in the order of the reply.
    """
    place = ledger_prefix(ledger) + case.bytes + u64(as_of) + lp(asked)
    return keyed(salt, tag("ppl/answer/1") + place + u32(len(lines)) + b"".join(lines))


def tried_of(salt: bytes, refs: bytes) -> bytes:
    """What stands in an answer for the identifiers that were tried without a result, 32 bytes.

    Args:
        refs: canonical JSON of the list of them.
    """
    return keyed(salt, tag("ppl/answer-tried/1") + refs)
