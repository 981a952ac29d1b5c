"""Salts and commitments of a statement and of lines: one opens without helping to another.

Source: `docs/reference/event-format.md`, section 3.
"""

from collections.abc import Sequence
from hashlib import sha256

from ledger.crypto.encoding import INNER, OUTER, keyed, pads, tag, u32

STATEMENT = b"\x00"
LINE = b"\x01"

_SALT = tag("ppl/salt/1")
_COMMITMENT = tag("ppl/commitment/1")
_STATEMENT_PLACE = STATEMENT + u32(0)


def statement_salt(salt_key: bytes, context: bytes) -> bytes:
    """The salt of the event's statement, 32 bytes."""
    return keyed(salt_key, _SALT + context + _STATEMENT_PLACE)


def line_salt(salt_key: bytes, context: bytes, j: int) -> bytes:
    """The salt of line `j` (0-based, in this event), 32 bytes."""
    return keyed(salt_key, _SALT + context + LINE + u32(j))


def statement_commitment(salt: bytes, context: bytes, statement: bytes) -> bytes:
    """What the header says of the statement, 32 bytes. `context` is the committing event's."""
    place = _COMMITMENT + context + _STATEMENT_PLACE
    return keyed(salt, place + len(statement).to_bytes(4, "big") + statement)


def line_commitment(salt: bytes, context: bytes, j: int, line: bytes) -> bytes:
    """The entry of line `j` in the tree of `lines.root`, 32 bytes."""
    place = _COMMITMENT + context + LINE + u32(j)
    return keyed(salt, place + len(line).to_bytes(4, "big") + line)


def line_leaves(salt_key: bytes, context: bytes, lines: Sequence[bytes]) -> list[bytes]:
    """Leaf hashes of the tree of `lines.root`, in order. The whole event at once, for speed."""
    # As `line_salt` and `line_commitment`, with the two hashes of HMAC written out: six a line are
    # nearly all there is to it, and calls around them would cost half as much again.
    inner, outer = pads(salt_key)
    inner += _SALT + context + LINE
    # A salt has 32 bytes; HMAC fills its key up to 64.
    within = bytes(32).translate(INNER) + _COMMITMENT + context + LINE
    around = bytes(32).translate(OUTER)
    leaves: list[bytes] = []
    for j, line in enumerate(lines):
        number = j.to_bytes(4, "big")
        salt = sha256(outer + sha256(inner + number).digest()).digest()
        text = salt.translate(INNER) + within + number + len(line).to_bytes(4, "big") + line
        commitment = sha256(salt.translate(OUTER) + around + sha256(text).digest()).digest()
        leaves.append(sha256(b"\x00" + commitment).digest())
    return leaves
