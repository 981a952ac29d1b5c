"""A hash of a set of transfers' keys that does not depend on their order: two sides compare a day.

Each key (source, id) is a number modulo a prime; the set is their product, and its hash is SHA-256
of the product. So both sides go through their keys once, in any order, and keep 384 bytes; a set
grows by multiplying, and what one side has besides the other is the quotient. To find two sets of
one product is as hard as discrete logarithms modulo the prime.

Source: MuHASH of Bellare and Micciancio, "A New Paradigm for Collision-free Hashing" (1997), with
the prime of Bitcoin Core's MuHash3072; test vectors: `docs/reference/daily-close.md`.
"""

from collections.abc import Iterable
from hashlib import sha256, shake_256
from typing import Final

BYTES: Final = 384
"""Of a product, big-endian."""
_BITS: Final = 8 * BYTES
_SHORT: Final = 1_103_717
_LOW: Final = 2**_BITS - 1
MODULUS: Final = 2**_BITS - _SHORT
EMPTY: Final = 1
"""The product of no keys."""
_TAG: Final = b"ppl/id-set/1\x00"

TransferKey = tuple[str, str]
"""`source` and `id` of a transfer."""


def element(source: str, id: str) -> int:  # noqa: A002 -- the word of the contract
    """The number of one key."""
    expanded = shake_256(_TAG + _lp(source.encode()) + _lp(id.encode())).digest(BYTES)
    return _reduced(int.from_bytes(expanded, "big"))


def joined(*products: int) -> int:
    """The product of sets that have no key in common."""
    whole, *others = products or (EMPTY,)
    for one in others:
        whole = _reduced(whole * one)
    return whole


def product_of(keys: Iterable[TransferKey]) -> int:
    """The product of these keys; each may come once."""
    whole = EMPTY
    for source, id_ in keys:
        whole = _reduced(whole * element(source, id_))
    return whole


def hash_of(product: int) -> str:
    """The hash of a set, 64 hex digits."""
    return sha256(product.to_bytes(BYTES, "big")).hexdigest()


def _reduced(number: int) -> int:
    """The rest modulo the prime of a product of two rests.

    What stands above the low bits counts `_SHORT` times among them, since the prime is that much
    short of a power of two: a third of the time of a division.
    """
    for _ in range(2):
        number = (number >> _BITS) * _SHORT + (number & _LOW)
    return number - MODULUS if number >= MODULUS else number


def _lp(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
