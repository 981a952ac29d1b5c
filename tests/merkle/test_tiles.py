"""Names of tiles, and which tiles a tree has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle.tiles import Tile, tile_at, tiles_between

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


@pytest.mark.parametrize(("tile", "name"), NAMES)
def test_a_tile_has_the_standards_name(tile: Tile, name: str) -> None:
    assert tile.name == name
    assert Tile.named(name) == tile


@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES.keys())
def test_what_is_not_written_as_a_name_is_none(name: str) -> None:
    assert Tile.named(name) is None


@given(st.integers(0, 63), st.integers(0, 2**48), st.integers(1, 256))
def test_every_tile_is_found_by_its_name(level: int, index: int, width: int) -> None:
    assert Tile.named(Tile(level, index, width).name) == Tile(level, index, width)


@pytest.mark.parametrize("wrong", [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_is_not_made(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no such tile"):
        Tile(*wrong)


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
