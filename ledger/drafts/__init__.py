"""Domain events ⇄ drafts and opened events: the only place that decides what stands in clear.

`writer` makes drafts, `reader` is its inverse, `other_events` holds what is not a transfer's.
"""

from ledger.drafts.reader import (
    event_of,
    fact_of,
    principals_in,
    stated_in,
    with_persons,
    with_verdicts,
)
from ledger.drafts.writer import EventMetadata, chunk_of, draft_of, line_of

__all__ = [
    "EventMetadata",
    "chunk_of",
    "draft_of",
    "event_of",
    "fact_of",
    "line_of",
    "principals_in",
    "stated_in",
    "with_persons",
    "with_verdicts",
]
