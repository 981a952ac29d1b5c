"""What a ledger is sealed with, all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.crypto.epoch import EpochMasters


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the ledger is sealed with.

    Attributes:
        secret: the ledger secret, 32 bytes.
        masters: the epoch masters.
        persons: scheme and identifier in its normal form → principal key that another secret made:
            whom an audit bag names.
    """

    secret: bytes
    masters: EpochMasters
    persons: Mapping[tuple[str, str], bytes] = field(default_factory=dict[tuple[str, str], bytes])
