"""Transfers to emit. It imports nothing of the ledger: see `tests.transfers`."""

from typing import Final

from ledger_emitter import Backoff, Item
from tests import transfers
from tests.transfers import SOURCE

__all__ = ["HASTY", "SOURCE", "item"]
HASTY: Final = Backoff(first_s=0.02, span_s_max=0.2, pause_s=0.2)
"""As in production, but without letting a test wait for minutes."""


def item(id_: str, source: str = SOURCE, **changes: object) -> Item:
    """A lawful provision on consent; always the same for the same id."""
    return Item(**transfers.item(id_, source, **changes))
