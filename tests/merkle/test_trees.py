"""Roots, proofs and partial trees against a slow reference and a second implementation."""

import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

import pymerkle  # pyright: ignore[reportMissingTypeStubs] -- it has none
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import CorruptRecordError
from ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    inclusion_path,
    joined,
    leaf_hash,
    mth,
    narrowed,
    node_hash,
    path_in_partial,
    root_of,
    root_of_partial,
    verify_consistency,
    verify_inclusion,
)
from ledger.merkle.tiled_tree import Growth, TiledTree
from ledger.merkle.tiles import Tile, tile_at, tiles_between
from tests.matrix import every
from tests.merkle import reference
from tests.merkle.consistency import consistency_proof
from tests.merkle.make_broken_proofs import FILE, text
from tests.rounds import rounds

ENTRIES = [n.to_bytes(2, "big") for n in range(300)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@cache
def reference_root(size: int) -> bytes:
    return reference.mth(ENTRIES[:size])


def test_the_published_hashes_are_ours() -> None:
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert leaf_hash(b"").hex().startswith("6e340b9c")
    assert (
        leaf_hash(b"L123456").hex()
        == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert (
        node_hash(b"N123", b"N456").hex()
        == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


def test_roots_are_the_references_for_every_size_to_300() -> None:
    frontier = Frontier()
    for size in range(301):
        assert mth(ENTRIES[:size]) == root_of(LEAVES[:size]) == reference_root(size)
        assert frontier.root() == reference_root(size)
        assert frontier.size == size
        frontier = frontier.appended(LEAVES[size : size + 1])


def test_roots_are_those_of_pymerkle() -> None:
    tree: Any = pymerkle.InmemoryTree(algorithm="sha256")
    for size in range(1, 65):
        tree.append_entry(ENTRIES[size - 1])
        assert tree.get_root() == root_of(LEAVES[:size])


@every("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 64, 100, 255, 300])
def test_inclusion_paths_are_the_references(size: int) -> None:
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        path = inclusion_path(LEAVES[:size], index)
        assert path == reference.path(index, ENTRIES[:size])
        assert verify_inclusion(LEAVES[index], index, size, path, reference_root(size))


def test_a_path_of_one_tree_proves_nothing_of_one_of_another_size() -> None:
    """The hashes agree: only the length of the path tells that the size is another one."""
    for size in (1, 2, 4, 8, 64):
        path, root = inclusion_path(LEAVES[:size], 0), reference_root(size)
        assert not verify_inclusion(LEAVES[0], 0, size * 2, path, root)
        path, root = inclusion_path(LEAVES[: size * 2], size), reference_root(size * 2)
        assert not verify_inclusion(LEAVES[size], 0, size, path, root)


@given(st.integers(1, 300), st.data())
def test_consistency_proofs_are_the_references(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = consistency_proof(LEAVES[:size], old)
    assert proof == reference.proof(old, ENTRIES[:size])
    assert verify_consistency(old, size, proof, reference_root(old), reference_root(size))


def test_no_proof_is_built_for_what_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_path(LEAVES[:3], index)
    for old in (0, 4):
        with pytest.raises(IndexError):
            consistency_proof(LEAVES[:3], old)


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.data())
def test_a_partial_tree_has_the_same_root(size: int, known: set[int], data: st.DataObject) -> None:
    known &= set(range(size))
    leaves = {n: LEAVES[n] for n in range(size)}
    nodes = narrowed(size, leaves, [], known)
    assert nodes == reference.maximal(0, ENTRIES[:size], known)
    some = {n: LEAVES[n] for n in known}
    assert root_of_partial(size, some, nodes) == reference_root(size)
    for index in known:
        path = path_in_partial(size, some, nodes, index)
        assert path == reference.path(index, ENTRIES[:size])
    fewer = data.draw(st.sets(st.sampled_from(sorted(known)))) if known else set[int]()
    assert narrowed(size, some, nodes, fewer) == narrowed(size, leaves, [], fewer)


@given(st.integers(1, 40), st.lists(st.sets(st.integers(0, 39)), min_size=1, max_size=4))
def test_partial_trees_add_up(size: int, parts: list[set[int]]) -> None:
    leaves = {n: LEAVES[n] for n in range(size)}
    known = [{n for n in part if n < size} for part in parts]
    trees = [(part, narrowed(size, leaves, [], part)) for part in known]
    assert joined(size, trees) == narrowed(size, leaves, [], set[int]().union(*known))


def test_trees_with_a_node_too_few_or_too_many_do_not_add_up() -> None:
    nodes = narrowed(5, dict(enumerate(LEAVES[:5])), [], {1})
    for wrong in (nodes[:-1], [*nodes, bytes(32)], []):
        with pytest.raises(CorruptRecordError):
            joined(5, [({1}, nodes), ({1}, wrong)])


def test_a_partial_tree_with_a_node_too_few_or_too_many_is_refused() -> None:
    nodes = narrowed(5, dict(enumerate(LEAVES[:5])), [], {1})
    for wrong in (nodes[:-1], [*nodes, bytes(32)]):
        with pytest.raises(CorruptRecordError):
            root_of_partial(5, {1: LEAVES[1]}, wrong)
    with pytest.raises(CorruptRecordError):
        root_of_partial(5, {5: LEAVES[5]}, nodes)
    with pytest.raises(CorruptRecordError):
        narrowed(5, {1: LEAVES[1]}, nodes, {2})
    with pytest.raises(CorruptRecordError):
        path_in_partial(5, {1: LEAVES[1]}, nodes, 2)


# -- published proofs, and broken ones of our own, all named ---------------------------------------

VECTORS = Path(__file__).parent / "vectors"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VECTORS / name).read_text("utf-8").splitlines()]


def decoded(proof: list[str] | None) -> list[bytes]:
    return [b64decode(one) for one in proof or []]


@every("vector", lines("merkle-inclusion.jsonl"), called=lambda v: v["name"].removesuffix(".json"))
def test_a_published_inclusion_proof_is_judged_as_published(vector: dict[str, Any]) -> None:
    verdict = verify_inclusion(
        b64decode(vector["leafHash"] or ""),
        vector["leafIdx"],
        vector["treeSize"],
        decoded(vector["proof"]),
        b64decode(vector["root"] or ""),
    )
    assert verdict is not vector["wantErr"]


@every(
    "vector", lines("merkle-consistency.jsonl"), called=lambda v: v["name"].removesuffix(".json")
)
def test_a_published_consistency_proof_is_judged_as_published(vector: dict[str, Any]) -> None:
    verdict = verify_consistency(
        vector["size1"],
        vector["size2"],
        decoded(vector["proof"]),
        b64decode(vector["root1"] or ""),
        b64decode(vector["root2"] or ""),
    )
    assert verdict is not vector["wantErr"]


def test_the_broken_proofs_are_what_the_script_writes() -> None:
    assert FILE.read_text("utf-8") == text()


@every("proof", json.loads(FILE.read_text("utf-8")), called=lambda p: p["desc"])
def test_a_broken_proof_is_refused(proof: dict[str, Any]) -> None:
    path = [bytes.fromhex(one) for one in proof["path"]]
    leaf, root = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["root"])
    assert not verify_inclusion(leaf, proof["index"], proof["size"], path, root)


# -- names of tiles, and which tiles a tree has ----------------------------------------------------

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
MANY_LEAVES = [leaf_hash(n.to_bytes(3, "big")) for n in range(SIZE)]
EDGES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, SIZE]


