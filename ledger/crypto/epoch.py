"""Epoch masters: the keys that wrap data keys. They live outside the database.

A master changes weekly; an old one is destroyed when the last backup of its time is gone, and with
it every data key that only old backups still hold (event format, section 5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.crypto.encoding import ledger_prefix, lp, tag
from ledger.crypto.keys import DataKey, KeyRow, key_id_of
from ledger.errors import CorruptRecordError

MASTER_BYTES = 32
_WRAP = tag("ppl/wrap/1")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
_HEX = re.compile(r"[0-9a-f]{64}")


class EpochMasters(Protocol):
    """Where epoch masters come from: a file mount, the environment, a key management service."""

    def current(self) -> tuple[str, bytes]:
        """Name and 32 bytes of the master that wraps new keys."""
        ...

    def by_name(self, name: str) -> bytes | None:
        """The master of that name; None when it is not there (any more)."""
        ...


@dataclass(frozen=True, slots=True)
class FixedMasters:
    """Masters that are known at start; the last name in order of text is current.

    Names that begin with year and week (`2026-W48`) sort as they come.
    """

    masters: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.masters:
            raise ValueError("there is no epoch master")
        for name, master in self.masters.items():
            if not _NAME.fullmatch(name) or len(master) != MASTER_BYTES:
                raise ValueError("an epoch master has a plain name and 32 bytes")

    def current(self) -> tuple[str, bytes]:
        """Name and master that wrap new keys."""
        name = max(self.masters)
        return name, self.masters[name]

    def by_name(self, name: str) -> bytes | None:
        """The master of that name."""
        return self.masters.get(name)


@dataclass(frozen=True, slots=True)
class FolderMasters:
    """Masters in a mounted folder: `NAME.key`, 64 hex digits each; the last name is current.

    The folder is read at each use, so a new master is seen without a restart and a destroyed one
    is gone at once.
    """

    folder: Path

    def current(self) -> tuple[str, bytes]:
        """Name and master that wrap new keys.

        Raises:
            FileNotFoundError: the folder holds no master.
        """
        names = sorted(path.stem for path in self.folder.glob("*.key"))
        if not names:
            raise FileNotFoundError("the folder of epoch masters holds no .key file")
        return names[-1], secret_of((self.folder / f"{names[-1]}.key").read_text("ascii"))

    def by_name(self, name: str) -> bytes | None:
        """The master of that name."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return secret_of((self.folder / f"{name}.key").read_text("ascii"))
        except FileNotFoundError:
            return None


def secret_of(text: str) -> bytes:
    """32 bytes from 64 lower-case hex digits, white space around them off.

    Raises:
        ValueError: anything else; the message does not repeat it.
    """
    digits = text.strip()
    if not _HEX.fullmatch(digits):
        raise ValueError("a secret is written as 64 lower-case hex digits")
    return bytes.fromhex(digits)


def masters_of(text: str) -> FixedMasters:
    """Masters from a setting: `NAME=HEX`, separated by commas.

    Raises:
        ValueError: anything else; the message does not repeat it.
    """
    pairs = [part.partition("=") for part in text.split(",")]
    if len({name.strip() for name, _, _ in pairs}) != len(pairs):
        raise ValueError("two epoch masters have one name")
    return FixedMasters({name.strip(): secret_of(digits) for name, _, digits in pairs})


def demo_masters() -> FixedMasters:
    """The published master of the demonstration. Whoever reads this file can open what it wraps."""
    return FixedMasters({"demo": sha256(b"demonstration epoch master, not a secret").digest()})


def demo_secret() -> bytes:
    """The published ledger secret of the demonstration: its pseudonyms hide nothing."""
    return sha256(b"demonstration ledger secret, not a secret").digest()


def wrapped(key: DataKey, ledger: str, master: bytes, nonce: bytes) -> bytes:
    """Nonce ‖ AES-256-GCM(master, nonce, data key, AAD): bound to the key's class and day."""
    aad = _aad(ledger, key.id, key.key_class, key.day)
    return nonce + AESGCM(master).encrypt(nonce, key.secret, aad)


def unwrapped(row: KeyRow, ledger: str, master: bytes) -> DataKey:
    """The data key of `row`.

    Raises:
        CorruptRecordError: the row was changed, or its id is not the key's.
    """
    aad = _aad(ledger, row.key_id, row.key_class, row.day)
    try:
        secret = AESGCM(master).decrypt(row.wrapped[:12], row.wrapped[12:], aad)
    except (InvalidTag, ValueError):
        raise CorruptRecordError("a row of the key ring does not open") from None
    # AES-GCM alone opens one ciphertext under two keys; the id commits to one.
    if key_id_of(secret, ledger) != row.key_id:
        raise CorruptRecordError("a row of the key ring holds another key than its id says")
    return DataKey(row.key_id, secret, row.key_class, row.day, row.owner)


def _aad(ledger: str, key_id: bytes, key_class: str, day: date | None) -> bytes:
    day_text = b"" if day is None else day.isoformat().encode()
    return _WRAP + ledger_prefix(ledger) + key_id + lp(key_class.encode()) + lp(day_text)
