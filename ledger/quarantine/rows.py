"""Rejected items by the key (source, id) of their transfer: what waits is not what is lost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.emitters.id_set import TransferKey
from ledger.quarantine.rejected_rows import SELECTED, is_settled, locked, put, rows_of
from ledger.store.connections import Connections
from ledger.values import Json

_NAMED: LiteralString = """
    SELECT item_key FROM ledger.quarantine
     WHERE item_key = ANY(%s) AND state IN ('open', 'discard_proposed')
"""
# Whether one without a flag was marked (Order 11), nobody can tell once its content is let go; and
# what was recorded since was done by nobody here.
_SETTLED_BY: LiteralString = (
    SELECTED
    + """
     WHERE id = %s AND state IN ('repaired', 'discarded') AND resolved_by IS NOT NULL
       AND (%s OR restricted IS FALSE)
"""
)


def item_key(secret: LedgerSecret, item: Json) -> bytes | None:
    """16 bytes for an item, or an event in transit; None where it does not state source and id."""
    key = transfer_key_of(item)
    return None if key is None else _hashed(secret, key)


def transfer_key_of(item: Json) -> TransferKey | None:
    """(source, id) as an item states them, whatever else is wrong with it; None: not both."""
    if not isinstance(item, dict):
        return None
    source, id_ = item.get("source"), item.get("id")
    return (source, id_) if isinstance(source, str) and isinstance(id_, str) else None


def waiting_of(
    connections: Connections, secret: LedgerSecret, keys: Sequence[TransferKey]
) -> frozenset[TransferKey]:
    """Those of the keys whose items wait, whoever sent them.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    hashes = {_hashed(secret, key): key for key in keys}
    rows = connections.read(lambda c: c.execute(_NAMED, (list(hashes),)).fetchall())
    return frozenset(hashes[cast("bytes", row[0])] for row in rows)


def settle(
    connections: Connections,
    secret: LedgerSecret,
    rejected: UUID,
    position: int,
    actor: str | None = None,
) -> None:
    """The item was recorded at `position`: its content is let go, unless it waits no more.

    Args:
        actor: who repaired it; None: nobody did, it came again.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    mac = secret.row_mac

    def done(connection: psycopg.Connection) -> None:
        with connection.transaction():
            row = locked(connection, rejected, mac)
            if row is not None:
                after = replace(row, state="repaired", resolved_by=actor, position=position)
                put(connection, after, mac)

    connections.read(done)


def settled_by(
    connections: Connections, secret: LedgerSecret, rejected: UUID, *, includes_hidden: bool
) -> tuple[str, str] | None:
    """How an item ended, `repaired` or `discarded`, and by whom; None: by nobody who may be told.

    Args:
        includes_hidden: also of items that were sent with a mark under Order 11.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    for row in rows_of(connections, _SETTLED_BY, (rejected, includes_hidden)):
        if row.resolved_by is not None and is_settled(row, secret.row_mac):
            return row.state, row.resolved_by
    return None


def _hashed(secret: LedgerSecret, key: TransferKey) -> bytes:
    source, id_ = (part.encode("utf-8", "surrogatepass") for part in key)
    return secret.lookup_key("quarantine-item", source, id_)
