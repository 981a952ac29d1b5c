"""All tiles anew, from the events: for a folder that was lost or damaged."""

from itertools import islice

from ledger.merkle.tiled_tree import Growth
from ledger.merkle.tiles import Tile
from projections.log.errors import AnchorLostError, BehindCheckpointError, BrokenTreeError
from projections.log.integrator import LEAVES_MAX, Integrator


def rebuild(log: Integrator) -> int:
    """Write the tiles of the last checkpoint; return its size.

    First the root is made of the events alone: tiles are written only of a ledger that is the one
    that was signed. So the events are read twice, and nothing that is right is ever overwritten by
    something that is not.

    Raises:
        AnchorLostError: nobody knows what was signed.
        BrokenAnchorError: what stands there is not signed by this log's key.
        BehindCheckpointError: the ledger is shorter than the signed tree.
        BrokenTreeError: the events do not make the tree that was signed.
        StoreUnavailableError: the database cannot be reached.
    """
    content = log.anchor.read()
    if content is None:
        raise AnchorLostError
    signed, head = log.read(content), log.head()
    if head < signed.size:
        raise BehindCheckpointError(head, signed.size)
    if _grown(log, signed.size, writes=False).root() != signed.root:
        raise BrokenTreeError("the events do not make the tree that was signed; nothing is written")
    log.folder.write(_grown(log, signed.size, writes=True).edge())
    log.folder.publish(content)
    return signed.size


def _grown(log: Integrator, size: int, *, writes: bool) -> Growth:
    growth = Growth(0, _nothing)
    leaves = iter(log.leaves(0, size))
    while part := tuple(islice(leaves, LEAVES_MAX)):
        full = growth.appended(part)
        if writes:
            log.folder.write(full)
        else:
            for _ in full:
                pass
    return growth


def _nothing(tile: Tile) -> bytes:
    raise BrokenTreeError(f"an empty tree has no {tile.name}")
