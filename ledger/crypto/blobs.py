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


def seal_blob(key: DataKey, purpose: str, blob_id: UUID, plain: bytes) -> bytes:
    """`plain`, sealed for `purpose` (`quarantine`, `staging`) under a draft's key.

    Source: event format, section 2, with `"ppl/<purpose>/1"` in place of `"ppl/seal/1"`.
    """
    context = f"ppl/{purpose}/1".encode() + b"\x00" + blob_id.bytes
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(hkdf(key.secret, context)).encrypt(nonce, plain, context + lp(key.id))


def open_blob(key: DataKey, purpose: str, blob_id: UUID, sealed: bytes) -> bytes:
    """The inverse of `seal_blob`.

    Raises:
        CorruptRecordError: the bytes are not what was sealed.
    """
    context = f"ppl/{purpose}/1".encode() + b"\x00" + blob_id.bytes
    cipher = AESGCM(hkdf(key.secret, context))
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context + lp(key.id))
    except InvalidTag:
        raise CorruptRecordError("a sealed draft does not open") from None
