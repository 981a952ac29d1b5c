"""Erasure journals for tests, with the key of the ledger secret that the house has."""

from pathlib import Path
from typing import Final

from ledger.crypto.epoch import demo_secret
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.retention.journal_file import Journal
from tests.database import LEDGER_NAME

DEMO: Final = demo_secret()
_SECRET: Final = LedgerSecret(DEMO, LEDGER_NAME)
PROVE: Final = _SECRET.expiry_proof
"""Proves what says that keys were destroyed, as `tests.ledger.inside` does."""
EVENT_MAC: Final = _SECRET.event_mac
"""Gives the MAC beside an event, as `tests.ledger.inside` does."""
ROW_MAC: Final = _SECRET.row_mac
"""Gives the MAC of a row, as `tests.ledger.inside` does."""


def journal_in(folder: Path, ledger: str = LEDGER_NAME, secret: bytes = DEMO) -> Journal:
    """The journal in `folder`; by default of the secret of `tests.ledger.inside`."""
    return Journal(folder, ledger, LedgerSecret(secret, ledger).journal_key)
