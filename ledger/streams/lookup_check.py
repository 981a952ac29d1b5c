"""Rows of lookups that lead to a stream of something else: no append of the ledger's wrote them.

No reader follows one (`Streams.facts_by_row`). Of a unique kind it is in the way of the row that
the ledger would write.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from ledger.errors import CorruptRecordError
from ledger.format.envelope import LookupRow, OpenEvent
from ledger.format.event_reader import fact_of
from ledger.streams.streams import LED_KINDS, Streams

STEP = 1_000
"""Rows that are read at once."""


def rows_led_astray(streams: Streams) -> Iterator[LookupRow]:
    """The rows of `LED_KINDS` whose stream does not begin with what they are of, under their key.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    last = LookupRow(LED_KINDS[0], b"", UUID(int=0), b"")
    while rows := streams.reads.lookups_after(LED_KINDS, last, STEP):
        last = rows[-1]
        wrong = _astray(streams, rows)
        # Once more: what was destroyed in between took its row with it.
        left = [one for one in wrong if streams.reads.has_lookup(one)]
        yield from _astray(streams, left)


def _astray(streams: Streams, rows: Sequence[LookupRow]) -> list[LookupRow]:
    first_events = _first_events(streams, list({row.stream for row in rows})) if rows else {}
    return [
        row
        for row in rows
        if row.stream not in first_events
        or ((first := first_events[row.stream]) is not None and not _is_of(streams, row, first))
    ]


def _is_of(streams: Streams, row: LookupRow, first: OpenEvent) -> bool:
    if first.header.sealed_key != row.key_id:
        return False
    # Without its content it says nothing; that the part is gone is named by its position.
    return first.content is None or streams.is_led_to(row, fact_of(first).event)


def _first_events(streams: Streams, asked: Sequence[UUID]) -> dict[UUID, OpenEvent | None]:
    """The first events; None where one cannot be believed, which is named by its position."""
    try:
        facts = streams.reads.first_facts(asked)
        return {one.header.stream: one for one in streams.unsealed(facts, with_holes=True)}
    except CorruptRecordError:
        if len(asked) == 1:
            return {asked[0]: None}
    half = len(asked) // 2
    return _first_events(streams, asked[:half]) | _first_events(streams, asked[half:])
