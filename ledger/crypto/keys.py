"""The data key: 32 random bytes, an id that commits to them, a class and a day of death.

Source: `docs/reference/event-format.md`, sections 2 and 5.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from ledger.crypto.encoding import extracted, keyed, ledger_prefix, tag

MOVABLE_PARTITION = 0
"""Partition of sealed parts whose key's day of death may move (series, case, link, directive)."""

KEY_CLASSES = frozenset(
    {
        "record",
        "series",
        "link",
        "directive",
        "case",
        "held",
        "exclusion",
        "no-duty",
        "access",
        "register",
        "quarantine",
        "staging",
        "draft",
    }
)
OWNED_CLASSES = frozenset({"series", "link", "directive", "case", "held"})
"""Classes whose keys belong to an object; the others have one per day of death."""
SEVERAL_CLASSES = frozenset({"held"})
"""Those among them of which an object may have several; of the others it has one."""

_KEY_ID = tag("ppl/key-id/1")


def key_id_of(secret: bytes, ledger: str) -> bytes:
    """32 bytes that commit to the key and tell neither its class nor its day."""
    return keyed(secret, _KEY_ID + ledger_prefix(ledger))


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key, unwrapped.

    Attributes:
        id: 32 bytes, commits to the key (event format, section 2).
        secret: the 32 bytes themselves.
        key_class: one of `KEY_CLASSES`.
        day: day of death in Japan; None while its object stands.
        owner: the object of a key that belongs to one (series, link, directive, case, hold), else
            None.
        prk: HKDF-Extract of the secret; kept because every seal needs it.
    """

    id: bytes
    secret: bytes = field(repr=False)
    key_class: str
    day: date | None
    owner: UUID | None = None
    prk: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prk", extracted(self.secret))

    @property
    def partition(self) -> int:
        """Quarter of death as year × 4 + quarter (0–3), or `MOVABLE_PARTITION`."""
        if self.day is None or self.owner is not None:
            return MOVABLE_PARTITION
        return self.day.year * 4 + (self.day.month - 1) // 3


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A data key as the key ring table holds it.

    Attributes:
        epoch: name of the epoch master that wrapped it.
        wrapped: nonce ‖ ciphertext (event format, section 5).
    """

    key_id: bytes
    key_class: str
    day: date | None
    owner: UUID | None
    epoch: str
    wrapped: bytes
