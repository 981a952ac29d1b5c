"""RFC 6962, section 2.1, word by word: slow, recursive, and sharing nothing with the product."""

from collections.abc import Sequence
from hashlib import sha256


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    return subproof(m, entries, whole=True)


def subproof(m: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


def maximal(low: int, entries: Sequence[bytes], known: set[int]) -> list[bytes]:
    """Hashes of the maximal subtrees without a known leaf, left to right."""
    if not known & set(range(low, low + len(entries))):
        return [mth(entries)]
    if len(entries) == 1:
        return []
    k = split(len(entries))
    return [*maximal(low, entries[:k], known), *maximal(low + k, entries[k:], known)]
