"""A copy in escrow opens for its recipient, is proved without one, and replaces no other key's."""

import json
from pathlib import Path

import pyrage
import pytest

from ledger.crypto.epoch import KeyWorkRefusedError
from ledger.crypto.escrow import (
    SECRET,
    Escrow,
    checked_recipient,
    copy_of,
    identity_in,
    opened_copy,
)

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


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    escrow = Escrow(file, str(IDENTITY.to_public()))
    for refused in (
        lambda: escrow.keep(COPY, MASTER),
        lambda: escrow.fault(COPY, MASTER),
        lambda: escrow.destroy(COPY),
        escrow.epochs,
    ):
        with pytest.raises(KeyWorkRefusedError, match="escrow"):
            refused()
    missing = Escrow(tmp_path / "none", str(IDENTITY.to_public()))
    for refused in (lambda: missing.keep(COPY, MASTER), missing.epochs):
        with pytest.raises(KeyWorkRefusedError, match="LEDGER_ESCROW_DIR"):
            refused()
