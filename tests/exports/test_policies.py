"""The witnesses that a reader knows, by keys or by a policy: what it asks for must be met."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.crypto.notes import SignedNote
from ledger.crypto.policy import Policy, PolicyError
from ledger.exports import verify
from ledger.exports.export_request import SignedCheckpoint
from tests.exports.attesting import TestedWitness
from tests.exports.verifying import checked
from tests.exports.world import SIGNER, WITNESSES, World

KEY = SIGNER.verifier.text
FIRST, SECOND = (one.key.text for one in WITNESSES)
STRANGER = TestedWitness("stranger.example.jp/w1").key.text


@pytest.fixture(scope="module")
def attested(shared: World) -> SignedCheckpoint:
    return shared.attested()


@pytest.fixture(scope="module")
def bag(shared: World, attested: SignedCheckpoint) -> Path:
    return shared.bag("seen by witnesses", signed=attested)


def policy(folder: Path, *lines: str) -> Path:
    place = folder / f"policy-{sha256(repr(lines).encode()).hexdigest()[:8]}"
    place.write_text("".join(f"{line}\n" for line in lines))
    return place


POLICIES: Mapping[tuple[str, ...], int] = {
    ("quorum one",): verify.GOOD,
    ("quorum none",): verify.GOOD,
    ("quorum other",): verify.SIGNATURE,
    ("group both all one two", "quorum both"): verify.GOOD,
    ("group both all one other", "quorum both"): verify.SIGNATURE,
    ("group most 2 one two other", "quorum most"): verify.GOOD,
    ("group some any one other", "group more all one two", "quorum more"): verify.USAGE,
    ("group some any one other", "group every all two some", "quorum every"): verify.GOOD,
    ("# nothing",): verify.USAGE,
    ("quorum nobody",): verify.USAGE,
    ("quorum one", "quorum two"): verify.USAGE,
    ("group g 3 one two", "quorum g"): verify.USAGE,
    ("group g any one one", "quorum g"): verify.USAGE,
    ("group g any later", "group later any one", "quorum g"): verify.USAGE,
    ("group g any none", "quorum g"): verify.USAGE,
    ("group one any two", "quorum one"): verify.USAGE,
    ("witness one more", "quorum one"): verify.USAGE,
    (f"witness again {FIRST}", "quorum one"): verify.USAGE,
    (f"log {KEY}", "quorum one"): verify.GOOD,
    (f"log {KEY.replace('test-ledger', 'other')}", "quorum one"): verify.USAGE,
    ("what is this", "quorum one"): verify.USAGE,
}
KNOWN = (
    f"witness one {FIRST}",
    f"witness two {SECOND} https://w.example",
    f"witness other {STRANGER}",
)


@pytest.mark.parametrize("lines", POLICIES, ids=" / ".join)
def test_what_a_policy_asks_for_must_be_met(
    bag: Path, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    code, said = checked(bag, "--key", KEY, "--policy", policy(tmp_path, *KNOWN, *lines))
    assert code == POLICIES[lines], said


@pytest.mark.parametrize("lines", POLICIES, ids=" / ".join)
def test_a_policy_means_what_it_means_to_the_ledger(
    attested: SignedCheckpoint, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    content = policy(tmp_path, *KNOWN, *lines).read_bytes()
    if POLICIES[lines] == verify.USAGE:
        with pytest.raises(PolicyError):
            Policy.read(content)
        return
    read = Policy.read(content)
    signed = read.cosignatures(SignedNote.read(attested.cosigned or ""))
    assert read.is_met(signed) == (POLICIES[lines] == verify.GOOD)


def test_a_policy_about_another_log_refuses_the_bag(bag: Path, tmp_path: Path) -> None:
    other = replace(SIGNER.verifier, name="other.example.jp/log").text
    code, said = checked(bag, "--policy", policy(tmp_path, *KNOWN, f"log {other}", "quorum one"))
    assert (code, "about other logs" in said) == (verify.SIGNATURE, True), said


@pytest.mark.parametrize("key", ["no key", KEY, FIRST[:-4] + "AAA="])
def test_what_is_no_key_of_a_witness_is_asked_in_a_wrong_way(bag: Path, key: str) -> None:
    assert checked(bag, "--witness", key)[0] == verify.USAGE
    assert checked(bag, "--witness", FIRST, "--witness", FIRST)[0] == verify.USAGE
    assert checked(bag, "--policy", bag / "nowhere")[0] == verify.USAGE


def test_what_a_policy_asks_for_is_not_there(shared: World, tmp_path: Path) -> None:
    without = shared.bag("seen by no witness")
    code, said = checked(without, "--policy", policy(tmp_path, *KNOWN, "quorum one"))
    assert (code, "asks for more witnesses than signed: 0 of 3" in said) == (40, True), said
