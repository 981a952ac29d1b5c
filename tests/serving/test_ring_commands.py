"""What `ledger keys …` refuses in a sentence, and says of rows that somebody wrote or changed."""

from pathlib import Path

import psycopg
import pytest

from ledger.clock import now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.openness import open_files
from ledger.crypto.pseudonyms import random_uuid
from ledger.retention.journal_file import ERASURES
from tests.database import Database
from tests.journals import journal_in
from tests.matrix import every
from tests.serving.sealed_place import FIRST, WARNED, EarlierPlace, Place

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
    "escrow without any": (
        ("escrow",),
        {"LEDGER_ESCROW_RECIPIENT": "", "LEDGER_ESCROW_DIR": ""},
        f"ledger: there is no escrow: {SET_BOTH}",
    ),
    "an identity that is not there": (
        ("check", "--identity", "none"),
        {},
        "ledger: the file of the identity is not there",
    ),
    "a service in clear": (
        ("check",),
        {DIR: "", "LEDGER_KMS_URL": "http://kms.example.jp/v1/transit"},
        "ledger: LEDGER_KMS_URL: expected https://…, or http on this machine itself",
    ),
}


@every("refused", REFUSED)
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


def test_secrets_that_others_may_read_are_faults(place: Place) -> None:
    place.rotate(FIRST)
    assert place.run("check") == (0, [WARNED, "0 faults"])
    journal = journal_in(place.folder / "journal")
    journal.begin(random_uuid(), now())
    opened = {
        "the file of LEDGER_SECRET_FILE": (place.folder / "sealed" / "secret", 0o644),
        "the file of the epoch master 2026-W48": (place.epochs / "2026-W48", 0o640),
        "erasures.ndjson of the erasure journal": (journal.folder / ERASURES, 0o602),
    }
    for path, mode in opened.values():
        path.chmod(mode)
    code, lines = place.run("check")
    assert code == 1
    assert sorted(lines[1:-1]) == sorted(
        f"{told} is open to others than its owner (mode {mode:04o}): chmod 600, and take what it "
        "holds for read by whoever could"
        for told, (_, mode) in opened.items()
    )
    for path, _ in opened.values():
        path.chmod(0o600)
    assert place.run("check")[0] == 0


def test_what_a_deployment_mounted_is_its_own_affair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("")
    file.chmod(0o444)
    found = {"it": file, "what is not there": tmp_path / "none", "no file": tmp_path}
    assert [fault.split(" is open")[0] for fault in open_files(found)] == ["it"]
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    assert list(open_files(found)) == []


def test_a_lost_master_is_to_be_recovered_and_leaves_no_other_in_its_place(
    tmp_path: Path, database: Database
) -> None:
    place = EarlierPlace(tmp_path, database)
    assert place.run("rotate")[0] == 0
    before = {file.name for file in place.epochs.iterdir()}
    lost = place.epochs / max(before)
    lost.rename(place.folder / "away")
    place.run("rotate")
    code, lines = place.run("rotate")
    assert code == 1
    assert lines[-1].startswith(f"ledger: the epoch master {lost.name} is lost: ")
    assert f"ledger keys escrow --recover {lost.name}" in lines[-1]
    assert "move" not in lines[-1]
    assert {file.name for file in place.epochs.iterdir()} == before - {lost.name}


def states(place: Place) -> dict[str, str]:
    """Id → state of each key, as the list tells them."""
    code, lines = place.run("list")
    assert code == 0, lines
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    return {one[1]: one[3] for one in cells}


def test_keys_of_before_rows_had_macs_are_confirmed_by_their_ids_and_changed_ones_never(
    place: Place, database: Database
) -> None:
    for label in ("old", "changed", "new"):
        code, lines = place.run("create", "--label", label, "--scope", "records:read")
        assert code == 0, lines
    with psycopg.connect(database.urls.owner) as connection:
        ids = dict(connection.execute("SELECT label, id FROM ledger.api_keys").fetchall())
        connection.execute("UPDATE ledger.api_keys SET mac = NULL WHERE label = 'old'")
        connection.execute("UPDATE ledger.api_keys SET label = 'c' WHERE label = 'changed'")
    old, changed, new = (ids[label] for label in ("old", "changed", "new"))
    assert states(place) == {old: "unconfirmed", changed: "altered", new: "valid"}
    code, lines = place.run("confirm", old, changed)
    assert code == 1
    assert f"{changed}: there is no unconfirmed key with this id" in lines
    assert states(place) == {old: "valid", changed: "altered", new: "valid"}


def test_no_key_is_made_under_another_secret(place: Place) -> None:
    assert place.run("create", "--label", "a", "--scope", "records:read")[0] == 0
    given = {"LEDGER_SECRET_FILE": "", "LEDGER_SECRET": "ab" * 32}
    code, lines = place.run("create", "--label", "b", "--scope", "records:read", **given)
    assert code == 1
    assert "the ledger secret is not the one this ledger was begun with" in lines[-1]
    assert len(states(place)) == 1
