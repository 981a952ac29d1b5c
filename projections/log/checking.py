"""Every event hashed again, against tiles and checkpoint; names what differs first (fsck)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashing import HASH_BYTES
from ledger.merkle.tiled import Growth, whole
from ledger.merkle.tiles import TILE_WIDTH, Tile
from projections.log.errors import MissingTileError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong first.

    Attributes:
        position: of the first event that is not the one in the tree; None: it is no event's fault.
        tile: name of the tile that is missing or differs; None: it is no tile's.
        text: a sentence, in English.
    """

    position: int | None
    tile: str | None
    text: str


def first_fault(
    checkpoint: Checkpoint, leaves: Iterable[bytes], read: Callable[[Tile], bytes]
) -> Fault | None:
    """Compare a whole ledger with its tree, in one pass and flat memory.

    Args:
        leaves: leaf hashes of the ledger's events in order, at least as many as the checkpoint has
            leaves; what follows is not looked at.
        read: the content of a tile.
    """
    growth = Growth(0, read)
    wanted = islice(leaves, checkpoint.size)
    while part := tuple(islice(wanted, TILE_WIDTH)):
        for tile, content in growth.appended(part):
            if (fault := _compared(tile, content, read)) is not None:
                return fault
    if growth.size < checkpoint.size:
        missing = growth.size + 1
        return Fault(
            missing, None, f"the ledger ends before position {missing}, which is in the tree"
        )
    for tile, content in growth.edge():
        if (fault := _compared(tile, content, read)) is not None:
            return fault
    if growth.root() != checkpoint.root:
        return Fault(None, None, "the tiles are those of the ledger, and the checkpoint is not")
    return None


def _compared(tile: Tile, content: bytes, read: Callable[[Tile], bytes]) -> Fault | None:
    try:
        found = whole(tile, read(tile))
    except (MissingTileError, CorruptRecordError) as error:
        return Fault(None, tile.name, str(error))
    if found == content:
        return None
    if tile.level:
        return Fault(None, tile.name, f"{tile.name} does not follow from the tiles below it")
    first = next(
        n
        for n in range(tile.width)
        if found[n * HASH_BYTES :][:HASH_BYTES] != content[n * HASH_BYTES :][:HASH_BYTES]
    )
    position = tile.index * TILE_WIDTH + first + 1
    return Fault(
        position, tile.name, f"the event at position {position} is not the one in the tree"
    )
