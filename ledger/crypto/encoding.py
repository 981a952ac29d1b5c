"""What formulas are made of: length prefixes, integers, HMAC, HKDF, the context of an event.

Source: `docs/reference/event-format.md`, Notation and section 2; RFC 2104, RFC 5869.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID

LEDGER_BYTES_MAX = 100
_NO_SALT = bytes(32)
_BLOCK_BYTES: Final = 64
INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
"""Each byte as the inner, and as the outer hash of HMAC takes it (RFC 2104)."""
# Version and variant of RFC 9562, section 5.8, and every bit but theirs.
_UUID8: Final = 0x8 << 76 | 0x2 << 62
_UUID_FREE: Final = (1 << 128) - 1 & ~(0xF << 76 | 0x3 << 62)


def lp(content: bytes) -> bytes:
    """Length of `content` as u32, then `content`."""
    return len(content).to_bytes(4, "big") + content


def u32(number: int) -> bytes:
    """4 bytes, big-endian."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """8 bytes, big-endian."""
    return number.to_bytes(8, "big")


def tag(text: str) -> bytes:
    """A quoted string of a formula: its ASCII bytes and one 0x00."""
    return text.encode("ascii") + b"\x00"


@lru_cache(maxsize=64)
def ledger_prefix(ledger: str) -> bytes:
    """lp(ledger), of a name that may stand in headers and in the origin of a checkpoint.

    Raises:
        ValueError: the name is empty, longer than 100 bytes, or holds a control character, a
            space, `"`, `+`, `/` or a backslash.
    """
    name = ledger.encode()
    if not 0 < len(name) <= LEDGER_BYTES_MAX or any(c in ' "+/\\\x7f' or c < " " for c in ledger):
        raise ValueError("a ledger's name has 1 to 100 bytes and no space, control, \" + / or \\")
    return lp(name)


def context(ledger: str, stream: UUID, version: int) -> bytes:
    """What binds a seal or a commitment to one event: lp(ledger) ‖ stream ‖ u64 version."""
    return ledger_prefix(ledger) + stream.bytes + u64(version)


def uuid8(content: bytes) -> UUID:
    """UUIDv8 of the first 16 bytes: version and variant bits set, the rest as it is."""
    return UUID(int=int.from_bytes(content[:16], "big") & _UUID_FREE | _UUID8)


def keyed(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes.

    Two hashes, as RFC 2104 has it: the library's `hmac.digest` looks up HMAC and SHA-256 by their
    names at each call, a third of its time. A transfer takes seven.
    """
    if len(key) > _BLOCK_BYTES:
        key = sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    inner = sha256(key.translate(INNER) + message).digest()
    return sha256(key.translate(OUTER) + inner).digest()


def pads(key: bytes) -> tuple[bytes, bytes]:
    """What stands before the message in the inner and in the outer hash of `keyed`, 64 bytes each.

    For whoever takes many hashes: a call of `keyed` costs as much again as one of its two.

    Args:
        key: of 64 bytes at most.
    """
    whole = key.ljust(_BLOCK_BYTES, b"\0")
    return whole.translate(INNER), whole.translate(OUTER)


def extracted(key: bytes) -> bytes:
    """HKDF-Extract without a salt: the pseudorandom key that `expanded` takes."""
    return keyed(_NO_SALT, key)


def expanded(prk: bytes, info: bytes) -> bytes:
    """HKDF-Expand of what `extracted` gave, to 32 bytes."""
    return keyed(prk, info + b"\x01")


def hkdf(key: bytes, info: bytes) -> bytes:
    """32 bytes from `key`, other ones for each `info`: RFC 5869 with SHA-256 and no salt."""
    return expanded(extracted(key), info)
