"""Proofs of a reply: each record that it tells, from its line to the log's signed checkpoint.

```
{"checkpoint": "<signed note>",
 "records": [{"events": […],                    as in a showing: header, index, path, parts
              "line": {"commitment", "in", "index", "path", "salt", "text"},
              "statement": {"commitment", "in", "salt", "text"}}, …],
 "answer": {"asked": {"identifiers": […], "tried": "<hex>"},
            "event": {"header", "index", "path"},     `answer-committed`
            "lines": [{"first", "last", "line", "line_at", "statement_at", "stream", "version"}
                      or "<hex>", …],
            "salt"},
 "v": 3}                    2 with an answer of form 1, which has no places; 1 without an answer
```

A record of it is a showing without the checkpoint, which is one for all; and it says the
commitments, which whoever reads it makes again.

Source: `docs/reference/event-format.md`, sections 3 and 9; `docs/reference/log-format.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.crypto.answers import AnsweredLine, AnswerKeys, tried_of
from ledger.crypto.commitments import line_commitment, statement_commitment
from ledger.crypto.encoding import context
from ledger.errors import CorruptRecordError
from ledger.format.header import read_header
from ledger.format.json import canonical, encoded
from ledger.format.shown_parts import ProofEvent, ProofText, event_members, hexes, text_members
from ledger.values import Json, PrincipalRef

VERSION: Final = 1
"""Of a proof of single records, and of a showing."""
FORMS: Final = {2: 1, 3: 2}
"""Of a proof that binds them to an answer → the form of the answer."""


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """One record of one person, with what proves it.

    Attributes:
        events: those that statement and line are in, and no others.
        statement: what was recorded of the transfer.
        line: what was recorded of the person.
    """

    events: Sequence[ProofEvent]
    statement: ProofText
    line: ProofText


@dataclass(frozen=True, slots=True)
class ProofAnswer:
    """What binds the answer that the records are shown with.

    Attributes:
        event: `answer-committed`, in the log.
        asked: `subject_of` the keys.
        key: `AnswerKeys.shown`; `form` of the answer.
        lines: each that was told; as its hash alone where its record is not shown.
    """

    event: ProofEvent
    asked: Mapping[str, Json]
    key: bytes
    form: int
    lines: Sequence[AnsweredLine | bytes]


def subject_of(
    keys: AnswerKeys, identifiers: Sequence[PrincipalRef], tried: Sequence[PrincipalRef]
) -> dict[str, Json]:
    """Of whom an answer tells what is recorded, as JSON.

    Args:
        identifiers: the person's.
        tried: those that were tried without a result. No letter tells them, so they are a hash.
    """
    hidden = tried_of(keys.tried, canonical(_refs(tried)))
    return {"identifiers": _refs(identifiers), "tried": hidden.hex()}


def proof(
    checkpoint: str, records: Sequence[ProofRecord], answer: ProofAnswer | None = None
) -> bytes:
    """The proof as JSON; with no records it says that none was shown at this checkpoint.

    Args:
        checkpoint: the signed note, of at least as many events as the records stand at.
        answer: None of a reply that was approved before answers were bound.

    Raises:
        CorruptRecordError: a record shows more than its statement and its line need.
    """
    shown: dict[str, Any] = {
        "checkpoint": checkpoint,
        "records": [_record(one) for one in records],
        "v": VERSION,
    }
    if answer is not None:
        lines = [one.hex() if isinstance(one, bytes) else one.members for one in answer.lines]
        shown |= {
            "answer": {
                "asked": answer.asked,
                "event": event_members(answer.event),
                "lines": lines,
                "salt": answer.key.hex(),
            },
            "v": next(version for version, form in FORMS.items() if form == answer.form),
        }
    return encoded(shown)


def _refs(refs: Sequence[PrincipalRef]) -> list[Json]:
    return [{"scheme": one.scheme, "id": one.id} for one in refs]


def _record(one: ProofRecord) -> dict[str, Any]:
    places = {one.statement.place[0], one.line.place[0]}
    if places != set(range(len(one.events))) or one.line.index is None:
        raise CorruptRecordError("a proof holds what its records need, and no more")
    return {
        "events": [event_members(event) for event in one.events],
        "line": text_members(one.line)
        | {
            "commitment": commitment(one.events, one.line).hex(),
            "index": one.line.index,
            "path": hexes(one.line.path),
        },
        "statement": text_members(one.statement)
        | {"commitment": commitment(one.events, one.statement).hex()},
    }


def commitment(events: Sequence[ProofEvent], shown: ProofText) -> bytes:
    """What the event committed to of a statement (its index is None) or of a line, 32 bytes."""
    event, *part = shown.place
    header = events[event].parts[part[0]].header if part else events[event].header
    read = read_header(header)
    place = context(read.ledger, read.stream, read.version)
    if shown.index is None:
        return statement_commitment(shown.salt, place, shown.text)
    return line_commitment(shown.salt, place, shown.index, shown.text)
