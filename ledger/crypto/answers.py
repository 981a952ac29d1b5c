"""What binds an answer for ever: a hash of each line that it tells, and one keyed hash of all.

The key goes to the person with the reply; what it is made of is sealed in the log under the key of
the case. Who has the key can show which lines were told, and nobody can say later that it was
others. The log tells neither how many there were, nor whether there was any.

Source: `docs/reference/event-format.md`, section 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from ledger.crypto.encoding import keyed, ledger_prefix, lp, tag, u32, u64
from ledger.values import Json

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """One line of a transfer, in the version that was told.

    Attributes:
        stream: of the transfer.
        first: position of its first event.
        last: position of its last event that speaks of the person, as of the answer; `version` of
            that event in the stream.
        line: number of the line.
        statement_at, line_at: positions of the events of the log that prove what was told of the
            transfer, and of the person; None in answers of form 1, which do not bind them.
    """

    stream: UUID
    first: int
    last: int
    version: int
    line: int
    statement_at: int | None = None
    line_at: int | None = None

    @property
    def members(self) -> dict[str, Json]:
        """As JSON."""
        members: dict[str, Json] = {
            "stream": str(self.stream),
            "first": self.first,
            "last": self.last,
            "version": self.version,
            "line": self.line,
        }
        if self.statement_at is not None:
            members |= {"statement_at": self.statement_at, "line_at": self.line_at}
        return members

    @property
    def of_form_1(self) -> "AnsweredLine":
        """The same without what form 1 does not bind."""
        return replace(self, statement_at=None, line_at=None)

    @property
    def digest(self) -> bytes:
        """32 bytes that stand for it in the answer."""
        numbers = u64(self.first) + u64(self.last) + u64(self.version) + u32(self.line)
        if self.statement_at is None or self.line_at is None:
            return sha256(tag("ppl/index-entry/1") + self.stream.bytes + numbers).digest()
        places = u64(self.statement_at) + u64(self.line_at)
        return sha256(tag("ppl/index-entry/2") + self.stream.bytes + numbers + places).digest()


@dataclass(frozen=True, slots=True)
class BoundAnswer:
    """What binds one, as of the search that it rests on.

    Attributes:
        value, salt: 32 bytes each.
    """

    as_of: int
    value: bytes
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnswerKeys:
    """The keys of an answer: form 1 has one for both, which are the salt itself.

    Attributes:
        shown: handed out with the reply.
        tried: of the identifiers that were tried without a result, handed to nobody. Identifiers
            can be guessed: who had the key could try them all. Empty where it is not known.
    """

    form: int
    shown: bytes = field(repr=False)
    tried: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, salt: bytes, form: int = 2) -> "AnswerKeys":
        """The keys that a sealed salt makes."""
        if form == 1:
            return cls(form, salt, salt)
        return cls(
            form, keyed(salt, tag("ppl/answer-shown/2")), keyed(salt, tag("ppl/answer-tried-key/2"))
        )


def answer_of(
    keys: AnswerKeys,
    ledger: str,
    case: UUID,
    as_of: int,
    asked: bytes,
    lines: Sequence[tuple[bytes, bool]],
) -> bytes:
    """What binds it, 32 bytes.

    Args:
        as_of: position of the search that it rests on.
        asked: canonical JSON of `ledger.format.proof.subject_of` the same keys.
        lines: `AnsweredLine.digest` of each line, in the order of the reply, and whether the reply
            withholds something of its record; form 1 does not bind the latter.
    """
    place = ledger_prefix(ledger) + case.bytes + u64(as_of) + lp(asked) + u32(len(lines))
    entries = (
        digest if keys.form == 1 else bytes([withholds]) + digest for digest, withholds in lines
    )
    return keyed(keys.shown, tag(f"ppl/answer/{keys.form}") + place + b"".join(entries))


def tried_of(key: bytes, refs: bytes) -> bytes:
    """What stands in an answer for the identifiers that were tried without a result, 32 bytes.

    Args:
        key: `AnswerKeys.tried`.
        refs: canonical JSON of the list of them.
    """
    return keyed(key, tag("ppl/answer-tried/1") + refs)
