"""Epoch masters are looked for at each use: new ones are seen, destroyed ones are gone."""

import json
from datetime import date
from pathlib import Path

import pyrage
import pytest

from ledger.crypto.epoch import (
    EpochMasters,
    FixedMasters,
    KeyWorkRefusedError,
    MasterMissingError,
    demo_masters,
    secret_of,
)
from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.epoch_names import monday_of, week_of
from ledger.crypto.escrow import (
    SECRET,
    Escrow,
    checked_recipient,
    copy_of,
    identity_in,
    opened_copy,
)
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError
from tests.format.ring_world import InterruptedRunError


def keep_nothing(master: bytes) -> None:
    assert len(master) == 32


def folder_with(folder: Path, *names: str) -> FolderMasters:
    folder.mkdir(exist_ok=True)
    masters = FolderMasters(folder)
    for name in names:
        masters.create(name, keep_nothing)
    return masters


def test_a_week_is_named_as_iso_8601_names_it() -> None:
    assert week_of(date(2026, 11, 29)) == "2026-W48"
    assert week_of(date(2026, 12, 31)) == week_of(date(2027, 1, 3)) == "2026-W53"
    assert monday_of("2026-W48") == date(2026, 11, 23)
    assert [monday_of(name) for name in ("demo", "2026-W54", "2026-W00", "2026-w48")] == [None] * 4


def test_two_processes_see_a_new_master_and_miss_a_destroyed_one_at_once(tmp_path: Path) -> None:
    one, other = folder_with(tmp_path, "2026-W47"), FolderMasters(tmp_path)
    old = other.wrap(other.current(), b"key", b"aad")
    one.create("2026-W48", keep_nothing)
    assert other.current() == "2026-W48"
    assert other.names() == ["2026-W47", "2026-W48"]
    assert other.unwrap("2026-W47", old, b"aad") == b"key"
    one.destroy("2026-W47")
    with pytest.raises(MasterMissingError, match="2026-W47"):
        other.unwrap("2026-W47", old, b"aad")
    one.destroy("2026-W47")


def test_what_was_wrapped_otherwise_does_not_open(tmp_path: Path) -> None:
    masters = folder_with(tmp_path, "2026-W47", "2026-W48")
    text = masters.wrap("2026-W48", bytes(32), b"aad")
    assert len(text) == 60
    for name, wrapped, aad in (
        ("2026-W47", text, b"aad"),
        ("2026-W48", text, b"other"),
        ("2026-W48", text[:-1], b"aad"),
        ("2026-W48", b"", b"aad"),
    ):
        with pytest.raises(CorruptRecordError):
            masters.unwrap(name, wrapped, aad)


def test_a_new_master_is_its_owners_alone_and_is_kept_before_anybody_sees_it(
    tmp_path: Path,
) -> None:
    masters, kept = folder_with(tmp_path, "2026-W47"), list[bytes]()

    def keep(master: bytes) -> None:
        assert masters.names() == ["2026-W47"]
        kept.append(master)

    masters.create("2026-W48", keep)
    file = tmp_path / "2026-W48"
    assert [secret_of(file.read_text())] == kept
    assert file.stat().st_mode & 0o777 == 0o600
    masters.create("2026-W48", keep)
    assert len(kept) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-W47", "2026-W48"]


def test_an_interrupted_creation_goes_on_with_the_same_master(tmp_path: Path) -> None:
    masters, kept = folder_with(tmp_path, "2026-W47"), list[bytes]()

    def keep_and_end(master: bytes) -> None:
        kept.append(master)
        raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        masters.create("2026-W48", keep_and_end)
    assert masters.current() == "2026-W47"
    masters.create("2026-W48", kept.append)
    assert kept == [masters.exported("2026-W48")] * 2
    # A file that was cut off was never kept: it is made anew.
    (tmp_path / ".2026-W49.new").write_text("00")
    masters.create("2026-W49", keep_nothing)


def test_an_interrupted_destruction_leaves_no_master_that_does_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    masters = folder_with(tmp_path, "2026-W47", "2026-W48")
    unlink = Path.unlink

    def end(path: Path, *, missing_ok: bool = False) -> None:
        del path, missing_ok
        raise InterruptedRunError

    monkeypatch.setattr(Path, "unlink", end)
    with pytest.raises(InterruptedRunError):
        masters.destroy("2026-W47")
    monkeypatch.setattr(Path, "unlink", unlink)
    assert masters.names() == ["2026-W48"]
    masters.destroy("2026-W47")
    assert [path.name for path in tmp_path.iterdir()] == ["2026-W48"]


