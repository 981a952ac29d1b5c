"""The hash of a set of keys (source, id) that does not depend on their order.

Source: the ledger's reference, "The daily close"; its test vectors.
"""

from hashlib import sha256, shake_256
from typing import Final

BYTES: Final = 384
_SHORT: Final = 1_103_717
_LOW: Final = 2 ** (8 * BYTES) - 1
MODULUS: Final = 2 ** (8 * BYTES) - _SHORT
EMPTY: Final = 1
"""The product of no keys."""
_TAG: Final = b"ppl/id-set/1\x00"


def element(source: str, id_: str) -> int:
    """The number of one key; a set is the product of its keys' numbers, modulo `MODULUS`."""
    message = _TAG + _lp(source.encode()) + _lp(id_.encode())
    return int.from_bytes(shake_256(message).digest(BYTES), "big") % MODULUS


def with_element(product: int, number: int) -> int:
    """The product of a set with one more key: modulo the prime, without a division."""
    product *= number
    for _ in range(2):
        product = (product >> 8 * BYTES) * _SHORT + (product & _LOW)
    return product - MODULUS if product >= MODULUS else product


def hash_of(product: int) -> str:
    """The hash of a set, 64 hex digits."""
    return sha256(product.to_bytes(BYTES, "big")).hexdigest()


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
