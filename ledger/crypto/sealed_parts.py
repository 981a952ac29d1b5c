"""Sealed parts: padding and AES-256-GCM under a key made for one event.

Source: `docs/reference/event-format.md`, section 2.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.crypto.encoding import expanded, lp, tag, u32
from ledger.crypto.keys import DataKey
from ledger.errors import CorruptRecordError, TooLargeError

NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES

PAD_BYTES = 256
ATTACHED_PAD_BYTES = 64 * 1024
FIXED_BYTES_MIN = 8_192
"""F: the size of every exclusion's content, so that none can be told from its size (section 6)."""
SEALED_BYTES_MAX = 4 * 1024 * 1024
ATTACHED_BYTES_MAX = 16 * 1024 * 1024

_SEAL = tag("ppl/seal/1")
_ATTACHED = tag("ppl/attached/1")


def padded(content: bytes, block: int = PAD_BYTES, size_max: int = SEALED_BYTES_MAX) -> bytes:
    """P = lp(content) ‖ 0x00 … up to the next multiple of `block`; none when it fits.

    Raises:
        TooLargeError: P would be larger than `size_max` bytes.
    """
    size = len(content) + 4
    whole = size + -size % block
    if whole > size_max:
        raise TooLargeError
    return len(content).to_bytes(4, "big") + content + bytes(whole - size)


def padded_to(content: bytes, size: int) -> bytes:
    """P = lp(content) ‖ 0x00 … of exactly `size` bytes (F of section 6).

    Raises:
        TooLargeError: the content does not fit.
    """
    if len(content) + 4 > size:
        raise TooLargeError
    return lp(content) + bytes(size - len(content) - 4)


def unpadded(plain: bytes, block: int = PAD_BYTES, size_min: int = 0) -> bytes:
    """The content of P.

    Args:
        size_min: F where P has a fixed size, which was at least that; else 0.

    Raises:
        CorruptRecordError: the padding is not what the format writes.
    """
    size = int.from_bytes(plain[:4], "big") + 4
    whole = size + -size % block
    too_short = size > len(plain) or len(plain) < size_min or len(plain) % block
    if (
        too_short
        or (size_min == 0 and len(plain) != whole)
        or plain.count(0, size) != len(plain) - size
    ):
        raise CorruptRecordError("the padding of the sealed part is wrong")
    return plain[4:size]


def seal_part(key: DataKey, context: bytes, event_type: str, plain: bytes, nonce: bytes) -> bytes:
    """Nonce ‖ ciphertext ‖ tag of the padded `plain`.

    Args:
        context: of the event itself, also for a copy.
        nonce: 12 random bytes, never used before under this key and context.
    """
    scope = _SEAL + context
    cipher = AESGCM(expanded(key.prk, scope))
    return nonce + cipher.encrypt(nonce, plain, scope + lp(event_type.encode()) + key.id)


def open_part(key: DataKey, context: bytes, event_type: str, sealed: bytes) -> bytes:
    """The padded plain text of a sealed part.

    Raises:
        CorruptRecordError: it was not sealed under this key for this event.
    """
    return _opened(key, _SEAL + context, event_type, sealed)


def seal_attached(
    key: DataKey, context: bytes, event_type: str, n: int, content: bytes, nonce: bytes
) -> bytes:
    """The n-th attached document (from 0) sealed, padded to 64 KiB.

    Raises:
        TooLargeError: larger than 16 MiB.
    """
    scope = _ATTACHED + context + u32(n)
    cipher = AESGCM(expanded(key.prk, scope))
    plain = padded(content, ATTACHED_PAD_BYTES, ATTACHED_BYTES_MAX)
    return nonce + cipher.encrypt(nonce, plain, scope + lp(event_type.encode()) + key.id)


def open_attached(key: DataKey, context: bytes, event_type: str, n: int, sealed: bytes) -> bytes:
    """The n-th attached document.

    Raises:
        CorruptRecordError: it was not sealed under this key as this document of this event.
    """
    scope = _ATTACHED + context + u32(n)
    return unpadded(_opened(key, scope, event_type, sealed), ATTACHED_PAD_BYTES)


def _opened(key: DataKey, scope: bytes, event_type: str, sealed: bytes) -> bytes:
    if len(sealed) < OVERHEAD_BYTES:
        raise CorruptRecordError("the sealed part is shorter than a nonce and a tag")
    aad = scope + lp(event_type.encode()) + key.id
    cipher = AESGCM(expanded(key.prk, scope))
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except InvalidTag:
        raise CorruptRecordError("the sealed part does not open under its key") from None
