"""Bulk transfers: one record of very many persons, sent in parts.

`transfers` is the door; `staging` takes parts in, `preparing` judges what they hold and makes
chunks of it, `committing` appends these one after the other, `answering` says what became of it.

Source: `docs/reference/event-format.md`, section 7; decision 0087.
"""

from ledger.application.bulk.answering import BulkOutcome
from ledger.application.bulk.staging import (
    LINES_AT_ONCE,
    LINES_MAX,
    PARTS_MAX,
    STAND_IN,
    Announced,
    Line,
    Upload,
    announced_defects,
)
from ledger.application.bulk.transfers import BulkTransfers

__all__ = [
    "LINES_AT_ONCE",
    "LINES_MAX",
    "PARTS_MAX",
    "STAND_IN",
    "Announced",
    "BulkOutcome",
    "BulkTransfers",
    "Line",
    "Upload",
    "announced_defects",
]
