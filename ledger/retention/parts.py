"""What a run works with.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ledger.retention.expiry_queries import ExpiryQueries
from ledger.retention.expiry_write import ExpiryWriter
from ledger.retention.reasons import PersonIndex
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers.service import AppendAll


class ErasureJournal(Protocol):
    """The erasure journal, outside the database: what was destroyed stays so after a restore."""

    def intend(self, keys: Sequence[bytes], plan: UUID, at: datetime) -> None:
        """Note durably, before the commit, what is about to be destroyed."""
        ...

    def settle(self, gone: Sequence[bytes], position: int) -> None:
        """Note that they have been destroyed, by the event at `position`."""
        ...


@dataclass(frozen=True, slots=True)
class RunParts:
    """What a run works with.

    Attributes:
        dying, expiring: of the roles reader and purger.
        index: the read side.
        journal: where destructions are noted.
    """

    streams: Streams
    sealer: Sealer
    append: AppendAll
    expiry_queries: ExpiryQueries
    expiring: ExpiryWriter
    index: PersonIndex
    journal: ErasureJournal
