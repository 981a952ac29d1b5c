"""The key that signs the log lies in a key management service, which gives it to nobody."""

import dataclasses
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.settings.settings import Settings, SettingsError
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.signer import NAMED, TransitSigner, public_key
from ledger.crypto.notes import SignedNote, Verifier, signed_note
from ledger.errors import MastersUnavailableError
from tests.database import Database
from tests.serving.processes import environment, run
from tests.serving.signed_ledger import ORIGIN, Signed, signed_ledger
from tests.serving.transit_server import Transit, answering, http

KEY = "ledger-log"
TEXT = f"{ORIGIN}\n1\nAAAA\n"


@pytest.fixture
def engine(transit: Transit, token: Path) -> TransitEngine:
    return TransitEngine(transit.url, token, 5.0, NAMED)


@pytest.fixture
def signer(engine: TransitEngine) -> TransitSigner:
    return TransitSigner(engine, KEY, Verifier(ORIGIN, public_key(engine, KEY)))


def kept(transit: Transit, token: Path) -> dict[str, str]:
    """What `ledger log kms-key` is given."""
    return {"LEDGER_LOG_KMS_URL": transit.url, "LEDGER_LOG_KMS_TOKEN_FILE": str(token)}


def printed_settings(printed: str) -> dict[str, str]:
    lines = [line for line in printed.splitlines() if line.startswith("LEDGER_LOG_")]
    return dict(line.split("=", 1) for line in lines)


def test_what_the_service_signs_is_verified_by_the_key_that_was_given_away(
    transit: Transit, signer: TransitSigner, engine: TransitEngine
) -> None:
    note = signed_note(TEXT, [signer])
    assert SignedNote.read(note.whole).verified([signer.verifier])
    # Asked for again it is the same key: nothing is made anew.
    assert public_key(engine, KEY) == signer.verifier.public
    assert [one for one in transit.asked if one.startswith("POST /v1/transit/keys")] == [
        f"POST /v1/transit/keys/{KEY}"
    ]


def test_a_key_that_an_administrator_made_and_rotated_signs_with_its_newest_version(
    transit: Transit, engine: TransitEngine
) -> None:
    transit.signing[KEY] = [Ed25519PrivateKey.generate() for _ in range(10)]
    public = public_key(engine, KEY)
    assert public == transit.signing[KEY][-1].public_key().public_bytes_raw()
    signer = TransitSigner(engine, KEY, Verifier(ORIGIN, public))
    assert SignedNote.read(signed_note(TEXT, [signer]).whole).verified([signer.verifier])


def test_nothing_is_signed_with_another_key_than_was_given_away(
    transit: Transit, signer: TransitSigner
) -> None:
    transit.rotate(KEY)
    with pytest.raises(MastersUnavailableError, match="rotated inside the service"):
        signer.sign(TEXT.encode())
    del transit.signing[KEY]
    with pytest.raises(MastersUnavailableError, match="no key of that name"):
        signer.sign(TEXT.encode())
    transit.token = "another-token"
    with pytest.raises(MastersUnavailableError, match="LEDGER_LOG_KMS_TOKEN_FILE"):
        signer.sign(TEXT.encode())


def test_a_key_that_seals_signs_nothing(transit: Transit, engine: TransitEngine) -> None:
    transit.keys[KEY] = bytes(32)
    with pytest.raises(MastersUnavailableError, match="signs with Ed25519"):
        public_key(engine, KEY)


