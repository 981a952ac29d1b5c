"""Proofs of a reply: each record that it tells, from its line to the log's signed checkpoint.

```
{"checkpoint": "<signed note>",
 "records": [{"events": […],                    as in a showing: header, index, path, parts
              "line": {"commitment", "in", "index", "path", "salt", "text"},
              "statement": {"commitment", "in", "salt", "text"}}, …],
 "v": 1}
```

A record of it is a showing without the checkpoint, which is one for all; and it says the
commitments, which whoever reads it makes again.

Source: `docs/reference/event-format.md`, sections 3 and 9; `docs/reference/log-format.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.crypto.commitments import line_commitment, statement_commitment
from ledger.crypto.encoding import context
from ledger.errors import CorruptRecordError
from ledger.format.header import read_header
from ledger.format.json import encoded
from ledger.format.shown_parts import ProofEvent, ProofText, event_members, hexes, text_members

VERSION: Final = 1


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


def proof(checkpoint: str, records: Sequence[ProofRecord]) -> bytes:
    """The proof as JSON; with no records it says that none was shown at this checkpoint.

    Args:
        checkpoint: the signed note, of at least as many events as the records stand at.

    Raises:
        CorruptRecordError: a record shows more than its statement and its line need.
    """
    shown: dict[str, Any] = {
        "checkpoint": checkpoint,
        "records": [_record(one) for one in records],
        "v": VERSION,
    }
    return encoded(shown)


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
