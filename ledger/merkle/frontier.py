"""The compact frontier: what is needed of a tree to append to it.

Source: RFC 6962, section 2.1; the roots of the full subtrees, largest first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.merkle.hashes import EMPTY_ROOT, node_hash


@dataclass(frozen=True, slots=True)
class Frontier:
    """Roots of the full subtrees of a tree, one for each bit of its size, largest first.

    Attributes:
        size: number of leaves.
        hashes: 32 bytes each, as many as `size` has bits that are 1.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier holds one hash for each bit of its size")

    def appended(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after `leaves` (leaf hashes) were appended."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            node, bits = leaf, size
            while bits & 1:
                node = node_hash(hashes.pop(), node)
                bits >>= 1
            hashes.append(node)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """Root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *left_hashes, node = self.hashes
        for left in reversed(left_hashes):
            node = node_hash(left, node)
        return node
