"""What went out of a case, and where its events stand."""

from dataclasses import dataclass
from datetime import date, datetime

from ledger.cases.events.case import CaseDecided, CaseRefused
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.events.reply import PasswordPosted

Decision = CaseDecided | CaseRefused | CaseMeasuresDecided
"""What a letter answers a request with."""


@dataclass(frozen=True, slots=True)
class EventStamp:
    """Where an event of the case stands, and when it came."""

    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that went out.

    Attributes:
        position: of its dispatch.
        lettered_at: the letter's own date, the instant at which it was submitted.
        changed_since: it was in the post already as the records had changed. No answer tells it:
            without a flag of the case it would tell of an exclusion.
        supplementary: an earlier reply of the case had gone out.
        superseded: a later one has gone out since.
        code: its verification code, as it is printed.
        password_letter: of a reply on a medium, the item of its own that opens it.
    """

    position: int
    decision: Decision
    dispatched_on: date
    item_number: str
    content: bytes
    lettered_at: datetime
    changed_since: bool = False
    supplementary: bool = False
    superseded: bool = False
    delivered_on: date | None = None
    returned: str | None = None
    code: str = ""
    password_letter: PasswordPosted | None = None
