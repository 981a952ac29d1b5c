"""What `ledger keys check|rotate|escrow` refuses, in a sentence."""

from pathlib import Path

import pytest

from ledger.crypto.epoch import demo_masters, demo_secret
from tests.database import Database
from tests.serving.sealed_place import Place

SET_BOTH = "set LEDGER_ESCROW_RECIPIENT and LEDGER_ESCROW_DIR"
DIR = "LEDGER_EPOCH_MASTER_DIR"


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Place:
    return Place(tmp_path, database)


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "rotate without escrow": (
        ("rotate",),
        {"LEDGER_ESCROW_RECIPIENT": "", "LEDGER_ESCROW_DIR": ""},
        f"ledger: a new epoch master needs a copy in escrow before it wraps anything: {SET_BOTH}",
    ),
    "rotate with half of it": (
        ("rotate",),
        {"LEDGER_ESCROW_RECIPIENT": ""},
        "ledger: LEDGER_ESCROW_RECIPIENT: copies in escrow need a recipient",
    ),
    "escrow with the other half": (
        ("escrow",),
        {"LEDGER_ESCROW_DIR": ""},
        "ledger: LEDGER_ESCROW_DIR: the recipient's copies need a folder",
    ),
    "escrow without any": (
        ("escrow",),
        {"LEDGER_ESCROW_RECIPIENT": "", "LEDGER_ESCROW_DIR": ""},
        f"ledger: there is no escrow: {SET_BOTH}",
    ),
    "a recipient that is none": (
        ("escrow",),
        {"LEDGER_ESCROW_RECIPIENT": "age1nobody"},
        "ledger: LEDGER_ESCROW_RECIPIENT: expected the public key of an age identity, age1…",
    ),
    "an identity that is not there": (
        ("check", "--identity", "none"),
        {},
        "ledger: the file of the identity is not there",
    ),
    "two places of masters": (
        ("check",),
        {"LEDGER_EPOCH_MASTER": f"2026-W48:{'00' * 32}"},
        "ledger: LEDGER_EPOCH_MASTER: set only one of LEDGER_EPOCH_MASTER, LEDGER_EPOCH_MASTER_DIR",
    ),
    "a service without a token": (
        ("check",),
        {DIR: "", "LEDGER_KMS_URL": "https://kms.example.jp/v1/transit"},
        "ledger: LEDGER_KMS_TOKEN_FILE: the key management service needs a token",
    ),
    "a service in clear": (
        ("check",),
        {DIR: "", "LEDGER_KMS_URL": "http://kms.example.jp/v1/transit"},
        "ledger: LEDGER_KMS_URL: expected https://…, or http on this machine itself",
    ),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(place: Place, refused: str) -> None:
    words, given, sentence = REFUSED[refused]
    code, lines = place.run(*words, **given)
    assert (code, lines[-1]) == (1, sentence)


def test_the_published_keys_of_the_demonstration_are_named(place: Place) -> None:
    [(name, master)] = demo_masters().masters.items()
    code, lines = place.run(
        "check",
        LEDGER_EPOCH_MASTER_DIR="",
        LEDGER_EPOCH_MASTER=f"{name}:{master.hex()}",
        LEDGER_SECRET_FILE="",
        LEDGER_SECRET=demo_secret().hex(),
    )
    assert code == 1
    assert "a key of the demonstration is in use: it is published and protects nothing" in lines
