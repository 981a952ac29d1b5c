"""Keys in a key management service: it wraps, unwraps and signs, and gives none to anybody."""

import dataclasses
import socket
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.server.container_opener import check_keys
from api.server.key_ring_check import rotate
from api.server.secrets import OtherMastersError
from api.settings.settings import Settings, SettingsError
from ledger.crypto.epoch import MasterMissingError
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.masters import TransitMasters
from ledger.crypto.kms.signer import NAMED, TransitSigner, public_key
from ledger.crypto.notes import SignedNote, Verifier, signed_note
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError
from tests.database import Database
from tests.matrix import every
from tests.serving.houses import SETTINGS, follow, house_of, record
from tests.serving.processes import environment, run
from tests.serving.signed_ledger import ORIGIN, Signed, signed_ledger
from tests.serving.transit_server import Transit, answering, http

FIRST, NEXT = date(2026, 11, 25), date(2026, 12, 2)
KEY: Final = "ledger-log"
TEXT: Final = f"{ORIGIN}\n1\nAAAA\n"


@pytest.fixture
def masters(transit: Transit, token: Path) -> TransitMasters:
    return TransitMasters(TransitEngine(transit.url, token, 5.0))


@pytest.fixture
def engine(transit: Transit, token: Path) -> TransitEngine:
    return TransitEngine(transit.url, token, 5.0, NAMED)


@pytest.fixture
def signer(engine: TransitEngine) -> TransitSigner:
    return TransitSigner(engine, KEY, Verifier(ORIGIN, public_key(engine, KEY)))


def of_nobody(master: bytes) -> None:
    raise AssertionError(len(master))


# -- epoch masters --------------------------------------------------------------------------------


def test_a_master_is_made_used_and_destroyed_and_never_leaves(
    transit: Transit, masters: TransitMasters
) -> None:
    assert masters.names() == []
    with pytest.raises(BrokenWorldError, match="no epoch master"):
        masters.current()
    for name in ("2026-W48", "2026-W47", "2026-W48"):
        masters.create(name, of_nobody)
    assert (masters.current(), masters.names()) == ("2026-W48", ["2026-W47", "2026-W48"])
    assert masters.exported("2026-W48") is None
    text = masters.wrap("2026-W48", b"k" * 32, b"aad")
    # As the format stores it: whoever has the master opens it without the service.
    assert AESGCM(transit.keys["2026-W48"]).decrypt(text[:12], text[12:], b"aad") == b"k" * 32
    assert masters.unwrap("2026-W48", text, b"aad") == b"k" * 32
    for name, wrapped, aad in (
        ("2026-W47", text, b"aad"),
        ("2026-W48", text, b"other"),
        ("2026-W48", text[:-1], b"aad"),
    ):
        with pytest.raises(CorruptRecordError):
            masters.unwrap(name, wrapped, aad)
    for _ in range(2):
        masters.destroy("2026-W47")
    assert set(transit.keys) == {"2026-W48"}
    transit.version = "v2"
    with pytest.raises(BrokenWorldError, match="rotated inside"):
        masters.wrap("2026-W48", bytes(32), b"")
    # One that is destroyed over there is missing at once, and not made anew.
    transit.keys.clear()
    for use in (
        lambda: masters.unwrap("2026-W48", text, b""),
        lambda: masters.wrap("2026-W48", b"k" * 32, b""),
        lambda: masters.exported("2026-W48"),
    ):
        with pytest.raises(MasterMissingError, match="2026-W48"):
            use()
    assert transit.keys == {}


BROKEN = {
    "hangs up": b"",
    "speaks no HTTP": b"220 mail.example.jp ready\r\n",
    "an error": http("500 Internal", "{}"),
    "sealed": http("503 Sealed", "{}"),
    "a standby": http("307 Elsewhere", ""),
    "a status of its own": http("473 Standby", ""),
    "no JSON": http("200 OK", "<html>"),
    "a list": http("200 OK", "[]"),
    "no list of keys": http("200 OK", '{"data":{"keys":7}}'),
    "no data": http("200 OK", '{"data":[]}'),
}
NO_KEY = {
    "no keys": '{"data":{"type":"ed25519"}}',
    "keys that are none": '{"data":{"type":"ed25519","keys":[1]}}',
    "a version that is none": '{"data":{"type":"ed25519","keys":{"1":1764000000}}}',
    "no public key": '{"data":{"type":"ed25519","keys":{"1":{}}}}',
    "a short one": '{"data":{"type":"ed25519","keys":{"1":{"public_key":"AAAA"}}}}',
    "no base64": '{"data":{"type":"ed25519","keys":{"1":{"public_key":"?"}}}}',
}