def test_masters_of_the_environment_stay_as_they_are() -> None:
    masters = FixedMasters({"2026-W48": bytes([1]) * 32, "2026-W47": bytes([2]) * 32})
    assert masters.current() == "2026-W48"
    masters.create("2026-W48", keep_nothing)
    masters.destroy("2026-W40")
    for refused in (
        lambda: masters.create("2026-W49", keep_nothing),
        lambda: masters.destroy("2026-W47"),
    ):
        with pytest.raises(KeyWorkRefusedError, match="environment"):
            refused()
    assert "\\x01" not in repr(masters)
    assert demo_masters().current() == "demo"
    for wrong in ({}, {"a b": bytes(32)}, {"a": bytes(31)}):
        with pytest.raises(ValueError, match="master"):
            FixedMasters(wrong)


BROKEN: dict[str, tuple[str, type[Exception]]] = {
    "no folder": ("none", MastersUnavailableError),
    "a file for a folder": ("2026-W48", MastersUnavailableError),
    "an empty folder": ("empty", BrokenWorldError),
    "a cut-off file": ("cut", BrokenWorldError),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_place_that_gives_no_master_is_named_without_what_it_holds(
    tmp_path: Path, broken: str
) -> None:
    place, expected = BROKEN[broken]
    folder_with(tmp_path, "2026-W48")
    for name in ("empty", "cut"):
        (tmp_path / name).mkdir()
    (tmp_path / "cut" / "2026-W48").write_text("5a" * 31)
    masters: EpochMasters = FolderMasters(tmp_path / place)
    with pytest.raises(expected) as refused:
        masters.wrap(masters.current(), bytes(32), b"")
    assert "5a5a" not in str(refused.value)


def test_a_name_leads_out_of_no_folder(tmp_path: Path) -> None:
    masters = folder_with(tmp_path / "epochs", "2026-W48")
    (tmp_path / "secret").write_text("5a" * 32)
    for name in ("../secret", ".2026-W48.new", "", "a/b"):
        with pytest.raises(MasterMissingError):
            masters.exported(name)
    (tmp_path / "epochs" / "..data").mkdir()
    (tmp_path / "epochs" / ".hidden").write_text("")
    assert masters.names() == ["2026-W48"]


def test_a_secret_is_64_hex_digits_and_no_error_repeats_it() -> None:
    assert secret_of(" " + "ab" * 32 + "\n") == bytes.fromhex("ab" * 32)
    for wrong in ("", "AB" * 32, "ab" * 31, "zz" * 32):
        with pytest.raises(ValueError, match="64") as refused:
            secret_of(wrong)
        assert not wrong or wrong not in str(refused.value)


# -- a copy in escrow opens for its recipient, is proved without one, and replaces no --------------

MASTER, OTHER = bytes([0x5A]) * 32, bytes([0xA5]) * 32
IDENTITY = pyrage.x25519.Identity.generate()
STRANGER = pyrage.x25519.Identity.generate()
COPY = copy_of("2026-W48")


@pytest.fixture
def escrow(tmp_path: Path) -> Escrow:
    return Escrow(tmp_path, str(IDENTITY.to_public()))


def test_a_copy_is_the_originals_file_in_the_age_format(escrow: Escrow) -> None:
    assert escrow.keep(COPY, MASTER)
    assert not escrow.keep(COPY, MASTER)
    assert escrow.fault(COPY, MASTER) is None
    file = escrow.folder / "epoch-2026-W48.age"
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert pyrage.decrypt(file.read_bytes(), [IDENTITY]) == f"{MASTER.hex()}\n".encode()
    assert opened_copy(escrow.folder, COPY, IDENTITY) == MASTER


def test_files_are_their_owners_alone_and_their_names_tell_the_epoch_only(escrow: Escrow) -> None:
    escrow.keep(COPY, MASTER)
    escrow.keep(SECRET, OTHER)
    files = sorted(escrow.folder.iterdir())
    assert [file.name for file in files] == [
        "epoch-2026-W48.age",
        "epoch-2026-W48.check",
        "ledger-secret.age",
        "ledger-secret.check",
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert escrow.epochs() == ["2026-W48"]
    for file in files:
        for secret in (MASTER, OTHER):
            assert secret not in file.read_bytes()
            assert secret.hex().encode() not in file.read_bytes()


def test_a_copy_that_is_damaged_or_for_somebody_else_is_written_anew(escrow: Escrow) -> None:
    file, check = escrow.folder / f"{COPY}.age", escrow.folder / f"{COPY}.check"
    assert escrow.fault(COPY, MASTER) == f"{COPY} has no copy in escrow"
    escrow.keep(COPY, MASTER)
    for damage in (
        file.unlink,
        lambda: file.write_bytes(file.read_bytes()[:-1]),
        lambda: check.write_text(json.dumps({**json.loads(check.read_text()), "sha256": ""})),
    ):
        damage()
        assert escrow.fault(COPY, MASTER) == f"the copy {COPY} in escrow is damaged"
        assert escrow.keep(COPY, MASTER)
        assert opened_copy(escrow.folder, COPY, IDENTITY) == MASTER
    for_stranger = Escrow(escrow.folder, str(STRANGER.to_public()))
    assert "another recipient" in str(for_stranger.fault(COPY, MASTER))
    assert for_stranger.keep(COPY, MASTER)
    assert opened_copy(escrow.folder, COPY, STRANGER) == MASTER


def test_the_copy_of_another_key_is_not_overwritten(escrow: Escrow) -> None:
    escrow.keep(COPY, OTHER)
    before = (escrow.folder / f"{COPY}.age").read_bytes()
    with pytest.raises(KeyWorkRefusedError, match="another key"):
        escrow.keep(COPY, MASTER)
    for spoiled in ("", "[]", "{"):
        (escrow.folder / f"{COPY}.check").write_text(spoiled)
        with pytest.raises(KeyWorkRefusedError):
            escrow.keep(COPY, MASTER)
    (escrow.folder / f"{COPY}.check").unlink()
    with pytest.raises(KeyWorkRefusedError, match="no check"):
        escrow.keep(COPY, MASTER)
    assert (escrow.folder / f"{COPY}.age").read_bytes() == before
    # The check is not needed to recover it.
    assert opened_copy(escrow.folder, COPY, IDENTITY) == OTHER


def test_a_copy_opens_for_its_recipient_alone_and_undamaged(escrow: Escrow) -> None:
    escrow.keep(COPY, MASTER)
    file, check = escrow.folder / f"{COPY}.age", escrow.folder / f"{COPY}.check"
    sealed = file.read_bytes()
    with pytest.raises(KeyWorkRefusedError, match="does not open"):
        opened_copy(escrow.folder, COPY, STRANGER)
    with pytest.raises(KeyWorkRefusedError, match="no copy"):
        opened_copy(escrow.folder, copy_of("2026-W47"), IDENTITY)
    for content in (b"", sealed[:-1], pyrage.encrypt(b"short", [IDENTITY.to_public()])):
        file.write_bytes(content)
        with pytest.raises(KeyWorkRefusedError, match="does not open"):
            opened_copy(escrow.folder, COPY, IDENTITY)
    file.write_bytes(sealed)
    check.write_text(json.dumps({"check": "00" * 32}))
    with pytest.raises(KeyWorkRefusedError, match="another key") as refused:
        opened_copy(escrow.folder, COPY, IDENTITY)
    assert MASTER.hex() not in str(refused.value)


def test_a_destroyed_copy_is_gone_with_its_check(escrow: Escrow) -> None:
    escrow.keep(COPY, MASTER)
    escrow.destroy(COPY)
    escrow.destroy(COPY)
    assert list(escrow.folder.iterdir()) == []


def test_an_identity_is_read_as_age_keygen_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "identity"
    file.write_text(f"# created: 2026-11-25\n# public key: age1…\n{IDENTITY}\n", "utf-8")
    with pytest.raises(KeyWorkRefusedError):
        identity_in(file)  # an ellipsis is no ASCII
    file.write_text(f"# created: 2026-11-25\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    assert str(identity_in(file)) == str(IDENTITY)
    for wrong in ("", "# nothing\n", "AGE-SECRET-KEY-1QQQ\n", f"{IDENTITY}\n{STRANGER}\n"):
        file.write_text(wrong)
        with pytest.raises(KeyWorkRefusedError) as refused:
            identity_in(file)
        assert "AGE-SECRET" not in str(refused.value)
    with pytest.raises(KeyWorkRefusedError, match="not there"):
        identity_in(tmp_path / "none")
    with pytest.raises(KeyWorkRefusedError, match="identity cannot be read"):
        identity_in(tmp_path)


def test_only_a_public_key_is_a_recipient() -> None:
    public = str(IDENTITY.to_public())
    assert checked_recipient(public) == public
    for wrong in ("", "age1", str(IDENTITY), public[:-1]):
        with pytest.raises(ValueError, match="public key") as refused:
            checked_recipient(wrong)
        assert not wrong or str(IDENTITY) not in str(refused.value)


def test_a_master_that_was_made_and_never_shown_goes_with_its_epoch(tmp_path: Path) -> None:
    masters = folder_with(tmp_path, "2026-W47")

    def end(master: bytes) -> None:
        del master
        raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        masters.create("2026-W48", end)
    masters.destroy("2026-W48")
    assert [path.name for path in tmp_path.iterdir()] == ["2026-W47"]
