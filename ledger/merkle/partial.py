"""A tree of which only some leaves are known: the rest stands as hashes of maximal subtrees.

This is what a carried-forward record holds (event format, section 5): the leaves of the persons
concerned, and for everybody else the largest subtrees without any of them, left to right.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from ledger.errors import CorruptRecordError
from ledger.merkle.hashes import node_hash, split_of


def root_of_partial(size: int, leaves: Mapping[int, bytes], nodes: Sequence[bytes]) -> bytes:
    """Root of the tree of `size` leaves of which `leaves` are known.

    Args:
        size: number of leaves of the whole tree, at least 1.
        leaves: index → leaf hash.
        nodes: hashes of the maximal subtrees without a known leaf, left to right.

    Raises:
        CorruptRecordError: too many or too few nodes, or an index beyond the tree.
    """
    return _Walk(size, leaves, nodes).root


def path_in_partial(
    size: int, leaves: Mapping[int, bytes], nodes: Sequence[bytes], index: int
) -> list[bytes]:
    """Audit path of the known leaf at `index`, lowest sibling first; the rest as above.

    Raises:
        CorruptRecordError: as above, or the leaf is not known.
    """
    if index not in leaves:
        raise CorruptRecordError("a leaf to be proven is not known")
    return _Walk(size, leaves, nodes, index=index).path


def narrowed(
    size: int, leaves: Mapping[int, bytes], nodes: Sequence[bytes], keep: Collection[int]
) -> list[bytes]:
    """Nodes of the same tree when only the leaves in `keep` stay known.

    Args:
        size: number of leaves of the whole tree, at least 1.
        leaves: index → leaf hash, of all leaves or of those an earlier copy carries.
        nodes: as in `root_of_partial`; empty when all leaves are known.
        keep: indexes, all of them in `leaves`; empty leaves the root alone.

    Raises:
        CorruptRecordError: `leaves` and `nodes` make no tree of that size, or `keep` names a leaf
            that is not known.
    """
    if not set(keep) <= leaves.keys():
        raise CorruptRecordError("a leaf to be kept is not known")
    walk = _Walk(size, leaves, nodes, keep=frozenset(keep))
    return [walk.root] if walk.narrowed is None else walk.narrowed


def joined(size: int, trees: Sequence[tuple[Collection[int], Sequence[bytes]]]) -> list[bytes]:
    """Nodes of the same tree when every leaf that is known in one of `trees` is known.

    Args:
        size: number of leaves of the whole tree, at least 1.
        trees: indexes of the known leaves and nodes, as in `root_of_partial`; at least one.

    Raises:
        CorruptRecordError: too many or too few nodes.
    """
    hashes: dict[tuple[int, int], bytes] = {}
    for known, nodes in trees:
        places = list(_maximal(0, size, sorted(known)))
        if len(places) != len(nodes):
            raise CorruptRecordError("more or fewer subtrees than the tree has")
        hashes |= zip(places, nodes, strict=True)
    every = sorted({index for known, _ in trees for index in known})
    # The subtree around a maximal one holds a leaf that one of the trees knows, and there it is
    # maximal too: its hash is among that tree's nodes.
    return [hashes[place] for place in _maximal(0, size, every)]


def _maximal(low: int, size: int, inside: list[int]) -> Iterator[tuple[int, int]]:
    """(first leaf, size) of the maximal subtrees without a leaf of `inside`, left to right."""
    if not inside:
        yield low, size
    elif size > 1:
        middle = low + split_of(size)
        yield from _maximal(low, middle - low, [i for i in inside if i < middle])
        yield from _maximal(middle, low + size - middle, [i for i in inside if i >= middle])


class _Walk:
    """One pass over the tree, left to right. Its depth is the depth of the tree."""

    def __init__(
        self,
        size: int,
        leaves: Mapping[int, bytes],
        nodes: Sequence[bytes],
        *,
        keep: frozenset[int] = frozenset(),
        index: int = -1,
    ) -> None:
        if size < 1 or any(not 0 <= known < size for known in leaves):
            raise CorruptRecordError("a leaf stands beyond the tree")
        self._leaves = leaves
        self._nodes = iter(nodes)
        self._keep = keep
        self._index = index
        self.path: list[bytes] = []
        self.root, self.narrowed = self._subtree(0, size, sorted(leaves))
        if next(self._nodes, None) is not None:
            raise CorruptRecordError("more subtrees than the tree has")

    def _subtree(self, low: int, size: int, inside: list[int]) -> tuple[bytes, list[bytes] | None]:
        """Hash of the subtree, and its narrowed nodes; None when no kept leaf is inside."""
        if not inside:
            node = next(self._nodes, None)
            if node is None:
                raise CorruptRecordError("fewer subtrees than the tree has")
            return node, None
        if size == 1:
            return self._leaves[low], [] if low in self._keep else None
        middle = low + split_of(size)
        left, kept_left = self._subtree(low, middle - low, [i for i in inside if i < middle])
        right, kept_right = self._subtree(
            middle, low + size - middle, [i for i in inside if i >= middle]
        )
        if low <= self._index < low + size:
            self.path.append(right if self._index < middle else left)
        node = node_hash(left, right)
        if kept_left is None and kept_right is None:
            return node, None
        return node, [
            *([left] if kept_left is None else kept_left),
            *([right] if kept_right is None else kept_right),
        ]
