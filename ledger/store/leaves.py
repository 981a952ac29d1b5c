"""Events as leaves of the log's tree."""

from collections.abc import Iterator

from ledger.codec.header import event_hash
from ledger.merkle.hashing import leaf_hash
from ledger.store.connections import Connections
from ledger.store.log_root import headers


def leaves(connections: Connections, begin: int, end: int) -> Iterator[bytes]:
    """Leaf hashes of the events after position `begin` up to `end`, in order, 32 bytes each.

    Raises:
        PositionHoleError: there are fewer events.
        StoreUnavailableError: the database cannot be reached.
    """
    return (leaf_hash(event_hash(one)) for one in headers(connections, end, begin))
