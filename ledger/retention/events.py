"""Facts about keeping and letting go: copies, plans, expiries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

EXPIRY_COUNTS = ("cases", "events", "holds", "keys", "lookups")
"""What an expiry counts, in clear: held back by cases and holds; events, keys, lookups that die."""


@dataclass(frozen=True, slots=True)
class RecordCarriedForward:
    """A sealed event of this stream was copied under a key that lives longer.

    It says nothing of its own: the fold puts what it carries at the original's position.

    Attributes:
        position: of the original, never of a copy.
        version: of the original in this stream.
    """

    TYPE: ClassVar[str] = "record-carried-forward"
    position: int
    version: int


@dataclass(frozen=True, slots=True)
class ExpiryPlanned:
    """What will die, said beforehand.

    Attributes:
        through: the plan names every key whose day of death is this day or earlier; sealed.
        keys: ids of the keys that die, sorted; sealed.
        holds: streams of the holds that keep something back; sealed.
        cases: streams of the open cases that keep something back; sealed.
        counts: name of `EXPIRY_COUNTS` → number, in clear.
        confirmed: somebody vouched for a clock that no late event bears out; sealed.
    """

    TYPE: ClassVar[str] = "expiry-planned"
    through: date
    keys: tuple[bytes, ...]
    holds: tuple[UUID, ...]
    cases: tuple[UUID, ...]
    counts: Mapping[str, int]
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RecordsExpired:
    """The keys are destroyed, and with them what they sealed.

    Attributes:
        keys: ids of the keys, sorted, at most 32; in clear.
        counts: name of `EXPIRY_COUNTS` → number, in clear.
    """

    TYPE: ClassVar[str] = "records-expired"
    keys: tuple[bytes, ...]
    counts: Mapping[str, int]


ExpiryEvent = ExpiryPlanned | RecordsExpired
