"""A running ledger has its log cosigned; whatever its witnesses do, it goes on."""

import re
import time
from pathlib import Path

import pytest

from ledger.crypto.notes import SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.merkle.checkpoint import Checkpoint
from tests.database import Database
from tests.log.signing import Place
from tests.log.witnesses import SEED, SIGNER, Shown, SigsumWitness
from tests.serving.processes import SECONDS_MAX, command
from tests.serving.signed_ledger import Signed, signed_ledger


@pytest.fixture
def witness(tmp_path: Path) -> SigsumWitness:
    return SigsumWitness(tmp_path / "witness", SIGNER.verifier)


@pytest.fixture
def signed(database: Database, tmp_path: Path, witness: SigsumWitness) -> Signed:
    policy = tmp_path / "policy"
    policy.write_text(f"log {SIGNER.verifier.text}\n{witness.line}quorum debian\n")
    (tmp_path / "sigsum.key").write_text(SEED.hex())
    made = signed_ledger(database, tmp_path)
    made.given.update(
        LEDGER_LOG_ORIGIN=SIGNER.name,
        LEDGER_LOG_KEY_FILE=str(tmp_path / "sigsum.key"),
        LEDGER_LOG_WITNESS_POLICY=str(policy),
        LEDGER_LOG_WITNESS_S="0.1",
    )
    return Signed(made.database, made.folder, made.given, SIGNER.verifier.text)


def cosigned(signed: Signed, witness: Verifier) -> int:
    """Events of the newest cosigned checkpoint, verified; 0: there is none."""
    file = signed.tiles / "cosigned"
    if not file.exists():
        return 0
    note = SignedNote.read(file.read_text("utf-8"))
    assert len(note.verified([SIGNER.verifier, witness])) == 2
    return Checkpoint.read(note.text).size


def cosigned_at(signed: Signed, witness: Verifier, size: int) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while (found := cosigned(signed, witness)) < size:
        assert time.monotonic() < deadline, f"cosigned are {found}"
        time.sleep(0.05)


def test_a_running_ledger_is_cosigned_and_goes_on_without_its_witness(
    signed: Signed, witness: SigsumWitness
) -> None:
    signed.record("1", "2", "3")
    assert signed.run("begin")[0] == 0
    with command("serve", given=signed.given) as serving:
        serving.line("the witness debian does not cosign now: it does not answer")
        # Nobody waits for the witness: what is recorded is signed.
        signed.record("4")
        head = signed.head()  # the daily run may append, too
        signed.signed_at(head)
        code, printed = signed.run("show")
        assert code == 0
        found = re.search(r"enough witnesses: none yet of (\d+) events", printed)
        assert found is not None, printed
        assert int(found[1]) >= head
        with witness.running():
            cosigned_at(signed, witness.key, signed.head())
            signed.record("5", "6")
            cosigned_at(signed, witness.key, signed.head())
            last = signed.head()
        signed.record("7")
        signed.signed_at(signed.head())
        _, printed = signed.run("show")
        behind = re.search(r"witness debian: (\d+) events, cosigned \S+Z, (\d+) behind", printed)
        assert behind is not None, printed
        assert int(behind[1]) >= last
        assert int(behind[2]) >= 1
        with witness.running():
            cosigned_at(signed, witness.key, signed.head())
        assert "Traceback" not in serving.text
    _, printed = signed.run("show")
    assert re.search(rf"witness debian: {cosigned(signed, witness.key)} events", printed)


def test_a_witness_that_saw_another_history_is_told_of(
    signed: Signed, witness: SigsumWitness, tmp_path: Path
) -> None:
    # The witness has seen more events, of another ledger under the same key.
    twin = Shown(Place(tmp_path / "twin"), Policy.read(f"{witness.line}quorum debian\n".encode()))
    twin.place.path.mkdir()
    twin.grow(3)
    signed.record("1", "2")
    assert signed.run("begin")[0] == 0
    with witness.running():
        twin.caller().step()
        with command("serve", given=signed.given) as serving:
            serving.line(
                "the witness debian does not cosign: (it has seen 3 events|the log does not)"
            )
            signed.record("3", "4")
            signed.signed_at(signed.head())
            serving.line("the witness debian does not cosign: the log does not follow from what it")
    assert cosigned(signed, witness.key) == 0