@cache
def content(tile: Tile) -> bytes:
    """By the standard's words: hash i = MTH(D[(n·256 + i)·256^l : (n·256 + i + 1)·256^l])."""
    span = 256**tile.level
    begins = [(tile.index * 256 + i) * span for i in range(tile.width)]
    return b"".join(root_of(MANY_LEAVES[begin : begin + span]) for begin in begins)


sizes = st.sampled_from(EDGES) | st.integers(0, SIZE)


@given(sizes.filter(bool), st.data())
def test_roots_and_proofs_are_those_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    tree = TiledTree(size, content)
    part = data.draw(st.integers(1, min(size, 2_000)) | st.just(size))
    index = data.draw(st.integers(0, part - 1))
    old = data.draw(st.integers(1, part))
    leaves = MANY_LEAVES[:part]
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


@settings(max_examples=rounds(40))
@given(sizes, st.lists(st.sampled_from([0, 1, 2, 100, 255, 256, 257, 700]), max_size=5))
def test_a_tree_grows_into_the_tiles_that_it_has(begin: int, steps: list[int]) -> None:
    written = {one: content(one) for one in tiles_between(0, begin)}
    growth, size = Growth(begin, written.__getitem__), begin
    for step in steps:
        more = MANY_LEAVES[size : size + step]
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
    assert TiledTree(size, written.__getitem__).root() == root_of(MANY_LEAVES[:size])
