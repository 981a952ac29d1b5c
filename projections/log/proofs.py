"""Receipts: that an event stands in the signed log, for who has the log's public key only.

Source: C2SP tlog-proof; RFC 9162, section 2.1.3.
"""

from ledger.format.header import event_hash
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.merkle.tiled_tree import TiledTree
from projections.log.errors import CheckpointPendingError, LogDiffersError
from projections.log.folder import TileFolder


def receipt(
    folder: TileFolder, note: str, signed: Checkpoint, position: int, header: bytes
) -> LogReceipt:
    """The receipt of the event at `position`, with its header as the extra data.

    Its leaf is made of the header (event format, section 2), so the receipt is complete: whoever
    has the public key verifies it offline. It is verified here before anybody does.

    Args:
        note: the signed checkpoint, which `signed` says.

    Raises:
        CheckpointPendingError: the checkpoint is of a smaller log.
        LogDiffersError: the checkpoint is of a log that has another event there.
        MissingTileError, CorruptRecordError: the folder is damaged.
    """
    if position > signed.size:
        raise CheckpointPendingError
    return LogReceipt(
        position - 1,
        path_of(TiledTree(signed.size, folder.read), signed, position, header),
        note,
        header,
    )


def path_of(tree: TiledTree, signed: Checkpoint, position: int, header: bytes) -> tuple[bytes, ...]:
    """The audit path of the event at `position`, lowest sibling first, to the root that was signed.

    The tiles are of what was signed, and the header is of what the ledger holds now: after a
    restore these are two histories, until an epoch is begun.

    Args:
        tree: of `signed.size` leaves.

    Raises:
        LogDiffersError: it does not lead there.
        MissingTileError, CorruptRecordError: the folder is damaged.
    """
    path = tuple(tree.inclusion(position - 1))
    leaf = leaf_hash(event_hash(header))
    if not verify_inclusion(leaf, position - 1, signed.size, path, signed.root):
        raise LogDiffersError
    return path
