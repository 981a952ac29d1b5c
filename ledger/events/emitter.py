"""Facts about the systems that send transfers, and about the days that they sent completely."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Registration:
    """A sending system, as the operator describes it.

    Attributes:
        id: a short code; it stays, whatever else changes.
        source: the `source` of its transfers, or what these continue.
        name: in Japanese, as officers read it.
        since: the first day of which its transfers belong into the ledger.
        until: the last one; None while it goes on.
    """

    id: str
    source: str
    name: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EmitterRegistered:
    """A sending system belongs to the ledger as described: at first, renamed, or retired."""

    TYPE: ClassVar[str] = "emitter-registered"
    registration: Registration


@dataclass(frozen=True, slots=True)
class CoverageDeclared:
    """The system says of these days that it sent everything, or that it did not after all.

    Attributes:
        registration: of the system as it stood, so that a declaration outlives the key of the year
            of the registration.
        first_day, last_day: days in Japan, both of them declared.
        complete: False takes back what was declared of these days.
        expected_count: how many transfers of these days there are, when the system counts them.
    """

    TYPE: ClassVar[str] = "coverage-declared"
    registration: Registration
    first_day: date
    last_day: date
    complete: bool = True
    expected_count: int | None = None


EmitterEvent = EmitterRegistered | CoverageDeclared
