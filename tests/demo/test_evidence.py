"""What the demo prints to check its log with: each command, pasted, says that it is so."""

import io
import re
import subprocess
from pathlib import Path

from pypdf import PdfReader

from ledger.crypto.notes import SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.format.header import event_hash
from ledger.log.proof_records import read_proof
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from tests.demo.asking import pasted, screen
from tests.demo.at_the_desk import people
from tests.pages.test_printing import opened, texts
from tests.serving.processes import LEDGER, Command


def checks(demo: Command, beginning: str) -> list[str]:
    """The lines that the demo printed under the heading that begins so."""
    [at] = [n for n, line in enumerate(demo.lines) if line.startswith(f"# {beginning}")]
    lines = demo.lines[at + 1 :]
    return lines[: lines.index("")]


def shell(lines: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The lines run by a shell, which ends where one fails."""
    script = "\n".join(lines).replace("./dev ledger", str(LEDGER))
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", script], capture_output=True, text=True, check=False, cwd=folder
    )


def log_key(demo: Command) -> Verifier:
    return Verifier.read(demo.line(r"--key (ledger\.demo\.example\.jp/demo\+\S+)")[1])


def policy(demo: Command) -> Policy:
    return Policy.read(Path(demo.line(r"--policy (\S+)")[1]).read_bytes())


def cosigned(demo: Command, note: str) -> Checkpoint:
    """The checkpoint of a note that both the log and its witness signed."""
    read, known = SignedNote.read(note), policy(demo)
    read.verified([log_key(demo)])
    assert known.is_met(known.cosignatures(read))
    assert known.logs == (log_key(demo),)
    return Checkpoint.read(read.text)


def test_an_emitter_gets_a_receipt_that_the_witness_cosigned(demo: Command) -> None:
    receipt = LogReceipt.read(pasted(demo, 5).decode())
    signed = cosigned(demo, receipt.note)
    leaf = leaf_hash(event_hash(receipt.extra))
    assert verify_inclusion(leaf, receipt.index, signed.size, receipt.path, signed.root)


def test_an_export_is_checked_with_the_witness_s_policy(demo: Command, tmp_path: Path) -> None:
    lines = checks(demo, "Ask for an export")
    done = shell(lines, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "witnesses: 1 of the 1 you know signed" in done.stdout
    # Another witness's policy is not met.
    stranger = Verifier("other.example/w", bytes(range(32)), log_witness(demo).type)
    other = tmp_path / "other"
    other.write_text(f"witness other {stranger.text}\nquorum other\n")
    refused = shell([re.sub(r"--policy \S+", f"--policy {other}", lines[-1])], tmp_path)
    assert refused.returncode == 40, refused.stdout


def log_witness(demo: Command) -> Verifier:
    return policy(demo).witnesses["demo"].key


def test_the_proof_on_the_medium_of_a_reply_is_checked(demo: Command, tmp_path: Path) -> None:
    page = demo.line(r"^# Check proof\.json .*(/desk/cases/[0-9a-f-]{36}/post)")[1]
    with people(screen(demo).url) as (officer, _):
        [letter] = texts(PdfReader(io.BytesIO(officer.get(f"{page}/password.pdf").content)))
        password = next(
            line for line in letter.splitlines() if line.count("-") == 4 and len(line) == 24
        )
        files = opened(officer.get(f"{page}/medium.zip").content, password)
    (tmp_path / "proof.json").write_bytes(files["proof.json"])
    done = shell(checks(demo, "Check proof.json"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the reply told these records and no others" in done.stdout
    proven = read_proof(files["proof.json"], log_key(demo), "demo")
    [note] = re.findall(r'"(ledger\.demo\.example\.jp/demo\\n[^"]*)"', files["proof.json"].decode())
    signed = cosigned(demo, note.replace("\\n", "\n"))
    assert signed == proven.checkpoint
