"""Consistency proofs from all leaf hashes, and their check: the oracle of those read from tiles."""

from collections.abc import Sequence

from ledger.merkle.hashes import node_hash, root_of, split_of


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


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """True when `proof` shows that the tree `old_root` is a prefix of the tree `new_root`.

    Sizes of 0 prove nothing and are refused; the caller handles an empty old tree.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            new = node_hash(new, sibling)
        fn >>= 1
        sn >>= 1
    return sn == 0 and old == old_root and new == new_root
