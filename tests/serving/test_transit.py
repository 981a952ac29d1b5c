"""Epoch masters in a key management service: it wraps and unwraps, and nobody sees a master."""

import socket
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.server.container_opener import check_keys
from api.server.key_ring_check import rotate
from api.server.secrets import OtherMastersError
from api.settings.settings import Settings
from ledger.crypto.epoch import MasterMissingError
from ledger.crypto.kms.engine import TransitEngine
from ledger.crypto.kms.masters import TransitMasters
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError
from tests.database import Database
from tests.serving.houses import SETTINGS, follow, house_of, record
from tests.serving.transit_server import Transit, answering, http

FIRST, NEXT = date(2026, 11, 25), date(2026, 12, 2)


@pytest.fixture
def masters(transit: Transit, token: Path) -> TransitMasters:
    return TransitMasters(TransitEngine(transit.url, token, 5.0))


def of_nobody(master: bytes) -> None:
    raise AssertionError(len(master))


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
    masters.destroy("2026-W47")
    masters.destroy("2026-W47")
    assert set(transit.keys) == {"2026-W48"}


def test_a_destroyed_master_is_missing_at_once_and_not_made_anew(
    transit: Transit, masters: TransitMasters
) -> None:
    masters.create("2026-W48", of_nobody)
    text = masters.wrap("2026-W48", b"k" * 32, b"")
    transit.keys.clear()
    for use in (
        lambda: masters.unwrap("2026-W48", text, b""),
        lambda: masters.wrap("2026-W48", b"k" * 32, b""),
        lambda: masters.exported("2026-W48"),
    ):
        with pytest.raises(MasterMissingError, match="2026-W48"):
            use()
    assert transit.keys == {}


def test_a_master_that_was_rotated_inside_the_service_is_named(
    transit: Transit, masters: TransitMasters
) -> None:
    masters.create("2026-W48", of_nobody)
    transit.version = "v2"
    with pytest.raises(BrokenWorldError, match="rotated inside"):
        masters.wrap("2026-W48", bytes(32), b"")


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


@pytest.mark.parametrize("broken", BROKEN)
def test_a_service_that_answers_otherwise_is_unavailable(token: Path, broken: str) -> None:
    with (
        answering(BROKEN[broken]) as url,
        pytest.raises(MastersUnavailableError, match="key management service") as refused,
    ):
        TransitMasters(TransitEngine(url, token, 5.0)).names()
    assert token.read_text().strip() not in str(refused.value)


def test_a_service_that_is_silent_away_or_sealed_is_unavailable_and_comes_back(
    transit: Transit, masters: TransitMasters, token: Path
) -> None:
    masters.create("2026-W48", of_nobody)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/transit"
        with pytest.raises(MastersUnavailableError, match="does not answer"):
            TransitMasters(TransitEngine(url, token, 0.2)).names()
        silent.listen()
        with pytest.raises(MastersUnavailableError, match="does not answer"):
            TransitMasters(TransitEngine(url, token, 0.2)).names()
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
