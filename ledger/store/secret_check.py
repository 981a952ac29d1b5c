"""A ledger is opened with the secret it was begun with, or not at all.

With another secret no person would be found and every answer would be "there is none": a wrong
letter. The first start leaves a keyed hash of a constant; every later one compares.
"""

import time
from typing import Final, LiteralString
from uuid import UUID

from ledger.errors import BrokenWorldError, StoreUnavailableError
from ledger.store.connections import Connections

KIND = "secret-check"

SECONDS_TO_REACH: Final = 60.0
"""Recovery after a crash takes seconds; beyond this somebody must look."""

_NOTHING = UUID(int=0)
# No data key has this id, so the row dies with none.
_NO_KEY = bytes(32)

# Two first starts at once: the second waits here, and then finds what the first one left.
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(7091726530415)"
_LEAVE: LiteralString = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id)
    SELECT 'secret-check', %b, %b, %b
     WHERE NOT EXISTS (SELECT FROM ledger.lookups WHERE kind = 'secret-check')
    ON CONFLICT DO NOTHING
"""
_LEFT: LiteralString = "SELECT key FROM ledger.lookups WHERE kind = 'secret-check'"


class OtherSecretError(BrokenWorldError):
    """The ledger secret is not the one that this ledger was begun with."""


def check_secret(connections: Connections, key: bytes) -> None:
    """Leave `key` in an empty place, or compare it with what stands there.

    Args:
        connections: of the role writer.
        key: 16 bytes, `LedgerSecret.lookup_key("secret-check")`.

    Raises:
        OtherSecretError: the ledger was begun with another secret.
        StoreUnavailableError: the database cannot be reached.
    """
    left = connections.read(lambda c: c.execute(_LEFT).fetchall())
    if not left:
        with connections.connection() as connection, connection.transaction():
            connection.execute(_LOCK)
            connection.execute(_LEAVE, (key, _NOTHING, _NO_KEY))
        left = connections.read(lambda c: c.execute(_LEFT).fetchall())
    # Who may add rows may add others; nobody without the secret has made this one.
    if key not in {row[0] for row in left}:
        raise OtherSecretError("the ledger secret is not the one this ledger was begun with")


def await_secret_check(connections: Connections, key: bytes) -> None:
    """As `check_secret`, but wait for a database that is just recovering from a crash.

    Raises:
        OtherSecretError: see there.
        StoreUnavailableError: it cannot be reached within `SECONDS_TO_REACH`.
    """
    deadline = time.monotonic() + SECONDS_TO_REACH
    while True:
        try:
            check_secret(connections, key)
        except StoreUnavailableError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
