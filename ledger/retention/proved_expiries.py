"""Which events are believed that say that keys were destroyed.

Whoever may append, as the logins of the writer and the purger may, can append a `records-expired`
that the ledger did not decide on. It is believed by its proof alone, under a subkey of the ledger
secret. Events of before proofs have none: the migration wrote down where they end, in a table that
only the owner writes, and after the first event with a proof there is none of them.

Source: `docs/reference/event-format.md`, section 5; decision 0107.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg

from ledger.errors import CorruptRecordError
from ledger.format.header import Prove, is_proven, read_header

_AFTER: LiteralString = "SELECT after FROM ledger.proven_expiries"
_EXPIRED: LiteralString = """
    SELECT notification_id, state FROM ledger.events
     WHERE topic = 'records-expired' ORDER BY notification_id
"""


@dataclass(frozen=True, slots=True)
class Expiry:
    """A `records-expired`.

    Attributes:
        position: of the event.
        keys: ids that it lists; none where its header is not one of the format.
        is_believed: False: the ledger did not decide it.
    """

    position: int
    keys: tuple[bytes, ...]
    is_believed: bool


def expiries(connection: psycopg.Connection, prove: Prove) -> Iterator[Expiry]:
    """Every `records-expired`, in order.

    Args:
        connection: of any role that may read the write side.
        prove: `LedgerSecret.expiry_proof`.
    """
    row = connection.execute(_AFTER).fetchone()
    after, begun = 0 if row is None else row[0], False
    for position, state in connection.execute(_EXPIRED):
        has_proof = is_proven(state, prove)
        begun = begun or has_proof
        is_of_before = position <= after and not begun
        yield Expiry(position, _keys(state), has_proof or is_of_before)


def proven(connection: psycopg.Connection, prove: Prove) -> list[int]:
    """Positions of those that are believed, rising; see `expiries`."""
    return [one.position for one in expiries(connection, prove) if one.is_believed]


def unproven(connection: psycopg.Connection, prove: Prove) -> list[int]:
    """Positions of those that are not believed, rising; see `expiries`."""
    return [one.position for one in expiries(connection, prove) if not one.is_believed]


def _keys(state: bytes) -> tuple[bytes, ...]:
    try:
        return read_header(state).keys
    except CorruptRecordError:
        return ()
