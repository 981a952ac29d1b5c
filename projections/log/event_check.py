"""Every event hashed again, against tiles and checkpoint; names what differs first (fsck)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashes import HASH_BYTES
from ledger.merkle.tiled_tree import Growth, check_tile
from ledger.merkle.tiles import TILE_WIDTH, Tile, tile_at
from projections.log.errors import MissingTileError


@dataclass(frozen=True, slots=True)
class LogFault:
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
) -> LogFault | None:
    """Compare a whole ledger with its tree, in one pass and flat memory.

    Where the events make the root that was signed, it is the tile that is damaged; else the first
    event that differs is named.

    Args:
        leaves: leaf hashes of the ledger's events in order, at least as many as the checkpoint has
            leaves; what follows is not looked at.
        read: the content of a tile.
    """
    growth, wrong = Growth(0, read), None
    signed_leaves = islice(leaves, checkpoint.size)
    while part := tuple(islice(signed_leaves, TILE_WIDTH)):
        for tile, content in growth.appended(part):
            wrong = wrong or _compared(tile, content, read)
    if growth.size < checkpoint.size:
        return wrong or _ended(growth, checkpoint.size, read)
    for tile, content in growth.edge():
        wrong = wrong or _compared(tile, content, read)
    if growth.root() == checkpoint.root:
        # The events are those that were signed: where a tile differs, it is the tile's fault.
        return wrong and replace(wrong, position=None, text=_damaged(wrong))
    if wrong is None:
        text = "the tiles are those of the ledger, and the checkpoint is not"
        return LogFault(None, None, text)
    if wrong.position is None:
        return replace(wrong, text=f"{wrong.text}; the events are not those that were signed")
    return wrong


def _ended(growth: Growth, size: int, read: Callable[[Tile], bytes]) -> LogFault:
    """What is wrong first of a ledger that is too short: what is left of its last tile tells."""
    for tile, content in growth.edge():
        there = tile_at(0, tile.index, size) if not tile.level else None
        if there is not None:
            fault = _compared(there, content, read)
            if fault is not None:
                return fault
    missing = growth.size + 1
    text = f"the ledger ends before position {missing}, which is in the tree"
    return LogFault(missing, None, text)


def _damaged(wrong: LogFault) -> str:
    if wrong.position is None:
        return wrong.text
    return f"{wrong.tile} is damaged: the events make the tree that was signed"


def _compared(tile: Tile, content: bytes, read: Callable[[Tile], bytes]) -> LogFault | None:
    try:
        found = check_tile(tile, read(tile))
    except (MissingTileError, CorruptRecordError) as error:
        return LogFault(None, tile.name, str(error))
    if found[: len(content)] == content:
        return None
    if tile.level:
        return LogFault(None, tile.name, f"{tile.name} does not follow from the tiles below it")
    first = next(
        n
        for n in range(len(content) // HASH_BYTES)
        if found[n * HASH_BYTES :][:HASH_BYTES] != content[n * HASH_BYTES :][:HASH_BYTES]
    )
    position = tile.index * TILE_WIDTH + first + 1
    return LogFault(
        position, tile.name, f"the event at position {position} is not the one in the tree"
    )