@every("broken", [*BROKEN, *NO_KEY])
def test_a_service_that_answers_otherwise_is_unavailable_and_has_no_key(
    token: Path, broken: str
) -> None:
    answer = BROKEN[broken] if broken in BROKEN else http("200 OK", NO_KEY[broken])
    with answering(answer) as url:
        engine = TransitEngine(url, token, 5.0)
        asked = (
            partial(public_key, engine, KEY) if broken in NO_KEY else TransitMasters(engine).names
        )
        with pytest.raises(MastersUnavailableError, match="key management service") as refused:
            asked()
    assert token.read_text().strip() not in str(refused.value)


def test_a_service_that_is_silent_away_or_sealed_is_unavailable_and_comes_back(
    transit: Transit, masters: TransitMasters, token: Path
) -> None:
    masters.create("2026-W48", of_nobody)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/transit"
        for _ in range(2):
            with pytest.raises(MastersUnavailableError, match="does not answer"):
                TransitMasters(TransitEngine(url, token, 0.2)).names()
            silent.listen()
    transit.sealed = True
    with pytest.raises(MastersUnavailableError, match="503"):
        masters.wrap("2026-W48", bytes(32), b"")
    transit.sealed = False
    masters.wrap("2026-W48", bytes(32), b"")


def test_a_token_is_read_at_each_request_and_told_to_nobody(
    transit: Transit, masters: TransitMasters, token: Path
) -> None:
    assert masters.names() == []
    transit.token = "another-token"
    with pytest.raises(MastersUnavailableError, match="LEDGER_KMS_TOKEN_FILE") as refused:
        masters.names()
    assert token.read_text().strip() not in str(refused.value)
    token.write_text("another-token")
    assert masters.names() == []
    for unreadable in (lambda: token.write_bytes(b"\xff"), token.unlink):
        unreadable()
        with pytest.raises(MastersUnavailableError, match="cannot be read"):
            masters.names()
    assert "another-token" not in repr(masters)


def test_a_ledger_lives_on_the_service_alone(
    transit: Transit, token: Path, database: Database
) -> None:
    settings: Settings = replace(
        SETTINGS, epoch_masters={}, kms_url=transit.url, kms_token_file=token
    )
    assert rotate(settings, database.urls, FIRST).current == "2026-W48"
    with house_of(database.urls, settings) as house:
        record(house, "1", "2")
        follow(house)
    assert rotate(settings, database.urls, NEXT).rewrapped == 1
    horizon = timedelta(days=settings.backup_horizon_days)
    assert rotate(settings, database.urls, NEXT + horizon).destroyed == ()
    assert set(transit.keys) == {"2026-W48", "2026-W49", "2027-W01"}
    done = rotate(settings, database.urls, NEXT + horizon + timedelta(days=1))
    assert (done.destroyed, set(transit.keys)) == (("2026-W48",), {"2026-W49", "2027-W01"})
    with house_of(database.urls, settings) as house:
        check_keys(house)
        [first, _] = house.streams.opened(house.reads.facts_after(0, 10))
        assert first.content is not None
        record(house, "3")
    with house_of(database.urls, settings) as house:
        transit.sealed = True
        with pytest.raises(MastersUnavailableError):
            record(house, "4")
        with pytest.raises(MastersUnavailableError):
            house.streams.opened(house.reads.facts_after(0, 10))
        transit.sealed = False
        record(house, "4")
        transit.keys.clear()
        with pytest.raises(OtherMastersError, match="2027-W01"):
            check_keys(house)


# -- the key of the log ---------------------------------------------------------------------------


