"""The verifier by itself: Ed25519 without a library, an old Python, no import of ours."""

import ast
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exports import verify
from ledger.exports.bag import verifier
from ledger.merkle import narrowed, root_of, root_of_partial
from tests.exports.golden_bags import unpacked
from tests.exports.verifying import VERIFIER
from tests.rounds import rounds

# RFC 8032, section 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
            "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
_hash = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_signatures_of_the_rfc_are_accepted(key: str, message: str, signature: str) -> None:
    raw = [bytes.fromhex(one) for one in (key, message, signature)]
    assert verify.is_signed(*raw)
    assert not verify.is_signed(raw[0], raw[1] + b"!", raw[2])


@settings(max_examples=rounds(60))
@given(_hash, st.binary(max_size=80), st.integers(0, 511), _hash)
def test_the_signature_check_agrees_with_a_library(
    seed: bytes, message: bytes, bit: int, other: bytes
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.is_signed(public, message, signature)
    broken = bytearray(signature)
    broken[bit // 8] ^= 1 << bit % 8
    assert not verify.is_signed(public, message, bytes(broken))
    assert not verify.is_signed(other, message, signature) or other == public


def test_a_signature_whose_half_is_too_large_is_refused() -> None:
    """The same signature with the group's order added is another text that says the same."""
    public, message, signature = (bytes.fromhex(one) for one in VECTORS[1])
    large = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not verify.is_signed(public, message, signature[:32] + large.to_bytes(32, "little"))
    assert not verify.is_signed(public, message, signature[:-1])


@given(st.lists(_hash, max_size=70))
def test_roots_are_those_of_the_ledger(leaves: list[bytes]) -> None:
    assert verify.root_of(b"".join(leaves), len(leaves)) == root_of(leaves)


@given(st.integers(1, 40), st.data())
def test_roots_of_some_leaves_are_those_of_the_ledger(size: int, data: st.DataObject) -> None:
    leaves = [sha256(bytes([n])).digest() for n in range(size)]
    keep = data.draw(st.sets(st.integers(0, size - 1)))
    nodes = narrowed(size, dict(enumerate(leaves)), [], keep) if len(keep) < size else []
    known = {j: leaves[j] for j in keep}
    root = verify.partial_root(0, size, known, [one.hex() for one in nodes])
    assert root == root_of_partial(size, known, nodes) == root_of(leaves)


def test_the_verifier_needs_the_standard_library_alone_and_python_3_9() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 9))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names
    assert not names & {"socket", "urllib", "http", "subprocess", "ctypes"}


def test_a_file_of_the_bag_is_not_taken_for_one_of_the_standard_library(tmp_path: Path) -> None:
    bag = unpacked("plain", tmp_path)
    for name in ("json", "csv", "hashlib", "zipfile", "re"):
        (bag / f"{name}.py").write_text('print("all good")\nraise SystemExit(0)\n')
    (bag / "verify.py").write_bytes(VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "verify.py", "."], cwd=bag, capture_output=True, text=True, check=False
    )
    assert done.returncode == verify.HASH, done.stdout + done.stderr


def test_the_verifier_in_a_bag_is_the_one_that_is_tested() -> None:
    assert verifier() == Path(verify.__file__).read_bytes()
