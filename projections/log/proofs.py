"""Receipts: that an event stands in the signed log, for who has the log's public key only.

Source: C2SP tlog-proof; RFC 9162, section 2.1.3.
"""

from ledger.merkle.checkpoint import Checkpoint, Receipt
from ledger.merkle.tiled import TiledTree
from projections.log.errors import CheckpointPendingError
from projections.log.folder import TileFolder


def receipt(
    folder: TileFolder, note: str, signed: Checkpoint, position: int, header: bytes
) -> Receipt:
    """The receipt of the event at `position`, with its header as the extra data.

    Its leaf is made of the header (event format, section 2), so the receipt is complete: whoever
    has the public key verifies it offline.

    Args:
        note: the signed checkpoint, which `signed` says.

    Raises:
        CheckpointPendingError: the checkpoint is of a smaller log.
        MissingTileError, CorruptRecordError: the folder is damaged.
    """
    if position > signed.size:
        raise CheckpointPendingError
    path = TiledTree(signed.size, folder.read).inclusion(position - 1)
    return Receipt(position - 1, tuple(path), note, header)
