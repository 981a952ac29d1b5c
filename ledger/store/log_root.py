"""The root of the log over its first events, from the headers alone."""

from typing import LiteralString

from ledger.codec.header import event_hash
from ledger.errors import PositionHoleError
from ledger.merkle import Frontier, leaf_hash
from ledger.store.connections import Connections

_HEADERS: LiteralString = """
    SELECT state FROM ledger.events WHERE notification_id > %b AND notification_id <= %b
     ORDER BY notification_id
"""
# A header is half a kilobyte: some megabytes at a time.
_BATCH = 10_000


def log_root(connections: Connections, size: int) -> bytes:
    """Root of the tree over the first `size` events, 32 bytes (RFC 6962, section 2.1).

    It reads every header up to there: some seconds a million events.

    Raises:
        PositionHoleError: there are fewer events.
        StoreUnavailableError: the database cannot be reached.
    """
    frontier = Frontier()
    while frontier.size < size:
        asked = (frontier.size, min(frontier.size + _BATCH, size))
        rows = connections.read(
            lambda c, asked=asked: (
                c.cursor(binary=True).execute(_HEADERS, asked, prepare=True).fetchall()
            )
        )
        if len(rows) != asked[1] - asked[0]:
            raise PositionHoleError(f"a position up to {asked[1]} is missing")
        frontier = frontier.appended(leaf_hash(event_hash(row[0])) for row in rows)
    return frontier.root()
