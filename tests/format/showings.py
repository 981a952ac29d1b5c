"""Writes a single showing; the product writes them as the records of a proof."""

from collections.abc import Sequence
from typing import Any

from ledger.errors import CorruptRecordError
from ledger.format.json import encoded
from ledger.format.shown_parts import ProofEvent, ProofText, event_members, hexes, text_members


def showing(
    checkpoint: str,
    events: Sequence[ProofEvent],
    *,
    statement: ProofText | None = None,
    line: ProofText | None = None,
) -> bytes:
    """The showing as JSON.

    Args:
        checkpoint: the signed note.
        events: only those that `statement` and `line` are in.

    Raises:
        CorruptRecordError: it would show nothing, or more than its statement and line need.
    """
    shown = [text for text in (statement, line) if text is not None]
    if not shown or {text.place[0] for text in shown} != set(range(len(events))):
        raise CorruptRecordError("a showing holds what its statement and line need, and no more")
    members: dict[str, Any] = {
        "checkpoint": checkpoint,
        "events": [event_members(event) for event in events],
        "v": 1,
    }
    if statement is not None:
        members["statement"] = text_members(statement)
    if line is not None:
        members["line"] = text_members(line) | {"index": line.index, "path": hexes(line.path)}
    return encoded(members)
