"""Trees in tiles against trees of all leaves; growth against the standard's own definition."""

from functools import cache
from typing import Any

import pymerkle  # pyright: ignore[reportMissingTypeStubs] -- it has none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CorruptRecordError
from ledger.merkle import inclusion_path, leaf_hash, root_of
from ledger.merkle.tiled_tree import Growth, TiledTree
from ledger.merkle.tiles import Tile, tiles_between
from tests.merkle.consistency import consistency_proof

SIZE = 66_100
"""Three levels of tiles, each with a right edge."""
LEAVES = [leaf_hash(n.to_bytes(3, "big")) for n in range(SIZE)]
EDGES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, SIZE]


@cache
def content(tile: Tile) -> bytes:
    """By the standard's words: hash i = MTH(D[(n·256 + i)·256^l : (n·256 + i + 1)·256^l])."""
    span = 256**tile.level
    begins = [(tile.index * 256 + i) * span for i in range(tile.width)]
    return b"".join(root_of(LEAVES[begin : begin + span]) for begin in begins)


sizes = st.sampled_from(EDGES) | st.integers(0, SIZE)


@given(sizes.filter(bool), st.data())
def test_roots_and_proofs_are_those_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    tree = TiledTree(size, content)
    part = data.draw(st.integers(1, min(size, 2_000)) | st.just(size))
    index = data.draw(st.integers(0, part - 1))
    old = data.draw(st.integers(1, part))
    leaves = LEAVES[:part]
    assert tree.root(part) == root_of(leaves)
    assert tree.inclusion(index, part) == inclusion_path(leaves, index)
    assert tree.consistency(old, part) == consistency_proof(leaves, old)


def test_roots_are_those_of_pymerkle() -> None:
    other: Any = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(600):
        other.append_entry(n.to_bytes(3, "big"))
    assert TiledTree(600, content).root() == other.get_root()


def test_a_proof_reads_few_tiles() -> None:
    read: list[Tile] = []

    def reading(tile: Tile) -> bytes:
        read.append(tile)
        return content(tile)

    TiledTree(SIZE, reading).inclusion(12_345)
    assert len(read) <= 6
    assert len(set(read)) == len(read)


def test_an_empty_tree_has_the_root_of_nothing_and_no_proof() -> None:
    tree = TiledTree(0, content)
    assert tree.root() == root_of([])
    for asked in (lambda: tree.inclusion(0), lambda: tree.consistency(0), lambda: tree.root(1)):
        with pytest.raises(IndexError):
            asked()


def test_no_proof_is_made_of_what_a_tree_has_not() -> None:
    tree = TiledTree(300, content)
    for asked in (
        lambda: tree.inclusion(300),
        lambda: tree.inclusion(10, 10),
        lambda: tree.inclusion(0, 301),
        lambda: tree.consistency(0),
        lambda: tree.consistency(11, 10),
        lambda: tree.consistency(1, 301),
        lambda: tree.root(-1),
    ):
        with pytest.raises(IndexError):
            asked()


def test_a_tile_of_another_length_is_refused() -> None:
    with pytest.raises(CorruptRecordError, match=r"tile/1/000\.p/1 is not 1 hashes long"):
        TiledTree(300, lambda tile: content(tile)[:-1]).root()
    with pytest.raises(CorruptRecordError, match="hashes long"):
        Growth(300, lambda tile: content(tile) + b"\x00")


@given(sizes, st.lists(st.sampled_from([0, 1, 2, 100, 255, 256, 257, 700]), max_size=5))
def test_a_tree_grows_into_the_tiles_that_it_has(begin: int, steps: list[int]) -> None:
    written = {one: content(one) for one in tiles_between(0, begin)}
    growth, size = Growth(begin, written.__getitem__), begin
    for step in steps:
        more = LEAVES[size : size + step]
        full = list(growth.appended(more))
        edge = dict(growth.edge())
        old, size = size, size + len(more)
        assert growth.size == size
        made = dict(full) | edge
        wanted = set(tiles_between(old, size))
        assert wanted <= made.keys() <= wanted | set(tiles_between(0, size))
        assert all(found == content(one) for one, found in made.items())
        assert [one for one, _ in full if one.width != 256] == []
        written |= made
    assert TiledTree(size, written.__getitem__).root() == root_of(LEAVES[:size])


def test_a_tile_comes_before_the_one_above_it() -> None:
    made = [one for one, _ in Growth(0, content).appended(LEAVES[:65_536])]
    assert made[-2:] == [Tile(0, 255), Tile(1, 0)]
    assert made[:255] == [Tile(0, n) for n in range(255)]
