"""Published proofs, and broken ones of our own, all named."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

from ledger.merkle import verify_inclusion
from tests.matrix import every
from tests.merkle.consistency import verify_consistency
from tests.merkle.make_broken_proofs import FILE, text

VECTORS = Path(__file__).parent / "vectors"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (VECTORS / name).read_text("utf-8").splitlines()]


def decoded(proof: list[str] | None) -> list[bytes]:
    return [b64decode(one) for one in proof or []]


def test_all_published_vectors_are_there() -> None:
    assert len(lines("merkle-inclusion.jsonl")) == len(lines("merkle-consistency.jsonl")) == 98


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
