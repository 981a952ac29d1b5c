"""`ledger log` and the integrator's process: signed, cosigned, stamped, whatever others do."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.crypto.notes import SignedNote
from ledger.merkle.checkpoint import Checkpoint
from tests.database import Database
from tests.log.authority import TestedAuthority
from tests.log.witnesses import SEED, SIGNER, SigsumWitness
from tests.serving.processes import SECONDS_MAX, command, environment, gone, run
from tests.serving.signed_ledger import ORIGIN, Signed, signed_ledger
from tests.serving.transit_server import Transit


@pytest.fixture
def signed(database: Database, tmp_path: Path) -> Signed:
    return signed_ledger(database, tmp_path)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }


def _changed(signed: Signed, *statements: LiteralString) -> None:
    """As a superuser does, with the guards switched off."""
    with psycopg.connect(signed.database.admin) as connection:
        for table in ("events", "head"):
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        for one in statements:
            connection.execute(one)


def _shown(signed: Signed, pattern: str) -> re.Match[str]:
    code, printed = signed.run("show")
    found = re.search(pattern, printed)
    assert code == 0
    assert found is not None, printed
    return found


def _until(reached: Callable[[], int], size: int) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while (found := reached()) < size:
        assert time.monotonic() < deadline, f"reached is {found}"
        time.sleep(0.05)


def _with_others(
    signed: Signed,
    transit: Transit,
    token: Path,
    witness: SigsumWitness,
    authority: TestedAuthority,
) -> Signed:
    """Its key lies in a service; a witness and an authority are asked, and do not answer yet."""
    transit.signing["ledger-log"] = [Ed25519PrivateKey.from_private_bytes(SEED)]
    with authority.running():
        pass  # its port is known now, and nobody answers there
    policy = signed.folder / "policy"
    policy.write_text(f"log {SIGNER.verifier.text}\n{witness.line}quorum debian\n")
    del signed.given["LEDGER_LOG_KEY_FILE"]
    signed.given.update(
        LEDGER_LOG_ORIGIN=SIGNER.name,
        LEDGER_LOG_KMS_URL=transit.url,
        LEDGER_LOG_KMS_KEY="ledger-log",
        LEDGER_LOG_KMS_TOKEN_FILE=str(token),
        LEDGER_LOG_PUBLIC_KEY=SIGNER.verifier.text,
        LEDGER_LOG_WITNESS_POLICY=str(policy),
        LEDGER_LOG_WITNESS_S="0.1",
        LEDGER_LOG_TSA_URL=authority.url,
        LEDGER_LOG_TSA_CA=str(authority.ca),
        LEDGER_LOG_TSA_S="0.5",
    )
    return replace(signed, key=SIGNER.verifier.text)


def test_a_running_ledger_is_signed_cosigned_and_stamped_and_goes_on_without_anybody(
    signed: Signed, tmp_path: Path, transit: Transit, token: Path
) -> None:
    witness = SigsumWitness(tmp_path / "witness", SIGNER.verifier)
    authority = TestedAuthority(tmp_path / "tsa")
    signed = _with_others(signed, transit, token, witness, authority)

    def cosigned() -> int:
        file = signed.tiles / "cosigned"
        if not file.exists():
            return 0
        note = SignedNote.read(file.read_text("utf-8"))
        assert len(note.verified([SIGNER.verifier, witness.key])) == 2
        return Checkpoint.read(note.text).size

    def stamped() -> int:
        file = signed.tiles / "stamped"
        return int(file.read_text("utf-8").split("\n")[1]) if file.exists() else 0

    signed.record("1", "2", "3")
    assert signed.run("begin")[0] == 0
    with command("serve", given=signed.given) as serving:
        # Nobody waits for the witness or the authority: what is recorded is signed.
        serving.line("the witness debian does not cosign now: it does not answer")
        serving.line("no time stamp now: it does not answer in time, or nobody listens there")
        signed.record("4")
        head = signed.head()  # the daily run may append, too
        signed.signed_at(head)
        for pattern in ("enough witnesses: none yet of", "time stamps: none yet of"):
            assert int(_shown(signed, rf"{pattern} (\d+) events")[1]) >= head
        with witness.running(), authority.running():
            _until(cosigned, signed.head())
            _until(stamped, signed.head())
        code, printed = signed.run("checkpoint")
        assert (code, "integrator is at work" in printed) == (1, True)
        # It waits for the service that keeps its key, too.
        transit.sealed = True
        before = signed.published()
        signed.record("5")
        serving.line("the log is not signed now: the key management service answers with .* 503")
        assert signed.published() == before
        transit.sealed = False
        signed.signed_at(signed.head())
        assert int(_shown(signed, r"cosigned \S+Z, (\d+) behind")[1]) >= 1
        # Appends and answers go on without it.
        worker = serving.pid_of("integrator")
        os.kill(worker, signal.SIGKILL)
        assert gone(worker)
        serving.line("the integrator was killed by signal 9; it is started again")
        signed.record("6")
        assert "Traceback" not in serving.text
    _shown(signed, rf"witness debian: {cosigned()} events")
    _shown(signed, r"time stamps: \d+ events, stamped 20\S+Z")
    [reply] = sorted((signed.tiles / "timestamps").rglob("*.tsr"))[-1:]
    assert authority.accepts(reply.with_suffix(".checkpoint").read_bytes(), reply.read_bytes())


def test_the_next_one_signs_where_the_last_one_ended_and_a_lost_folder_is_made_again(
    signed: Signed,
) -> None:
    signed.record("1", "2")
    assert signed.run("checkpoint")[0] == 1
    for one, ids in (("begin", (f"m{n}" for n in range(300))), ("checkpoint", ("last",))):
        signed.record(*ids)
        code, printed = signed.run(one)
        assert (code, f"signed at {signed.head()}" in printed) == (0, True)
    code, printed = signed.run("check")
    assert (code, f"{signed.head()} events are those of the signed tree" in printed) == (0, True)
    assert signed.run("show")[1].splitlines()[:2] == [signed.key, ORIGIN]
    before = _files(signed.tiles)
    shutil.rmtree(signed.tiles)
    code, printed = signed.run("checkpoint")
    assert (code, "ledger log rebuild makes it" in printed) == (1, True)
    code, printed = signed.run("rebuild")
    assert (code, f"the tiles of {signed.head()} events are written" in printed) == (0, True)
    rebuilt = _files(signed.tiles)
    assert {name: before[name] for name in rebuilt} == rebuilt
    assert (signed.tiles / "checkpoint").exists()
    signed.record("another")
    assert signed.run("checkpoint")[0] == 0


def test_what_a_superuser_changed_is_named_neither_signed_nor_rebuilt(signed: Signed) -> None:
    signed.record(*map(str, range(8)))
    assert signed.run("begin")[0] == 0
    before = _files(signed.tiles)
    _changed(
        signed,
        "UPDATE ledger.events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
        " 'consent_27_1', 'opt_out_27_2'), 'UTF8') WHERE notification_id = 5",
    )
    code, printed = signed.run("check")
    assert (code, "the event at position 5 is not the one in the tree" in printed) == (1, True)
    code, printed = signed.run("rebuild")
    assert (code, "nothing is written" in printed) == (1, True)
    # As after a restore to an older state.
    shorter = "DELETE FROM ledger.events WHERE notification_id = 8"
    _changed(signed, shorter, "UPDATE ledger.head SET position = 7")
    code, printed = signed.run("checkpoint")
    assert (code, "has 7 events and the last signed checkpoint 8" in printed) == (1, True)
    assert _files(signed.tiles) == before


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert run("log", "key", ORIGIN, str(file), given=environment())[0] == 0
    before = file.read_bytes()
    code, printed = run("log", "key", ORIGIN, str(file), given=environment())
    assert (code, "a file is there already" in printed) == (1, True)
    assert file.read_bytes() == before
    assert run("log", "key", "a b", str(tmp_path / "other"), given=environment())[0] == 1


def test_without_a_key_there_is_no_log(signed: Signed) -> None:
    given = {n: v for n, v in signed.given.items() if not n.startswith("LEDGER_LOG_")}
    for one in ("show", "begin", "checkpoint", "check", "rebuild"):
        code, printed = run("log", one, given=given)
        assert (code, "this ledger's log is not signed" in printed) == (1, True)
    code, printed = run("log", "show", given=given | {"LEDGER_LOG_ORIGIN": ORIGIN})
    assert code == 1
    assert "LEDGER_LOG_KEY: the log has a name and a key, or neither" in printed
