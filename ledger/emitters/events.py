"""Facts about the systems that send transfers, and about the days that they sent completely."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

ItemWhereabouts = Literal["missing", "quarantine", "other_day"]
"""Where a transfer is that its emitter counts to a day and the ledger does not: nowhere, among the
rejected items, or recorded as a transfer of another day."""


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


@dataclass(frozen=True, slots=True)
class MissingTransfer:
    """A transfer that its emitter counts to a day, and the ledger does not."""

    source: str
    id: str
    found: ItemWhereabouts


@dataclass(frozen=True, slots=True)
class DayClosed:
    """The system says which transfers a day had, and the ledger compared them with its own.

    Attributes:
        registration: as in `CoverageDeclared`.
        day: in Japan, on which these transfers were made.
        matches: whether the ledger held these transfers of that day, and no others.
        as_of: up to which position the ledger compared.
        count, id_hash: as the system said (`ledger.emitters.id_set`).
        recorded: how many of the day the ledger held; None where it cannot count them.
        missing, quarantined, other_day: how many of the given ids were found so.
        unnamed: how many the ledger holds besides; None when that cannot be told.
        named: the first of those that were found so, by source and id.
    """

    TYPE: ClassVar[str] = "day-closed"
    registration: Registration
    day: date
    matches: bool
    as_of: int
    count: int
    id_hash: str
    recorded: int | None = None
    missing: int = 0
    quarantined: int = 0
    other_day: int = 0
    unnamed: int | None = None
    named: tuple[MissingTransfer, ...] = ()


EmitterEvent = EmitterRegistered | CoverageDeclared | DayClosed
