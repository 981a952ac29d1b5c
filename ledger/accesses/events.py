"""Facts about looks: who saw a history, a case, a letter, a transfer, for which case and why."""

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
        reason: why, as typed; sealed. None of a look of the time when none had to be given.
    """

    TYPE: ClassVar[str] = "history-viewed"
    as_of: int
    case: str
    identifiers: tuple[PrincipalRef, ...]
    entries: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentViewed:
    """Somebody looked at a case's file, a letter, a file of a reply, a transfer, or a work list.

    Everything is sealed but the type: which case it was leads to who asked.

    Attributes:
        case: the stream of the case; None of what was not looked at for one.
        what: a code of `ledger.accesses.access.WHAT`.
        number: which reply of the case, 1-based; None of what belongs to no reply.
        document: the name of the file, a code; None where `what` says all.
        reason: why; None when none was given.
        transfer: which transfer; None of everything else.
        case_given: a number as it was given, by somebody who may not know which cases there are;
            there was none then, so `case` is None.
    """

    TYPE: ClassVar[str] = "document-viewed"
    case: UUID | None
    what: str
    number: int | None = None
    document: str | None = None
    reason: str | None = None
    transfer: UUID | None = None
    case_given: str | None = None


AccessEvent = HistoryViewed | DocumentViewed
