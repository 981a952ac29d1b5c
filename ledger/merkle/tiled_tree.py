"""A tree whose hashes are read from tiles: roots and proofs from a handful of tiles, and growth.

Source: RFC 9162, section 2.1; C2SP tlog-tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ledger.errors import CorruptRecordError
from ledger.merkle.hashes import EMPTY_ROOT, HASH_BYTES, node_hash, root_of, split_of
from ledger.merkle.tiles import TILE_BITS, TILE_WIDTH, Tile, tile_at

_LEVELS: Final = 64 // TILE_BITS


class TiledTree:
    """A tree of which every hash that a proof needs stands in a tile.

    Each tile is read once and kept, so one of these serves one answer, or several of one size.

    Args:
        size: number of leaves.
        read: the content of a tile: `width` times 32 bytes.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[Tile, bytes] = {}

    def root(self, size: int | None = None) -> bytes:
        """Root over the first `size` leaves, or over all.

        Raises:
            IndexError: there are fewer leaves.
            CorruptRecordError: a tile has not the length that its name says.
        """
        tree_size = self.size if size is None else size
        if not 0 <= tree_size <= self.size:
            raise IndexError(f"no tree of {tree_size} leaves in one of {self.size}")
        return self._range(0, tree_size) if tree_size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Audit path of the leaf at `index` in the tree of the first `size` leaves, or of all.

        Raises: as `root`; IndexError also for a leaf that the tree has not.
        """
        tree_size = self.size if size is None else size
        if not 0 <= index < tree_size <= self.size:
            raise IndexError(f"no leaf {index} in a tree of {min(tree_size, self.size)}")
        path: list[bytes] = []
        low, high = 0, tree_size
        while high - low > 1:
            middle = low + split_of(high - low)
            if index < middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        """Proof that the first `old_size` leaves begin the first `size`, or all.

        Raises: as `root`; IndexError also for an old tree that is empty or larger.
        """
        tree_size = self.size if size is None else size
        if not 0 < old_size <= tree_size <= self.size:
            raise IndexError(f"no tree of {old_size} leaves in one of {min(tree_size, self.size)}")
        proof: list[bytes] = []
        low, high, whole = 0, tree_size, True
        while old_size < high:
            middle = low + split_of(high - low)
            if old_size <= middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low, whole = middle, False
        if not whole:
            proof.append(self._range(low, high))
        return proof[::-1]

    def _range(self, low: int, high: int) -> bytes:
        """Root over the leaves from `low` to before `high`; `low` is where a subtree may begin."""
        count = high - low
        if count & (count - 1) == 0:
            return self._full(low, count.bit_length() - 1)
        middle = low + split_of(count)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _full(self, low: int, height: int) -> bytes:
        """Root of the full subtree of 2^height leaves that begins at `low`."""
        level, within = divmod(height, TILE_BITS)
        begin = low >> (TILE_BITS * level)
        index, offset = divmod(begin, TILE_WIDTH)
        tile = tile_at(level, index, self.size)
        if tile is None:
            raise CorruptRecordError("a tree has no tile there")
        if tile not in self._tiles:
            self._tiles[tile] = check_tile(tile, self._read(tile))
        return root_of(hashes_of(self._tiles[tile])[offset : offset + (1 << within)])


def check_tile(tile: Tile, content: bytes) -> bytes:
    """The content, when it is as long as the tile's name says.

    Raises:
        CorruptRecordError: it is not.
    """
    if len(content) != tile.width * HASH_BYTES:
        raise CorruptRecordError(f"{tile.name} is not {tile.width} hashes long")
    return content


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a tile, one after another."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


class Growth:
    """The right edge of a tree while leaves are appended to it: the tiles that come of them.

    It keeps at most 255 hashes a level, whatever the size.

    Args:
        size: number of leaves of the tree as it stands.
        read: as for `TiledTree`; the partial tiles of the right edge are read, once.

    Raises:
        CorruptRecordError: a tile has not the length that its name says.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._edge: list[list[bytes]] = []
        for level in range(_LEVELS):
            full, width = divmod(size >> (TILE_BITS * level), TILE_WIDTH)
            edge: list[bytes] = []
            if width:
                tile = Tile(level, full, width)
                edge = hashes_of(check_tile(tile, read(tile)))
            self._edge.append(edge)

    def appended(self, leaves: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
        """Take leaf hashes in; yields each tile that became full, and its content.

        A tile comes before the one above it. What is not iterated to the end is not taken in.
        """
        for begin in range(0, len(leaves), TILE_WIDTH):
            part = leaves[begin : begin + TILE_WIDTH]
            self.size += len(part)
            yield from self._add_hashes(0, part, self.size)

    def _add_hashes(
        self, level: int, hashes: Sequence[bytes], count: int
    ) -> Iterator[tuple[Tile, bytes]]:
        """`count`: how many hashes stand on this level with these."""
        edge = self._edge[level]
        edge.extend(hashes)
        if len(edge) < TILE_WIDTH:
            return
        full, self._edge[level] = edge[:TILE_WIDTH], edge[TILE_WIDTH:]
        index = count // TILE_WIDTH - 1
        yield Tile(level, index), b"".join(full)
        yield from self._add_hashes(level + 1, [root_of(full)], index + 1)

    def root(self) -> bytes:
        """Root of the tree as it stands: every subtree that it is made of ends at the edge."""
        edge = dict(self.edge())
        return TiledTree(self.size, edge.__getitem__).root()

    def edge(self) -> Iterator[tuple[Tile, bytes]]:
        """The partial tiles of the tree as it stands, from the leaves up."""
        for level, hashes in enumerate(self._edge):
            if hashes:
                count = self.size >> (TILE_BITS * level)
                yield Tile(level, count // TILE_WIDTH, len(hashes)), b"".join(hashes)
