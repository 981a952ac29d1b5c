"""What a ledger is sealed with, all of it."""

from dataclasses import dataclass

from ledger.crypto.epoch import EpochMasters


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the ledger is sealed with.

    Attributes:
        secret: the ledger secret, 32 bytes.
        masters: the epoch masters.
    """

    secret: bytes
    masters: EpochMasters
