"""What dies and what lives, as the questions of `ledger.retention.expiry_queries` answer it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DueKey:
    """A key whose day has come, and how much dies with it.

    Attributes:
        events: sealed events, or quarantined items.
        lookups: rows that find a stream.
    """

    key_id: bytes
    key_class: str
    day: date
    owner: UUID | None
    events: int
    lookups: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How much of a class dies in a month.

    Attributes:
        month: its first day; None: no day is known yet.
        events: sealed events, or quarantined items.
    """

    key_class: str
    month: date | None
    keys: int
    events: int


@dataclass(frozen=True, slots=True)
class LivePart:
    """An event whose sealed part can still be opened, and its key.

    Attributes:
        day: when that key dies; None when nobody knows yet.
    """

    position: int
    version: int
    topic: str
    key_id: bytes
    key_class: str
    day: date | None
    owner: UUID | None


@dataclass(frozen=True, slots=True)
class CopyKey:
    """A key of copies that were made for a hold or a case.

    Attributes:
        day: when it dies; None while nothing says so.
        owner: the stream of the hold or the case.
        is_used: whether anything is sealed under it.
    """

    key_id: bytes
    day: date | None
    owner: UUID
    is_used: bool


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The newest event of a disclosure case: its version, and its type in clear."""

    stream: UUID
    version: int
    topic: str


@dataclass(frozen=True, slots=True)
class RecordEnd:
    """What the header of a record says of its end.

    Attributes:
        retain_through: None while the period was open, and where there is no duty.
        duty: `none` where the law asks for no record.
    """

    retain_through: date | None
    recorded_on: date
    duty: str


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What the headers under the key of a series, or of an open period, say in clear.

    Attributes:
        ends: of the records, each once. Events that are no records (the series' own) have none.
        newest_at: instant of the newest event; None when there is none.
        events: how many there are.
    """

    ends: frozenset[RecordEnd]
    newest_at: datetime | None
    events: int
