"""Epoch masters: the keys that wrap data keys. They live outside the database.

A master changes weekly; an old one is destroyed when the last backup of its time is gone, and with
it every data key that only old backups still hold (event format, section 5). Whoever holds the
masters wraps and unwraps by itself: a key management service need not give them away.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.crypto.encoding import ledger_prefix, lp, tag
from ledger.crypto.epoch_names import NAME, in_order
from ledger.crypto.keys import DataKey, KeyRow, key_id_of
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError

MASTER_BYTES = 32
NONCE_BYTES = 12
_WRAP = tag("ppl/wrap/1")
_WRAP_OWNED = tag("ppl/wrap/2")
_HEX = re.compile(r"[0-9a-f]{64}")

Keep = Callable[[bytes], None]
"""Takes a new master before anything is wrapped under it, and returns once a copy is kept."""


class MasterMissingError(BrokenWorldError, MastersUnavailableError):
    """A master is not there that something was wrapped under; an operator must put it back.

    Attributes:
        epoch: its name.
    """

    code = "MASTER_MISSING"

    def __init__(self, epoch: str) -> None:
        super().__init__(f"the epoch master {epoch} of a living key is not there")
        self.epoch = epoch


class KeyWorkRefusedError(Exception):
    """Work on masters or their copies that cannot be done here, or would lose something.

    The message says what stands in the way; it holds no secret.
    """


class MasterLostError(KeyWorkRefusedError):
    """A master was made once and is not there: another one of its name would shut its keys out.

    Attributes:
        epoch: its name.
    """

    def __init__(self, epoch: str) -> None:
        super().__init__(
            f"the epoch master {epoch} is lost: it was made once, and it is not where masters "
            f"are; recover it from escrow first (`ledger keys escrow --recover {epoch}`), its copy "
            "there may be the only one"
        )
        self.epoch = epoch


class EpochMasters(Protocol):
    """Where epoch masters live: a file mount, the environment, a key management service.

    Every method raises `MastersUnavailableError` when that place cannot be reached, and looks there
    anew: a new master is seen without a restart, and a destroyed one is gone at once.
    """

    def names(self) -> list[str]:
        """The names of all masters, oldest first (`ledger.crypto.epoch_names.in_order`)."""
        ...

    def current(self) -> str:
        """The name of the master that wraps new keys: the last one.

        Raises:
            BrokenWorldError: there is none.
        """
        ...

    def wrap(self, name: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce (12, random) ‖ AES-256-GCM(master, nonce, plain, AAD), the tag (16) last.

        Raises:
            MasterMissingError: there is no master of that name.
        """
        ...

    def unwrap(self, name: str, wrapped: bytes, aad: bytes) -> bytes:
        """What `wrap` was given.

        Raises:
            MasterMissingError: there is no master of that name.
            CorruptRecordError: it was not wrapped so under this master.
        """
        ...

    def create(self, name: str, keep: Keep) -> None:
        """Make a new random master; nothing when there is one of that name. Safe to repeat.

        Args:
            keep: is given the master before anybody can use it, by a place that gives its masters
                away at all; what it raises ends the work with no master made.

        Raises:
            KeyWorkRefusedError: masters cannot be made here.
        """
        ...

    def destroy(self, name: str) -> None:
        """Destroy the master of that name for good; nothing when there is none.

        Raises:
            KeyWorkRefusedError: masters cannot be destroyed here.
        """
        ...

    def exported(self, name: str) -> bytes | None:
        """The 32 bytes of the master for its escrow copy; None from a place that keeps them.

        Raises:
            MasterMissingError: there is no master of that name.
        """
        ...


