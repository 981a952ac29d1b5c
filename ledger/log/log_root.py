"""The headers of the log in order, the leaves they are, and the root over the first of them."""

from collections.abc import Iterator
from itertools import islice
from typing import LiteralString

from ledger.errors import PositionHoleError
from ledger.format.header import event_hash
from ledger.merkle import Frontier, leaf_hash
from ledger.store.connections import Connections

_HEADERS: LiteralString = """
    SELECT state FROM ledger.events WHERE notification_id > %b AND notification_id <= %b
     ORDER BY notification_id
"""
# A header is half a kilobyte: some megabytes at a time.
_BATCH = 10_000


def headers(connections: Connections, size: int, after: int = 0) -> Iterator[bytes]:
    """The headers of the events after position `after` up to `size`, in order, as they are hashed.

    They say nothing about a person, and stay when content dies (event format, section 2).

    Raises:
        PositionHoleError: there are fewer events.
        StoreUnavailableError: the database cannot be reached.
    """
    for begin in range(after, size, _BATCH):
        values = (begin, min(begin + _BATCH, size))
        rows = connections.read(
            lambda c, values=values: (
                c.cursor(binary=True).execute(_HEADERS, values, prepare=True).fetchall()
            )
        )
        if len(rows) != values[1] - values[0]:
            raise PositionHoleError(f"a position up to {values[1]} is missing")
        yield from (row[0] for row in rows)


def leaves(connections: Connections, size: int, after: int = 0) -> Iterator[bytes]:
    """Leaf hashes of the same events, 32 bytes each; raises like `headers`."""
    return (leaf_hash(event_hash(one)) for one in headers(connections, size, after))


def log_root(connections: Connections, size: int) -> bytes:
    """Root of the tree over the first `size` events, 32 bytes (RFC 6962, section 2.1).

    It reads every header up to there: some seconds a million events. Raises like `headers`.
    """
    found = leaves(connections, size)
    frontier = Frontier()
    while batch := list(islice(found, _BATCH)):
        frontier = frontier.appended(batch)
    return frontier.root()
