"""Names of tiles, and which tiles a tree has."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CorruptRecordError
from ledger.merkle import inclusion_path, leaf_hash, root_of
from ledger.merkle.tiled_tree import Growth, TiledTree
from ledger.merkle.tiles import Tile, tile_at, tiles_between
from tests.matrix import every
from tests.merkle.consistency import consistency_proof

NAMES = [
    # C2SP tlog-tiles, "Parameters" and "Merkle Tree".
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(0, 1234067, 8), "tile/0/x001/x234/067.p/8"),
    (Tile(0, 0), "tile/0/000"),
    (Tile(0, 273, 112), "tile/0/273.p/112"),
    (Tile(1, 1, 17), "tile/1/001.p/17"),
    (Tile(2, 0, 1), "tile/2/000.p/1"),
    (Tile(63, 999), "tile/63/999"),
    (Tile(15, 1000), "tile/15/x001/000"),
]

NO_NAMES = {
    "nothing": "",
    "another level's zero": "tile/00/000",
    "a level too high": "tile/64/000",
    "no groups": "tile/0/1",
    "two digits": "tile/0/00",
    "a group without x": "tile/0/001/067",
    "an x before the last": "tile/0/x001/x067",
    "a leading group of zeros": "tile/0/x000/067",
    "width 0": "tile/0/000.p/0",
    "width 256": "tile/0/000.p/256",
    "width with a zero in front": "tile/0/000.p/07",
    "a slash in front": "/tile/0/000",
    "the folder above": "tile/0/../000",
    "a newline": "tile/0/000\n",
    "digits of another script": "tile/0/٠٠٠",
    "a bundle of entries": "tile/entries/000",
    "more groups than a log has leaves": "tile/0/x001/" + "x000/" * 1_500 + "000",
}


@every("tile, name", NAMES)
def test_a_tile_has_the_standards_name(tile: Tile, name: str) -> None:
    assert tile.name == name
    assert Tile.named(name) == tile


@every("name", NO_NAMES.values())
def test_what_is_not_written_as_a_name_is_none(name: str) -> None:
    assert Tile.named(name) is None


@given(st.integers(0, 63), st.integers(0, 2**48), st.integers(1, 256))
def test_every_tile_is_found_by_its_name(level: int, index: int, width: int) -> None:
    assert Tile.named(Tile(level, index, width).name) == Tile(level, index, width)


def test_the_standards_examples_of_sizes_have_these_tiles() -> None:
    assert [one.name for one in tiles_between(0, 256)] == ["tile/0/000", "tile/1/000.p/1"]
    names = [one.name for one in tiles_between(0, 70_000)]
    assert len(names) == 273 + 1 + 1 + 1 + 1
    assert names[273:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert list(tiles_between(0, 0)) == []


def slow_tiles(size: int) -> set[Tile]:
    """By the standard's words: on each level floor(size / 256^level) hashes, 256 a tile."""
    found: set[Tile] = set()
    for level in range(64):
        hashes = list(range(size // 256**level))
        for begin in range(0, len(hashes), 256):
            found.add(Tile(level, begin // 256, len(hashes[begin : begin + 256])))
    return found


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_between_two_sizes_stand_the_tiles_that_only_the_larger_tree_has(a: int, b: int) -> None:
    old, new = sorted((a, b))
    assert set(tiles_between(0, new)) == slow_tiles(new)
    assert set(tiles_between(old, new)) == slow_tiles(new) - slow_tiles(old)


@given(st.integers(0, 70_000), st.integers(0, 3), st.integers(0, 300))
def test_a_place_has_the_tile_that_the_tree_has_there(size: int, level: int, index: int) -> None:
    there = {one for one in slow_tiles(size) if (one.level, one.index) == (level, index)}
    assert tile_at(level, index, size) == (there.pop() if there else None)


# -- trees in tiles against trees of all leaves; growth against the standard's own definition ------

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
