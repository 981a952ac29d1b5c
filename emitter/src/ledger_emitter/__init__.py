"""The emitter client: transfers go into a durable outbox, and from there to the ledger, once each.

`Outbox` keeps them (append from any process), `Emitter` and `AsyncEmitter` also send them.
"""

from ledger_emitter.asynchronous import AsyncEmitter
from ledger_emitter.backoff import Backoff
from ledger_emitter.daily_close import DayClose, NamedItem
from ledger_emitter.emitter import Emitter
from ledger_emitter.errors import (
    CloseError,
    ConflictingItemError,
    DayNotKeptError,
    EmitterError,
    OutboxExposedError,
    OutboxFormatError,
    OutboxFullError,
    OutboxUnavailableError,
    ProofKeyError,
    UnfitItemError,
)
from ledger_emitter.exchange import Destination
from ledger_emitter.items import Item
from ledger_emitter.outbox import Outbox
from ledger_emitter.records import Placed, RefusedItem, Replayed, Status

__all__ = [
    "AsyncEmitter",
    "Backoff",
    "CloseError",
    "ConflictingItemError",
    "DayClose",
    "DayNotKeptError",
    "Destination",
    "Emitter",
    "EmitterError",
    "Item",
    "NamedItem",
    "Outbox",
    "OutboxExposedError",
    "OutboxFormatError",
    "OutboxFullError",
    "OutboxUnavailableError",
    "Placed",
    "ProofKeyError",
    "RefusedItem",
    "Replayed",
    "Status",
    "UnfitItemError",
]
