"""Facts about a hold: it was placed, and released."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """Records must not be destroyed while this stands (a suit, an inquiry of the Commission).

    Attributes:
        reason: as typed; sealed.
        transfer: the transfer that is held; None when persons are.
        principals: identifiers whose records are held, those linked to them included.
        reference: number of the suit or inquiry, as typed; sealed.
    """

    TYPE: ClassVar[str] = "hold-placed"
    reason: str
    transfer: UUID | None = None
    principals: tuple[PrincipalRef, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """The hold ends; what only it kept dies on the day after."""

    TYPE: ClassVar[str] = "hold-released"
    reason: str


HoldEvent = HoldPlaced | HoldReleased
