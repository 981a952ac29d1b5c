"""How the sending systems cover a period: for the API's door and for the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.problems import as_of_beyond
from api.services import Services
from ledger.application import Ledger
from ledger.clock import day_in_japan
from ledger.coverage import Statement
from ledger.emitter import State, coverage_of
from ledger.liveness import Accepted, Heard, heard, strangers
from ledger.log_epochs import beyond_head


@dataclass(frozen=True, slots=True)
class Look:
    """What is told about coverage.

    Attributes:
        position: as of which `statement` is made.
        heard: the emitters to be told of, each with when it was heard of.
        quarantine: how many rejected items wait.
    """

    statement: Statement
    position: int
    heard: Sequence[tuple[State, Heard]]
    strangers: Sequence[Accepted]
    quarantine: int


def look_at(
    ledger: Ledger,
    inside: Services,
    at: datetime,
    period: tuple[date | None, date],
    as_of: int | None,
    *,
    sees_all: bool,
) -> Look:
    """How the emitters cover a period, and who of them is heard of.

    Args:
        period: its first day (None: from the start) and its last one, which is over.
        as_of: the position of the statement; None: as of now.
        sees_all: whether rejected items that were sent with a mark under Order 11 are counted.

    Raises:
        AsOfBeyondHeadError: the log has not grown so far.
    """
    head = ledger.streams.reads.head()
    if as_of is not None and as_of > head:
        raise as_of_beyond(beyond_head(ledger.streams, as_of, head))
    first, last = period
    position = head if as_of is None else as_of
    statement = coverage_of(ledger.emitters(position), first, last)
    known = ledger.emitters()
    beats, accepted = inside.signs.beats(), inside.signs.sources()
    hours = inside.settings.emitter_late_hours
    concerned = {share.emitter for share in statement.shares}
    today = day_in_japan(at)
    return Look(
        statement,
        position,
        [
            (one, heard(one, beats, accepted, at, hours))
            for one in sorted(known, key=lambda one: one.id)
            if one.id in concerned or one.stands_on(today)
        ],
        strangers(known, accepted),
        inside.quarantine.waiting(sees_all=sees_all),
    )
