"""Facts about looks: who saw a history, a case file or a letter, under which case and why."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class HistoryViewed:
    """Somebody looked at a person's history, under which case and why.

    Attributes:
        as_of: position of the answer.
        case: the reference of the case, as typed; sealed.
        identifiers: what was asked for; sealed.
        entries: how many entries were shown, after exclusion; sealed.
        reason: why, as typed; sealed. None when none was given.
    """

    TYPE: ClassVar[str] = "history-viewed"
    as_of: int
    case: str
    identifiers: tuple[PrincipalRef, ...]
    entries: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentViewed:
    """Somebody looked at a case's file, at a letter of it, or fetched a file of its reply.

    Everything is sealed but the type: which case it was leads to who asked.

    Attributes:
        case: the stream of the case.
        what: a code of `ledger.access.WHAT`.
        number: which reply of the case, 1-based; None of what belongs to no reply.
        document: the name of the file, a code; None where `what` says all.
        reason: why, as typed; None when none was given.
    """

    TYPE: ClassVar[str] = "document-viewed"
    case: UUID
    what: str
    number: int | None = None
    document: str | None = None
    reason: str | None = None


AccessEvent = HistoryViewed | DocumentViewed
