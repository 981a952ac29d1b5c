"""The steps of a mistake at the desk, and the report that waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.cases.events.mistakes import CaseMistakeReported

ENTRY, WITHDRAWAL, DEATH, CLOSING = "entry", "withdrawal", "death", "closing"
WHATS = (ENTRY, WITHDRAWAL, DEATH, CLOSING)
"""What may be a mistake: that the case was opened, or one of its ends."""
DOUBLE = "double"
CAUSES = (DOUBLE, "wrong_day", "wrong_kind", "wrong_requester", "wrong_person", "other")
"""Why a case should never have been opened."""


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """Say that the case should never have been opened, so that another person may confirm it.

    Attributes:
        cause: code of `CAUSES`.
        replaced_by: the case in which the request goes on; a double has one.
    """

    cause: str
    reason: str
    replaced_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReportEnd:
    """Say that the withdrawal, the death or the closing that stands was put down by mistake."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmMistake:
    """Confirm what another person reported: the case ends, or goes on where it was."""


@dataclass(frozen=True, slots=True)
class DismissMistake:
    """Say that it is none, or take the own report back: the case is as it was."""

    reason: str


MistakeStep = ReportEntry | ReportEnd | ConfirmMistake | DismissMistake


@dataclass(frozen=True, slots=True)
class MistakeReport:
    """A mistake as it was reported, and by whom. It stays with a case that was entered in error."""

    event: CaseMistakeReported
    actor: str
    at: datetime
