"""Facts about a mistake of the desk: what one person reports, and another confirms or dismisses.

All are sealed under the key of their case.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CaseMistakeReported:
    """Somebody says that the case, or its end, is a mistake; nothing has changed by it yet.

    Attributes:
        what: `entry`, the case should never have been opened; or the end that was put down by
            mistake: `withdrawal`, `death` or `closing`.
        reason: as typed.
        cause: of an entry, a code of `ledger.cases.mistake_steps.CAUSES`.
        replaced_by: of an entry, the case in which the request goes on.
    """

    TYPE: ClassVar[str] = "case-mistake-reported"
    what: str
    reason: str
    cause: str | None = None
    replaced_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class CaseMistakeDismissed:
    """It is no mistake, or the report is taken back; the case is as it was before the report."""

    TYPE: ClassVar[str] = "case-mistake-dismissed"
    reason: str


@dataclass(frozen=True, slots=True)
class CaseEnteredInError:
    """A second person confirmed that the case should never have been opened; this ends it."""

    TYPE: ClassVar[str] = "case-entered-in-error"


@dataclass(frozen=True, slots=True)
class CaseResumed:
    """A second person confirmed that the end was a mistake; the case goes on where it was."""

    TYPE: ClassVar[str] = "case-resumed"


MistakeEvent = CaseMistakeReported | CaseMistakeDismissed | CaseEnteredInError | CaseResumed
