"""Sealing of drafts that are never events: quarantined items, staging (event format, section 5).

Same construction as a sealed part, with its own tag, and the draft's id as context.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.crypto.encoding import hkdf, lp
from ledger.crypto.keys import DataKey
from ledger.errors import CorruptRecordError

NONCE_BYTES = 12


def seal_blob(key: DataKey, purpose: str, blob_id: UUID, plain: bytes, *, number: int = 0) -> bytes:
    """`plain`, sealed for `purpose` (`quarantine`, `staging`) under a draft's key.

    Args:
        number: of this writing of the draft, from 1: it opens under this number alone. 0: the
            draft is written once, or was written before drafts had numbers.

    Source: event format, section 2, with `"ppl/<purpose>/1"` in place of `"ppl/seal/1"`.
    """
    context = _context(purpose, blob_id, number)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(hkdf(key.secret, context)).encrypt(nonce, plain, context + lp(key.id))


def open_blob(
    key: DataKey, purpose: str, blob_id: UUID, sealed: bytes, *, number: int = 0
) -> bytes:
    """The inverse of `seal_blob`.

    Raises:
        CorruptRecordError: the bytes are not what was sealed.
    """
    context = _context(purpose, blob_id, number)
    cipher = AESGCM(hkdf(key.secret, context))
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context + lp(key.id))
    except (InvalidTag, ValueError):  # the latter: it is shorter than a nonce
        raise CorruptRecordError("a sealed draft does not open") from None


def _context(purpose: str, blob_id: UUID, number: int) -> bytes:
    if not number:
        return f"ppl/{purpose}/1".encode() + b"\x00" + blob_id.bytes
    return f"ppl/{purpose}/2".encode() + b"\x00" + blob_id.bytes + number.to_bytes(8, "big")
