"""What witnesses cosigned, over HTTP: receipts carry it as soon as it is there."""

import dataclasses
from collections.abc import Iterator
from hashlib import sha256

import pytest

from api.container import Container
from api.server.secrets import secrets_of
from api.signed_log import signed_log
from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.merkle import verify_inclusion
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from projections.log.signed_log import SignedLog
from tests.database import Database
from tests.doors.corridor import SETTINGS, Corridor, open_doors
from tests.doors.samples import provision

ORIGIN = "ledger.example.jp/cosigned"
WITNESS = SeedSigner("w1.example", b"1" * 32)
KEY = Verifier(WITNESS.name, WITNESS.verifier.public, KeyType.COSIGNATURE)
POLICY = Policy.read(f"witness one {KEY.text}\nquorum one\n".encode())


@pytest.fixture
def signed(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corridor]:
    folder = tmp_path_factory.mktemp("log")
    settings = dataclasses.replace(
        SETTINGS,
        log_origin=ORIGIN,
        log_key=sha256(b"log of the doors").digest(),
        log_dir=folder / "tiles",
        log_anchor=folder / "anchor",
        log_witness_policy=POLICY,
    )
    with open_doors(database.urls, settings) as opened:
        yield opened


def log_of(signed: Corridor) -> SignedLog:
    found = signed_log(signed.app.state.services.settings)
    assert found is not None
    return found


def sign(signed: Corridor) -> None:
    """What the integrator does every few seconds."""
    services, log = signed.app.state.services, log_of(signed)
    house = Container(signed.urls, services.settings.name, secrets_of(services.settings))
    try:
        integrator = log.integrator(house.reads, house.reader)
        integrator.begin() if log.anchor.read() is None else integrator.step()
    finally:
        house.close()


def cosign(signed: Corridor) -> None:
    """What a witness does, and what is kept of it."""
    log = log_of(signed)
    note = SignedNote.read(log.published()[0])
    seconds = 1_700_000_000
    made = WITNESS.sign(f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
    cosignature = Signature(KEY.name, KEY.id, seconds.to_bytes(8, "big") + made)
    assert log.cosigned is not None
    assert log.cosigned.add(note.text, note.signatures[0], POLICY.witnesses["one"], cosignature)


def receipt_of(
    signed: Corridor, recorded: dict[str, object]
) -> tuple[SignedNote, Checkpoint, LogReceipt]:
    got = signed.ask("GET", f"/v1/transfers/{recorded['transfer']}/receipt", key=signed.emitter)
    assert got.status == 200, got.text
    receipt = LogReceipt.read(got.text)
    note = SignedNote.read(receipt.note)
    told = Checkpoint.read(note.text)
    leaf = sha256(b"\0" + sha256(b"ppl/event/1\0" + receipt.extra).digest()).digest()
    assert verify_inclusion(leaf, receipt.index, told.size, receipt.path, told.root)
    return note, told, receipt


def test_a_receipt_carries_cosignatures_when_there_are_any(signed: Corridor) -> None:
    log, both = log_of(signed), [log_of(signed).verifier, KEY]
    first = signed.record(provision())
    sign(signed)
    note, told, _ = receipt_of(signed, first)
    assert [key for key, _ in note.verified(both)] == [log.verifier]
    cosign(signed)
    note, cosigned, _ = receipt_of(signed, first)
    assert [key for key, _ in note.verified(both)] == both
    assert cosigned == told
    # What is signed and not cosigned yet is proven without a witness, what was cosigned with it.
    second = signed.record(provision())
    sign(signed)
    note, told, _ = receipt_of(signed, second)
    assert [key for key, _ in note.verified(both)] == [log.verifier]
    assert told.size > cosigned.size
    note, told, _ = receipt_of(signed, first)
    assert [key for key, _ in note.verified(both)] == both
    assert told == cosigned


def test_auditors_read_the_newest_cosigned_checkpoint(signed: Corridor) -> None:
    key = signed.key("audit:read")
    assert signed.ask("GET", "/log/cosigned", key=signed.emitter).code == "SCOPE_MISSING"
    assert signed.ask("GET", "/log/cosigned", key=None).status == 401
    signed.record(provision())
    sign(signed)
    answer = signed.ask("GET", "/log/cosigned", key=key)
    assert (answer.status, answer.code) == (503, "CHECKPOINT_PENDING")
    cosign(signed)
    answer = signed.ask("GET", "/log/cosigned", key=key)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, max-age=1"
    note = SignedNote.read(answer.text)
    assert len(note.verified([log_of(signed).verifier, KEY])) == 2
    # What nobody cosigned as the policy says now is not handed out as if they had.
    other = SeedSigner("w2.example", b"2" * 32).verifier.public
    line = Verifier("w2.example", other, KeyType.COSIGNATURE).text
    stricter = Policy.read(
        f"witness one {KEY.text}\nwitness two {line}\ngroup g all one two\nquorum g\n".encode()
    )
    log = dataclasses.replace(log_of(signed), policy=stricter)
    assert log.cosigned is not None
    assert log.cosigned.newest() is None


def test_where_no_witness_is_asked_there_is_nothing_cosigned(database: Database) -> None:
    with open_doors(database.urls, followed=False) as corridor:
        answer = corridor.ask("GET", "/log/cosigned", key=corridor.key("audit:read"))
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