def test_the_log_is_signed_with_the_key_that_was_given_away_and_with_no_other(
    transit: Transit, signer: TransitSigner, engine: TransitEngine, token: Path
) -> None:
    note = signed_note(TEXT, [signer])
    assert SignedNote.read(note.full_text).verified([signer.verifier])
    # Asked for again it is the same key: nothing is made anew.
    assert public_key(engine, KEY) == signer.verifier.public
    made = f"POST /v1/transit/keys/{KEY}"
    assert [one for one in transit.asked if one.startswith("POST /v1/transit/keys")] == [made]
    for none in ('{"data":{}}', '{"data":{"signature":"vault:v1:AAAA"}}'):
        with answering(http("200 OK", none)) as url, pytest.raises(MastersUnavailableError):
            TransitSigner(TransitEngine(url, token, 5.0), KEY, signer.verifier).sign(b"")
    transit.rotate(KEY)
    with pytest.raises(MastersUnavailableError, match="rotated inside the service"):
        signer.sign(TEXT.encode())
    # A key that an administrator made and rotated signs with its newest version.
    transit.signing[KEY] = [Ed25519PrivateKey.generate() for _ in range(10)]
    public = public_key(engine, KEY)
    assert public == transit.signing[KEY][-1].public_key().public_bytes_raw()
    newest = TransitSigner(engine, KEY, Verifier(ORIGIN, public))
    assert SignedNote.read(signed_note(TEXT, [newest]).full_text).verified([newest.verifier])
    del transit.signing[KEY]
    with pytest.raises(MastersUnavailableError, match="no key of that name"):
        signer.sign(TEXT.encode())
    transit.keys[KEY] = bytes(32)
    with pytest.raises(MastersUnavailableError, match="signs with Ed25519"):
        public_key(engine, KEY)
    transit.token = "another-token"
    with pytest.raises(MastersUnavailableError, match="LEDGER_LOG_KMS_TOKEN_FILE"):
        signer.sign(TEXT.encode())


def test_the_commands_of_the_log_make_and_use_a_key_in_the_service(
    database: Database, tmp_path: Path, transit: Transit, token: Path
) -> None:
    asked = ("log", "kms-key", ORIGIN, KEY)
    service = {"LEDGER_LOG_KMS_URL": transit.url, "LEDGER_LOG_KMS_TOKEN_FILE": str(token)}
    code, printed = run(*asked, given=environment())
    assert code == 1
    for name in service:
        assert f"{name}: set it" in printed
    code, printed = run(*asked, given=environment(**service, LEDGER_KMS_URL=transit.url))
    assert (code, "another engine than that of the epoch masters" in printed) == (1, True)
    assert run("log", "kms-key", "a b", KEY, given=environment(**service))[0] == 1
    assert transit.signing == {}
    code, printed = run(*asked, given=environment(**service))
    assert code == 0
    assert run(*asked, given=environment(**service)) == (0, printed)
    lines = [line for line in printed.splitlines() if line.startswith("LEDGER_LOG_")]
    told = dict(line.split("=", 1) for line in lines)
    filed = signed_ledger(database, tmp_path)
    given = {n: v for n, v in filed.given.items() if n != "LEDGER_LOG_KEY_FILE"} | told
    signed: Signed = dataclasses.replace(filed, given=given, key=told["LEDGER_LOG_PUBLIC_KEY"])
    signed.record("1")
    assert signed.run("begin")[0] == 0
    transit.sealed = True
    signed.record("2")
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
    assert Settings.from_environment(whole).log_verifier == Verifier(ORIGIN, key)
    wrong = [
        *((name, {name: ""}) for name in whole),
        ("LEDGER_LOG_KEY", {"LEDGER_LOG_KEY": key.hex()}),
        # The engine of the masters, also in another spelling; a path; another log's key; no key.
        ("LEDGER_LOG_KMS_URL", {"LEDGER_KMS_URL": "https://kms.example.jp/v1/log"}),
        ("LEDGER_LOG_KMS_URL", {"LEDGER_KMS_URL": "https://KMS.example.jp/v1/log/"}),
        ("LEDGER_LOG_KMS_KEY", {"LEDGER_LOG_KMS_KEY": "../other"}),
        (
            "LEDGER_LOG_PUBLIC_KEY",
            {"LEDGER_LOG_PUBLIC_KEY": Verifier("other.example.jp/log", key).text},
        ),
        ("LEDGER_LOG_PUBLIC_KEY", {"LEDGER_LOG_PUBLIC_KEY": "hello"}),
    ]
    for name, changed in wrong:
        with pytest.raises(SettingsError) as refused:
            Settings.from_environment({**whole, **changed})
        assert f"{name}: " in str(refused.value), changed
