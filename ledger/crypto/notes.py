"""Signed notes: a text, and under it one line a signature.

Source: C2SP signed-note 1.0.0; C2SP tlog-cosignature (cosignature/v1).
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import CorruptRecordError

SIGNATURES_MAX: Final = 64
"""A note with more lines is refused (the standard wants at least 16 to be taken)."""
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_SECONDS_MAX: Final = (1 << 63) - 1
_KEY_BYTES: Final = 32
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")


class KeyType(IntEnum):
    """How a key signs."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key that is known.

    Attributes:
        name: whose it is; of a log it is the origin.
        public: 32 bytes, Ed25519.
        type: how it signs.
    """

    name: str
    public: bytes
    type: KeyType = KeyType.ED25519

    @property
    def id(self) -> bytes:
        """4 bytes: which key of that name."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(named).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as it is handed out: `<name>+<id in hex>+<base64>`."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.type]) + self.public).decode()}"

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """The key that `text` says.

        Raises:
            CorruptRecordError: it says none, of a type that is not known here, or not its own id.
        """
        name, _, tail = text.partition("+")
        key_id, _, key = tail.partition("+")
        try:
            kind, *public = b64decode(key, validate=True)
            found = cls(name, bytes(public), KeyType(kind))
        except (Base64Error, ValueError):
            raise CorruptRecordError("a text is no key of a signed note") from None
        if len(found.public) != _KEY_BYTES or found.id.hex() != key_id or not is_key_name(name):
            raise CorruptRecordError("a key of a signed note has another id than it says")
        return found

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (what follows the key's id) is this key's under `text`."""
        signed, message = signature, text.encode()
        if self.type is KeyType.COSIGNATURE:
            time, signed = signature[:_TIME_BYTES], signature[_TIME_BYTES:]
            seconds = int.from_bytes(time)
            if seconds > _SECONDS_MAX:
                return False
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """Who signs: a key in a file, or one that never leaves a device."""

    @property
    def verifier(self) -> Verifier:
        """The key, without its secret."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Ed25519 over `message`, 64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note.

    Attributes:
        name: of the key, as the line says.
        key_id: 4 bytes.
        value: the rest, as the key's type has it.
    """

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """As it stands under the note, without its newline."""
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}"

    @property
    def seconds(self) -> int:
        """Of a cosignature: POSIX time at which it was made."""
        return int.from_bytes(self.value[:_TIME_BYTES])


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note that was read, not yet verified.

    Attributes:
        text: what is signed, with its last newline.
        signatures: as they stand, at least one.
    """

    text: str
    signatures: Sequence[Signature]

    @property
    def full_text(self) -> str:
        """The note with its signatures."""
        return self.text + "\n" + "".join(one.line + "\n" for one in self.signatures)

    @classmethod
    def read(cls, content: str) -> "SignedNote":
        """The note that `content` says.

        Raises:
            CorruptRecordError: it is none, or has too many signatures.
        """
        text, separator, below = content.rpartition("\n\n")
        if not separator or not below.endswith("\n") or _CONTROL.search(content):
            raise CorruptRecordError("a text is no signed note")
        lines = below.removesuffix("\n").split("\n")
        if len(lines) > SIGNATURES_MAX:
            raise CorruptRecordError("a note has more signatures than are read")
        return cls(text + "\n", tuple(read_signature(one) for one in lines))

    def verified(self, known: Iterable[Verifier]) -> list[tuple[Verifier, Signature]]:
        """The signatures of keys that are known, at least one; unknown keys are left alone.

        Raises:
            CorruptRecordError: a signature of a known key is wrong, or no known key signed.
        """
        keys = {(one.name, one.id): one for one in known}
        found: list[tuple[Verifier, Signature]] = []
        for one in self.signatures:
            key = keys.get((one.name, one.key_id))
            if key is None:
                continue
            if not key.verifies(self.text, one.value):
                raise CorruptRecordError("a signature of a known key is wrong")
            found.append((key, one))
        if not found:
            raise CorruptRecordError("no known key signed a note")
        return found


def signed_note(text: str, signers: Sequence[Signer]) -> SignedNote:
    """`text`, which ends with a newline, signed by each of `signers` in turn."""
    return SignedNote(text, tuple(_signature(text, one) for one in signers))


def read_signature(line: str) -> Signature:
    """The signature that a line says, without its newline.

    Raises:
        CorruptRecordError: it says none.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise CorruptRecordError("a line under a note is no signature")
    try:
        value = b64decode(found[2], validate=True)
    except (Base64Error, ValueError):
        raise CorruptRecordError("a signature is not base64") from None
    if len(value) <= _ID_BYTES or b64encode(value).decode() != found[2]:
        raise CorruptRecordError("a signature is not base64 as it is written")
    return Signature(found[1], value[:_ID_BYTES], value[_ID_BYTES:])


def is_key_name(text: str) -> bool:
    """Whether a key may have that name."""
    return bool(text) and re.fullmatch(r"[^\s+]+", text) is not None


def _signature(text: str, signer: Signer) -> Signature:
    key = signer.verifier
    return Signature(key.name, key.id, signer.sign(text.encode()))
