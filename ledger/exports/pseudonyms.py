"""Names of persons that say nothing outside one export.

A pseudonym is a keyed hash under a key that is random for each export and thrown away with it: the
same person has one name within a bag and other ones in all others. Bags that share a record can be
joined by it all the same: its position and line are the same in both (0075). No table of persons is
kept, so memory does not grow with them.
"""

from dataclasses import dataclass, field
from typing import Final

from ledger.crypto.encoding import keyed

SEED_BYTES: Final = 32
_PERSON: Final = b"ppl/export/person/1\x00"
_BYTES: Final = 10
"""80 bits: two of a million persons get the same name once in 2 · 10^12 exports."""
# Base32 (RFC 4648, section 6), two characters at a time: each record has a name, and the
# library's function takes longer than both hashes.
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TWO: Final = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS: Final = range(8 * _BYTES - 10, -1, -10)


@dataclass(frozen=True, slots=True)
class ExportPseudonyms:
    """The names of one export.

    Attributes:
        seed: 32 random bytes, never stored.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise ValueError("pseudonyms are made of 32 random bytes")

    def of(self, principal_key: bytes) -> str:
        """The name of who has that principal key (event format, section 4)."""
        number = int.from_bytes(keyed(self.seed, _PERSON + principal_key)[:_BYTES], "big")
        return "".join([_TWO[number >> shift & 1023] for shift in _SHIFTS])