@dataclass(frozen=True, slots=True)
class FixedMasters:
    """Masters that are known at start and stay as they are: of the environment, of the demo."""

    masters: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.masters:
            raise ValueError("there is no epoch master")
        for name, master in self.masters.items():
            if not NAME.fullmatch(name) or len(master) != MASTER_BYTES:
                raise ValueError("an epoch master has a plain name and 32 bytes")

    def names(self) -> list[str]:
        """The names of all masters, oldest first."""
        return in_order(self.masters)

    def current(self) -> str:
        """The name of the master that wraps new keys."""
        return self.names()[-1]

    def wrap(self, name: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce ‖ AES-256-GCM(master, nonce, plain, AAD)."""
        return encrypted(self.exported(name), plain, aad)

    def unwrap(self, name: str, wrapped: bytes, aad: bytes) -> bytes:
        """What `wrap` was given."""
        return decrypted(self.exported(name), wrapped, aad)

    def create(self, name: str, keep: Keep) -> None:
        """Refused unless the master is there."""
        del keep
        if name not in self.masters:
            raise KeyWorkRefusedError(
                "an epoch master of the environment does not change: keep masters in a folder "
                "(LEDGER_EPOCH_MASTER_DIR) or in a key management service (LEDGER_KMS_URL)"
            )

    def destroy(self, name: str) -> None:
        """Refused if the master is there."""
        if name in self.masters:
            raise KeyWorkRefusedError("an epoch master of the environment cannot be destroyed")

    def exported(self, name: str) -> bytes:
        """The 32 bytes of the master."""
        try:
            return self.masters[name]
        except KeyError:
            raise MasterMissingError(name) from None


def secret_of(text: str) -> bytes:
    """32 bytes from 64 lower-case hex digits, white space around them off.

    Raises:
        ValueError: anything else; the message does not repeat it.
    """
    digits = text.strip()
    if not _HEX.fullmatch(digits):
        raise ValueError("a secret is written as 64 lower-case hex digits")
    return bytes.fromhex(digits)


def demo_masters() -> FixedMasters:
    """The published master of the demonstration. Whoever reads this file can open what it wraps."""
    return FixedMasters({"demo": sha256(b"demonstration epoch master, not a secret").digest()})


def demo_secret() -> bytes:
    """The published ledger secret of the demonstration: its pseudonyms hide nothing."""
    return sha256(b"demonstration ledger secret, not a secret").digest()


def encrypted(master: bytes, plain: bytes, aad: bytes) -> bytes:
    """Nonce (12, random) ‖ AES-256-GCM(master, nonce, plain, AAD)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, plain, aad)


def decrypted(master: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """What `encrypted` was given.

    Raises:
        CorruptRecordError: it was not encrypted so under this master.
    """
    try:
        return AESGCM(master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise CorruptRecordError("a row of the key ring does not open") from None


def closed(key: DataKey, ledger: str, masters: EpochMasters) -> KeyRow:
    """The row of `key`, wrapped under the current master.

    Raises:
        BrokenWorldError: there is no master.
        MastersUnavailableError: the masters cannot be reached.
    """
    epoch = masters.current()
    aad = wrap_aad(ledger, key.id, key.key_class, key.day, key.owner)
    text = masters.wrap(epoch, key.secret, aad)
    return KeyRow(key.id, key.key_class, key.day, key.owner, epoch, text)


def opened(row: KeyRow, ledger: str, masters: EpochMasters) -> DataKey:
    """The data key of `row`.

    Raises:
        MasterMissingError: its epoch master is not there.
        CorruptRecordError: the row was changed, or its id is not the key's.
        MastersUnavailableError: the masters cannot be reached.
    """
    secret = _unwrapped(row, ledger, masters)
    # AES-GCM alone opens one ciphertext under two keys; the id commits to one.
    if key_id_of(secret, ledger) != row.key_id:
        raise CorruptRecordError("a row of the key ring holds another key than its id says")
    return DataKey(row.key_id, secret, row.key_class, row.day, row.owner)


def wrap_aad(
    ledger: str, key_id: bytes, key_class: str, day: date | None, owner: UUID | None = None
) -> bytes:
    """What a wrapped key is bound to. Source: event format, section 5.

    Args:
        owner: the object of a key that belongs to one; None: the first form, of a key of a day.
    """
    day_text = b"" if day is None else day.isoformat().encode()
    bound = ledger_prefix(ledger) + key_id + lp(key_class.encode()) + lp(day_text)
    return _WRAP + bound if owner is None else _WRAP_OWNED + bound + owner.bytes


def _unwrapped(row: KeyRow, ledger: str, masters: EpochMasters) -> bytes:
    """The secret of a row; one of an object's key may be wrapped in the first form.

    The first form said nothing of the owner. Each rotation wraps every living key anew, in the
    second one, so the first opens nothing once the masters of its time are destroyed.
    """
    first = wrap_aad(ledger, row.key_id, row.key_class, row.day)
    if row.owner is None:
        return masters.unwrap(row.epoch, row.wrapped, first)
    bound = wrap_aad(ledger, row.key_id, row.key_class, row.day, row.owner)
    try:
        return masters.unwrap(row.epoch, row.wrapped, bound)
    except CorruptRecordError:
        return masters.unwrap(row.epoch, row.wrapped, first)
