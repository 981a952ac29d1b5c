"""Bulk transfers: one record of very many persons, sent in parts.

`transfers` is the door; `upload` takes parts in, `preparation` judges what they hold and makes
chunks of it, `commit` appends these one after the other, `outcome` says what became of it.

Source: `docs/reference/event-format.md`, section 7; decision 0087.
"""

from ledger.application.bulk.outcome import BulkOutcome
from ledger.application.bulk.transfers import BulkTransfers
from ledger.application.bulk.upload import (
    LINES_AT_ONCE,
    LINES_MAX,
    PARTS_MAX,
    STAND_IN,
    BulkAnnouncement,
    Line,
    PartUpload,
    announced_defects,
)

__all__ = [
    "LINES_AT_ONCE",
    "LINES_MAX",
    "PARTS_MAX",
    "STAND_IN",
    "BulkAnnouncement",
    "BulkOutcome",
    "BulkTransfers",
    "Line",
    "PartUpload",
    "announced_defects",
]