BROKEN = {
    "no keys": '{"data":{"type":"ed25519"}}',
    "keys that are none": '{"data":{"type":"ed25519","keys":[1]}}',
    "a version that is none": '{"data":{"type":"ed25519","keys":{"1":1764000000}}}',
    "no public key": '{"data":{"type":"ed25519","keys":{"1":{}}}}',
    "a short one": '{"data":{"type":"ed25519","keys":{"1":{"public_key":"AAAA"}}}}',
    "no base64": '{"data":{"type":"ed25519","keys":{"1":{"public_key":"?"}}}}',
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_service_that_answers_otherwise_has_no_key(token: Path, broken: str) -> None:
    with (
        answering(http("200 OK", BROKEN[broken])) as url,
        pytest.raises(MastersUnavailableError, match="another way than Vault"),
    ):
        public_key(TransitEngine(url, token, 5.0), KEY)


@pytest.mark.parametrize("answer", ['{"data":{}}', '{"data":{"signature":"vault:v1:AAAA"}}'])
def test_a_signature_that_is_none_is_not_used(
    token: Path, signer: TransitSigner, answer: str
) -> None:
    with answering(http("200 OK", answer)) as url, pytest.raises(MastersUnavailableError):
        TransitSigner(TransitEngine(url, token, 5.0), KEY, signer.verifier).sign(TEXT.encode())


def test_the_log_is_signed_by_the_service_and_waits_for_it(
    database: Database, tmp_path: Path, transit: Transit, token: Path
) -> None:
    asked = ("log", "kms-key", ORIGIN, KEY)
    code, printed = run(*asked, given=environment(**kept(transit, token)))
    assert code == 0
    told = printed_settings(printed)
    assert run(*asked, given=environment(**kept(transit, token))) == (0, printed)
    filed = signed_ledger(database, tmp_path)
    given = {n: v for n, v in filed.given.items() if n != "LEDGER_LOG_KEY_FILE"} | told
    signed: Signed = dataclasses.replace(filed, given=given, key=told["LEDGER_LOG_PUBLIC_KEY"])
    signed.record("1")
    assert signed.run("begin")[0] == 0
    transit.sealed = True
    signed.record("4")
    code, printed = signed.run("checkpoint")
    assert (code, "the key management service answers with status 503" in printed) == (1, True)
    transit.sealed = False
    assert signed.run("checkpoint")[0] == 0
    bag = tmp_path / "bag"
    assert run("export", "--to", str(bag), given=given)[0] == 0
    code, printed = run("verify", str(bag), "--key", signed.key, given=environment())
    assert code == 0, printed


def test_a_service_that_signs_needs_all_its_settings(token: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    whole = {
        "LEDGER_LOG_ORIGIN": ORIGIN,
        "LEDGER_LOG_KMS_URL": "https://kms.example.jp/v1/log",
        "LEDGER_LOG_KMS_KEY": KEY,
        "LEDGER_LOG_KMS_TOKEN_FILE": str(token),
        "LEDGER_LOG_PUBLIC_KEY": Verifier(ORIGIN, key).text,
    }
    read = Settings.from_environment(whole)
    assert read.log_verifier == Verifier(ORIGIN, key)
    other = Verifier("other.example.jp/log", key).text
    wrong = {
        **{name: {**whole, name: ""} for name in whole},
        "LEDGER_LOG_KEY": {**whole, "LEDGER_LOG_KEY": key.hex()},
        **{
            f"LEDGER_LOG_KMS_URL as the masters' {masters}": {**whole, "LEDGER_KMS_URL": masters}
            for masters in ("https://kms.example.jp/v1/log", "https://KMS.example.jp/v1/log/")
        },
        "LEDGER_LOG_KMS_KEY of a path": {**whole, "LEDGER_LOG_KMS_KEY": "../other"},
        "LEDGER_LOG_PUBLIC_KEY of another log": {**whole, "LEDGER_LOG_PUBLIC_KEY": other},
        "LEDGER_LOG_PUBLIC_KEY of nothing": {**whole, "LEDGER_LOG_PUBLIC_KEY": "hello"},
    }
    for name, given in wrong.items():
        with pytest.raises(SettingsError) as refused:
            Settings.from_environment(given)
        assert f"{name.split()[0]}: " in str(refused.value), name


def test_a_key_is_made_only_where_a_service_is_named(transit: Transit, token: Path) -> None:
    asked = ("log", "kms-key", ORIGIN, KEY)
    code, printed = run(*asked, given=environment())
    assert code == 1
    assert "LEDGER_LOG_KMS_URL: set it" in printed
    assert "LEDGER_LOG_KMS_TOKEN_FILE: set it" in printed
    masters = environment(**kept(transit, token), LEDGER_KMS_URL=transit.url)
    code, printed = run(*asked, given=masters)
    assert (code, "another engine than that of the epoch masters" in printed) == (1, True)
    assert run("log", "kms-key", "a b", KEY, given=environment(**kept(transit, token)))[0] == 1
    assert transit.signing == {}
