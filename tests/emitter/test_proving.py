"""An emitter whose key is bound to a key pair (RFC 9449): each of its requests carries a proof."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc.jwk import ECKey, OKPKey

from api.auth import Scope, bound, make
from ledger.clock import day_in_japan, now
from ledger_emitter import AsyncEmitter, Destination, Emitter, Outbox
from ledger_emitter.errors import ProofKeyError
from ledger_emitter.proof import ProofKey
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import address, destination, key
from tests.emitter.test_sending import awaited
from tests.emitter.transfers import HASTY, SOURCE, item
from tests.rows import key_table

FLUSH_S = 60.0
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def pem_of(private: Private, password: bytes | None = None) -> bytes:
    hidden = NoEncryption() if password is None else BestAvailableEncryption(password)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)


@pytest.fixture(params=["P-256", "Ed25519"])
def pem(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file of a private key."""
    is_curve = request.param == "P-256"
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if is_curve
        else ed25519.Ed25519PrivateKey.generate()
    )
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of(private))
    return path


def bound_key(ledger: Ledger, jkt: str) -> str:
    scopes = frozenset[Scope]({"events:write", "coverage:write"})
    made, credential = make("bound", scopes, SOURCE, at=now(), days=1)
    key_table(ledger.urls.owner).add(bound(made, jkt))
    return credential


def test_what_is_put_is_recorded_and_a_day_closed_with_a_bound_key(
    ledger: Ledger, outbox: Outbox, path: Path, pem: Path, source: str
) -> None:
    source = f"{source}/{pem.stat().st_size}"
    day = day_in_japan(now()) - timedelta(days=1)
    code = f"bound-{pem.stat().st_size}"
    registered = httpx2.put(
        f"{address(ledger)}/v1/emitters/{code}",
        json={"source": source, "name": "広告配信基盤", "since": day.isoformat()},
        headers={"Authorization": f"Bearer {key(ledger, None, 'admin:config')}"},
    )
    assert registered.status_code == 200, registered.text
    proof_key = ProofKey.read(pem)
    credential = bound_key(ledger, proof_key.thumbprint)
    there = destination(ledger, credential=credential, proof_key=proof_key)
    on = day.isoformat()
    given = [item(str(n), source, transferred_on=on) for n in range(1_200)]
    with Emitter(outbox, there, HASTY) as emitter:
        emitter.put_many(given[:1_100])
        assert emitter.flush(FLUSH_S)

    async def go_on() -> str:
        async with AsyncEmitter(Outbox(path), there, HASTY) as emitter:
            await emitter.put_many(given[1_100:])
            assert await emitter.flush(FLUSH_S)
            return (await emitter.close_day(code, day)).state

    assert asyncio.run(go_on()) == "match"
    assert recorded(ledger, source) == dict.fromkeys((one.id for one in given), 1)


def test_without_its_private_key_a_bound_key_pauses_and_says_why(
    ledger: Ledger, outbox: Outbox, pem: Path, source: str
) -> None:
    credential = bound_key(ledger, ProofKey.read(pem).thumbprint)
    with Emitter(outbox, destination(ledger, credential=credential), HASTY) as emitter:
        emitter.put(item("1", source))
        status = awaited(outbox, lambda now: now.state == "paused")
        assert (status.code, status.http_status) == ("PROOF_REFUSED", 401)


def test_the_command_sends_with_the_key_in_a_file(
    ledger: Ledger, outbox: Outbox, path: Path, pem: Path, tmp_path: Path, source: str
) -> None:
    source = f"{source}/{pem.stat().st_size}"
    outbox.put(item("1", source))
    shown = [sys.executable, "-W", "error", "-m", "ledger_emitter.proof", pem]
    told = subprocess.run(shown, check=True, capture_output=True, text=True, timeout=120)
    kind = ECKey if pem.stat().st_size > 200 else OKPKey
    jkt = told.stdout.strip()
    assert jkt == kind.import_key(pem.read_text()).thumbprint()
    credential = tmp_path / "credential.txt"
    credential.write_text(bound_key(ledger, jkt))
    command: list[str | Path] = [
        *(Path(sys.executable).with_name("emitter"), "--outbox", path, "send"),
        *("--url", address(ledger), "--credential-file", credential, "--until-empty"),
        *("--proof-key-file", pem),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert recorded(ledger, source) == {"1": 1}


def test_a_file_that_holds_no_such_key_is_refused_by_what_it_is(tmp_path: Path) -> None:
    files = {
        "another kind of key": pem_of(rsa.generate_private_key(65537, 2_048)),
        "secp384r1": pem_of(ec.generate_private_key(ec.SECP384R1())),
        "no private key": b"no key",
        "or one with a password": pem_of(ed25519.Ed25519PrivateKey.generate(), b"password"),
    }
    for why, content in files.items():
        path = tmp_path / "key.pem"
        path.write_bytes(content)
        with pytest.raises(ProofKeyError, match=why):
            ProofKey.read(path)


def test_neither_a_destination_nor_a_key_shows_what_it_holds(pem: Path) -> None:
    proof_key = ProofKey.read(pem)
    there = Destination("https://ledger.example.jp", "plk_secret", proof_key=proof_key)
    assert repr(there) == (
        "Destination(url='https://ledger.example.jp', items_max=1000, body_bytes_max=5242880,"
        " timeout_s=30.0, plain_http=False)"
    )
