"""Roots, proofs and partial trees against a slow reference and a second implementation."""

import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

import pymerkle  # pyright: ignore[reportMissingTypeStubs] -- it has none
import pytest
from hypothesis import given
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
    verify_inclusion,
)
from tests.matrix import every
from tests.merkle import reference
from tests.merkle.consistency import consistency_proof, verify_consistency
from tests.merkle.make_broken_proofs import FILE, text

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
