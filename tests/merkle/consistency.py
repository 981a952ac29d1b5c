"""Consistency proofs from all leaf hashes: the oracle of those read from tiles."""

from collections.abc import Sequence

from ledger.merkle.hashes import root_of, split_of


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Proof that the tree of the first `old_size` leaves is a prefix of the tree of all.

    Empty for equal sizes. The empty tree is a prefix of everything; no proof speaks of it.

    Raises:
        IndexError: `old_size` is 0 or larger than the tree.
    """
    if not 0 < old_size <= len(leaves):
        raise IndexError(f"no tree of {old_size} leaves in one of {len(leaves)}")
    proof: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while old_size < high - low:
        split = split_of(high - low)
        if old_size <= split:
            proof.append(root_of(leaves[low + split : high]))
            high = low + split
        else:
            proof.append(root_of(leaves[low : low + split]))
            low += split
            old_size -= split
            whole = False
    if not whole:
        proof.append(root_of(leaves[low:high]))
    return proof[::-1]
