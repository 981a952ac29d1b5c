"""What a second process runs: it appends batches until it has done its share."""

from threading import Barrier  # the type of a manager's proxy

from ledger.store.append import Appender
from ledger.store.connections import WRITER, Connections
from tests.store.samples import MACS, new_transfers, positions


def append_share(url: str, start: Barrier, batches: int, size: int) -> list[int]:
    """Append `batches` batches of `size` events each; return their positions."""
    connections = Connections(url, WRITER)
    appender = Appender(connections, MACS.mac)
    start.wait(30)
    found: list[int] = []
    for _ in range(batches):
        found += positions(appender.append(new_transfers(size)))
    connections.close()
    return found
