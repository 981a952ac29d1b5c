"""A letter to the principal (or the legal representative) as a value.

Everything a letter prints is in it; the same letter gives the same paper. None of its values may be
made from anything but what is left after exclusion under Order 11.

Source: Act Art. 33(2)(3)(5), 36, 37(1); the published procedure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ledger.cases.letters.contents import (
    Content,
    CorrectionLetter,
    Full,
    Interim,
    MeasureAnswer,
    MeasuresLetter,
    Medium,
    NonDisclosure,
    NotExist,
    Partial,
    Procedural,
    ReceiptNotice,
    Reply,
    Supplement,
)
from ledger.cases.letters.lines import PROVIDED, ReplyLine
from ledger.law.procedure.tables import DeskAddress

_VERIFICATION_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4}")
_CASE_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{0,31}")


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a letter goes.

    Attributes:
        postal_code: empty when it is not known.
        represents: the principal's name, where the addressee is the legal representative.
    """

    postal_code: str
    address: str
    name: str
    represents: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """The business operator, and the desk for questions and complaints (Order 10)."""

    name: str
    address: str
    representative: str
    desk: DeskAddress


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """What was asked.

    Attributes:
        form: title of the form that arrived.
        medium: None when the form states none.
        first_day: of the period asked for; None: from the beginning.
        last_day: None: to the day of the search.
        about: kind of the request (`ledger.law.requests`); None for records of provision.
    """

    arrived_on: date
    form: str
    provided: bool = True
    received: bool = True
    medium: Medium | None = None
    first_day: date | None = None
    last_day: date | None = None
    about: str | None = None

    def __post_init__(self) -> None:
        if not self.provided and not self.received:
            raise ValueError("a request asks for one side at least")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("the period ends before it begins")


@dataclass(frozen=True, slots=True)
class SearchInstant:
    """When the records were searched, and the ledger's head at that instant.

    Attributes:
        coverage: on whose declarations the completeness rests (`ledger.cases.letters.coverage`),
        sentence
            by sentence; it depends on position and period, never on the person.
    """

    at: datetime
    position: int
    coverage: tuple[str, ...] = ()


_WITHOUT_SEARCH = (
    Procedural,
    CorrectionLetter,
    ReceiptNotice,
    Interim,
    MeasuresLetter,
    MeasureAnswer,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter.

    Attributes:
        at: the letter's own date, an instant; nothing in the file tells when it was printed.
        case_number: as the desk writes it, `[0-9A-Z-]`.
        verification_code: five groups of four of Crockford's base 32. Of a letter with a salt it
            is bound to the rest (`ledger.cases.letters.codes`); of others it is random, 100 bits.
        search: None where no search was made; then the kind of letter says so.
        kinds: scheme → what it is called, of the identifiers in the lines; None: by their codes,
            as letters called them before.
        log: name of the operator's log (of its first epoch), where it is signed.
        code_salt: 16 bytes in hex that keep the code from being guessed; it is not printed. None:
            the letter has no code to be scanned.
        wording: `ledger.cases.letters.words.WORDING` when it was made; None: the first wording.
    """

    at: datetime
    case_number: str
    verification_code: str
    addressee: Addressee
    issuer: Issuer
    asked: RequestSummary
    search: SearchInstant | None
    content: Content
    kinds: Mapping[str, str] | None = None
    log: str | None = None
    code_salt: str | None = None
    wording: int | None = None

    def __post_init__(self) -> None:
        if not _CASE_NUMBER.fullmatch(self.case_number):
            raise ValueError("a case number has 1 to 32 characters of [0-9A-Z-]")
        if not _VERIFICATION_CODE.fullmatch(self.verification_code):
            raise ValueError("a verification code has five groups of four of Crockford's base 32")
        if (self.search is None) != isinstance(self.content, _WITHOUT_SEARCH):
            raise ValueError("a letter tells of a search exactly when one was made")
        for line in self.lines:
            if not (self.asked.provided if line.side == PROVIDED else self.asked.received):
                raise ValueError("a line of a side that was not asked for")

    @property
    def reply(self) -> Reply | None:
        """What the search ended with; None for a letter that tells no result."""
        content = self.content.reply if isinstance(self.content, Supplement) else self.content
        is_reply = isinstance(content, Full | Partial | NonDisclosure | NotExist)
        return content if is_reply else None

    @property
    def lines(self) -> tuple[ReplyLine, ...]:
        """Every disclosed record, unfolded."""
        return self.reply.lines if isinstance(self.reply, Full | Partial) else ()
