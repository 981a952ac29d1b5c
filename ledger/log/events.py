"""The fact that the log goes on under another name, after a loss that nothing brought back."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class LogEpochStarted:
    """An epoch of the log began; this is its first new event. Said in clear but for reason and who.

    Attributes:
        epoch: the number of the one that began, 2 or more.
        origin: of the log that ended; `size` and `root` (32 bytes) of its last checkpoint.
        note: SHA-256 of that checkpoint as it was signed, 32 bytes.
        parted_after: the last position at which ledger and ended log have the same event, 0 if at
            none; None: nobody knows.
        reason: as typed; sealed.
        by: who began it, as typed; sealed.
    """

    TYPE: ClassVar[str] = "log-epoch-started"
    epoch: int
    origin: str
    size: int
    root: bytes
    note: bytes
    parted_after: int | None
    reason: str
    by: str
