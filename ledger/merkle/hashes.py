"""The two hash rules and the root of a tree.

Source: RFC 6962, section 2.1.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes.

    Level by level: a last node without a partner goes up as it is. That gives the same root as
    the recursive definition, which splits at the largest power of two below the size, because
    everything left of the split is a full tree.
    """
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        pairs = iter(level)
        above = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs)]  # noqa: B905 -- an odd last one is left over on purpose
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def mth(entries: Iterable[bytes]) -> bytes:
    """Root over entries: MTH(D[n]) of RFC 6962."""
    return root_of([sha256(b"\x00" + entry).digest() for entry in entries])


def split_of(size: int) -> int:
    """The largest power of two smaller than `size`. Requires size > 1."""
    return 1 << (size - 1).bit_length() - 1
