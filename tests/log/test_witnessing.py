"""Debian's witness cosigns a growing log, and neither a stale nor a rewritten one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.crypto.notes import SignedNote
from ledger.crypto.policy import Policy
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from projections.log.witness_requests import WitnessRefusedError
from tests.log.signing import Place
from tests.log.witnesses import SIGNER, Shown, SigsumWitness


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[SigsumWitness]:
    made = SigsumWitness(tmp_path / "witness", SIGNER.verifier)
    with made.running():
        yield made


@pytest.fixture
def shown(witness: SigsumWitness, tmp_path: Path) -> Shown:
    policy = Policy.read(f"log {SIGNER.verifier.text}\n{witness.line}quorum debian\n".encode())
    return Shown(Place(tmp_path), policy)


def test_debians_witness_cosigns_a_growing_log(shown: Shown, witness: SigsumWitness) -> None:
    caller = shown.caller()
    for size in (0, 1, 7, 256, 257, 1000):
        shown.grow(size)
        before = int(time.time())
        caller.step()
        seen = shown.cosigned.newest()
        assert seen is not None
        assert seen.checkpoint == Checkpoint(SIGNER.name, size, root_of(shown.place.events))
        assert before - 1 <= seen.seconds <= time.time() + 1
        keys = [key for key, _ in seen.note.verified([SIGNER.verifier, witness.key])]
        assert keys == [SIGNER.verifier, witness.key]
        assert shown.cosigned.by(caller.asking.witness) == seen
    # What was cosigned at a size stays.
    for size, name in ((0, "000"), (7, "007"), (256, "256"), (1000, "x001/000")):
        file = f"cosignatures/{SIGNER.verifier.id.hex()}/at/{name}"
        note = SignedNote.read(shown.place.folder.note(file) or "")
        assert Checkpoint.read(note.text).size == size
        assert len(note.verified([SIGNER.verifier, witness.key])) == 2


def test_a_size_that_is_not_known_here_is_asked_for(shown: Shown, witness: SigsumWitness) -> None:
    shown.grow(300)
    shown.asking().cosigned(*shown.signed)
    shown.grow(700)
    for known in (0, 5, 299, 700, 9_999):
        asking = shown.asking(known)
        made = asking.cosigned(*shown.signed)
        assert witness.key.verifies(shown.signed[0].text, made.value)
        assert asking.size == 700


def test_a_stale_log_is_refused(shown: Shown) -> None:
    shown.grow(300)
    stale = shown.signed
    shown.grow(700)
    shown.asking().cosigned(*shown.signed)
    with pytest.raises(WitnessRefusedError, match="has seen 700 events and the log has 300"):
        shown.asking(10).cosigned(*stale)


@pytest.mark.parametrize("size", [700, 701, 1000])
def test_a_rewritten_history_is_refused(shown: Shown, tmp_path: Path, size: int) -> None:
    shown.grow(700)
    shown.asking().cosigned(*shown.signed)
    twin = Shown(Place(tmp_path / "twin"), shown.policy)
    twin.place.path.mkdir()
    twin.place.grow(350)
    twin.grow(size, "rewritten")
    for known in (0, 700):
        with pytest.raises(WitnessRefusedError, match="history"):
            twin.asking(known).cosigned(*twin.signed)


def test_a_witness_that_is_down_is_asked_less_and_less(tmp_path: Path) -> None:
    witness = SigsumWitness(tmp_path / "witness", SIGNER.verifier)
    policy = Policy.read(f"{witness.line}quorum debian\n".encode())
    shown = Shown(Place(tmp_path), policy)
    shown.grow(7)
    caller = shown.caller(seconds=1.0)
    pauses = [caller.step() for _ in range(12)]
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == 900.0
    assert shown.cosigned.newest() is None
    with witness.running():
        assert caller.step() == 1.0
    seen = shown.cosigned.newest()
    assert seen is not None
    assert seen.checkpoint.size == 7
