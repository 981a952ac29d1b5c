"""The lines that an answer may have told of records that are destroyed, as their headers say.

A header outlives what it sealed: where the record stood, its versions, and how many persons stood
in it; not which of the lines was the person's. Pure.

Source: `docs/reference/event-format.md`, sections 5 and 11.
"""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from ledger.crypto.answers import AnsweredLine
from ledger.format.envelope import OpenEvent
from ledger.format.events import (
    RECORDED_TYPES,
    PrincipalsAppended,
    TransferCorrected,
    TransferReclassified,
)

_CHANGES: Final = frozenset({TransferCorrected.TYPE, TransferReclassified.TYPE})


def destroyed_lines(events: Sequence[OpenEvent], as_of: int) -> Iterator[AnsweredLine]:
    """Each line that one person may have had in a transfer as of a position.

    None of a collective record, whose messages nothing names any more, nor of what came in parts.

    Args:
        events: all of the transfer, in their order.
    """
    first = events[0]
    facts, types = first.header.facts, {one.header.type for one in events}
    if first.header.type not in RECORDED_TYPES or facts.get("series", False):
        return
    if PrincipalsAppended.TYPE in types:
        return
    changes = [one for one in events if one.position <= as_of and one.header.type in _CHANGES]
    spoken = [first, *changes]
    for last in spoken:
        for line_at in spoken[: spoken.index(last) + 1]:
            for number in range(cast("int", facts["persons"])):
                place = (last.position, last.header.version, number)
                proving = (spoken[-1].position, line_at.position)
                yield AnsweredLine(first.header.stream, first.position, *place, *proving)
