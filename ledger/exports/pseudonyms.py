"""Names of persons that say nothing outside one export.

A pseudonym is a keyed hash under a key that is random for each export and thrown away with it: the
same person has one name within a bag, other ones in all others, and nobody, not even the ledger,
can tell later who it was. No table of persons is kept, so memory does not grow with them.
"""

import hmac
from base64 import b32encode
from dataclasses import dataclass, field
from typing import Final

SEED_BYTES: Final = 32
_PERSON: Final = b"ppl/export/person/1\x00"
_BYTES: Final = 10
"""80 bits: two of a million persons get the same name once in 2 · 10^12 exports."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
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
        return b32encode(
            hmac.digest(self.seed, _PERSON + principal_key, "sha256")[:_BYTES]
        ).decode()
