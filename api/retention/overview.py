"""What is kept, what is due and what keeps it; nothing here names a person or changes anything."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, cast
from uuid import UUID

from ledger.clock import JAPAN, day_in_japan
from ledger.errors import ClockAheadError, CorruptRecordError, NotFoundError
from ledger.format.events import ExpiredEvent, ExpiryEvent, ExpiryPlanned, Fact
from ledger.holds import hold
from ledger.log.log_root import log_root
from ledger.retention import expiry
from ledger.retention.certificate import (
    CERTIFIED,
    CERTIFIED_TO_ALL,
    Certificate,
    LogTree,
    RetentionPeriods,
    certificate_of,
)
from ledger.retention.expiry_queries import DueKey, ExpiryQueries, MonthCount
from ledger.retention.expiry_write import ExpiryWriter
from ledger.retention.holds_and_cases import OpenCase
from ledger.retention.journal_file import Journal
from ledger.retention.proved_expiries import unproven
from ledger.retention.run import RetentionRun
from ledger.store.connections import Connections
from ledger.streams.streams import Streams
from projections.months import destroyed_counts

UNTOLD: Final = frozenset(("held", "exclusion"))
"""Classes of keys of which those who may not exclude learn no number.

A `held` key says that a hold or a case keeps something: also of a person whose records are all
hidden (Order 11), to whom it is said that there are none.
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """What is kept, what is due, and what keeps it, as of `at`.

    Attributes:
        includes_hidden: whether who looks may know of what is hidden under Order 11; else holds on
            such
            transfers, and keys of the classes `UNTOLD`, are in nothing of this; `counts` is empty.
        plans: oldest first.
        holds: released ones too, oldest first.
        cases: the open ones, oldest first; one without identifiers keeps nothing.
        preview: what a plan made now would say.
        next_keys: the keys that it would name.
        due: every key whose day has come.
        why: reason → how many of the due keys it keeps from being destroyed: `clock_ahead`,
            `journal_missing`, `needed` (register keys), `unnamed` (in no plan), `announced` (named
            less than the window ago), `ready` (the next run destroys them).
        counts: what dies in which month.
        expired: month of recording → transfers of the ledger whose content is gone.
    """

    at: datetime
    includes_hidden: bool
    plans: tuple[expiry.State, ...]
    holds: tuple[hold.State, ...]
    cases: tuple[OpenCase, ...]
    preview: ExpiryPlanned
    next_keys: tuple[DueKey, ...]
    due: tuple[DueKey, ...]
    why: dict[str, int]
    clock_ahead: ClockAheadError | None
    counts: tuple[MonthCount, ...]
    expired: Mapping[str, int]

    @property
    def nameless(self) -> list[OpenCase]:
        """The open cases for which nothing is kept."""
        return [one for one in self.cases if not one.principals]

    @property
    def late_keys(self) -> list[DueKey]:
        """The due keys that should have been destroyed before today."""
        today = day_in_japan(self.at)
        return [key for key in self.due if key.day < today]


@dataclass(frozen=True, slots=True)
class Sources:
    """What is asked beside `RetentionRun`.

    Attributes:
        reader, purger: connections of these roles.
        expiring: of the role purger.
        journal: None: nobody said where it is, and nothing is destroyed.
        periods: what a certificate cites.
    """

    reader: Connections
    purger: Connections
    streams: Streams
    expiry_queries: ExpiryQueries
    expiring: ExpiryWriter
    journal: Journal | None
    ledger: str
    window_days: int
    periods: RetentionPeriods


class RetentionOverview:
    """Answers as of now. Thread-safe; waits for other looks only.

    Args:
        looking: nobody else uses it.
    """

    def __init__(self, run: RetentionRun, sources: Sources, now: Callable[[], datetime]) -> None:
        self._run = run
        self._sources = sources
        self._now = now
        self._lock = threading.Lock()

    @property
    def is_noted(self) -> bool:
        """Whether there is an erasure journal that would note what is destroyed."""
        journal = self._sources.journal
        return journal is not None and journal.exists

    @property
    def is_empty(self) -> bool:
        """Whether the ledger has no event yet: nothing to keep, and no day to bear witness to."""
        return self._sources.streams.reads.head() == 0

    def newest_plan(self) -> expiry.State | None:
        """The newest plan; None when there is none."""
        return expiry.latest_plan(self.plans())

    def plans(self) -> list[expiry.State]:
        """All plans, oldest first."""
        with self._lock:
            self._run.plans.read()
            return self._run.plans.plans()

    def preview(self) -> tuple[list[DueKey], ExpiryPlanned]:
        """What a plan made now would name, and say."""
        with self._lock:
            return self._run.preview(self._now())

    def nameless(self) -> tuple[OpenCase, ...]:
        """The open cases for which nothing is kept, for they name nobody by an identifier."""
        with self._lock:
            self._run.plans.read()
            return self._run.plans.holds_and_cases().nameless()

    def unnamed(self) -> tuple[bytes, ...]:
        """The keys that are due and that no plan names, when it is all that is due."""
        at = self._now()
        with self._lock:
            going, _ = self._run.preview(at)
            named = expiry.named(self._run.plans.plans(), at)
        due = {key.key_id for key in going if key.day <= day_in_japan(at)}
        return () if due & named else tuple(sorted(due))

    def late(self) -> int:
        """How many keys should have been destroyed before today."""
        yesterday = day_in_japan(self._now()) - timedelta(days=1)
        due = {key.key_id for key in self._sources.expiry_queries.due(yesterday)}
        if not due:
            return 0
        going, _ = self.preview()
        return sum(1 for key in going if key.key_id in due)

    def clock_ahead(self) -> ClockAheadError | None:
        """Why nothing is planned or destroyed now; None while the clock may be believed."""
        return self._clock_ahead(self._now(), self.plans())

    def overview(self, *, includes_hidden: bool = True) -> Overview:
        """Everything that is to be known without a person's name.

        Args:
            includes_hidden: whether who looks may know of what is hidden under Order 11.
        """
        at = self._now()
        with self._lock:
            going, preview = self._run.preview(at)
            plans = self._run.plans.plans()
            keeping = self._run.plans.holds_and_cases()
        holds = keeping.holds
        if not includes_hidden:
            hidden = self._sources.streams.hidden({one.transfer for one in holds if one.transfer})
            holds = tuple(one for one in holds if one.transfer not in hidden)
        untold = frozenset[str]() if includes_hidden else UNTOLD
        due = [
            key
            for key in self._sources.expiry_queries.due(day_in_japan(at))
            if key.key_class not in untold
        ]
        named = set(preview.keys)
        ahead = self._clock_ahead(at, plans)
        return Overview(
            at=at,
            includes_hidden=includes_hidden,
            plans=tuple(plans),
            holds=holds,
            cases=keeping.cases,
            preview=preview,
            next_keys=tuple(
                key for key in going if key.key_id in named and key.key_class not in untold
            ),
            due=tuple(due),
            why=self._why(at, due, {key.key_id for key in going}, plans, ahead=ahead is not None),
            clock_ahead=ahead,
            # Beside an export, how many events of records live tells how many of them are hidden.
            counts=tuple(self._sources.expiry_queries.counts_by_month()) if includes_hidden else (),
            expired=self._sources.reader.read(destroyed_counts),
        )

    def _clock_ahead(self, at: datetime, plans: Sequence[expiry.State]) -> ClockAheadError | None:
        plan = expiry.latest_plan(plans)
        newest = self._sources.expiry_queries.newest_event_at()
        try:
            expiry.check_clock(at, newest, plan and plan.planned_at, confirmed=False)
        except ClockAheadError as error:
            return error
        return None

    def _why(
        self,
        at: datetime,
        due: Sequence[DueKey],
        going: set[bytes],
        plans: Sequence[expiry.State],
        *,
        ahead: bool,
    ) -> dict[str, int]:
        named = expiry.named(plans, at)
        long_named = expiry.named(plans, named_before(at, self._sources.window_days))
        noted = self.is_noted
        found: dict[str, int] = {}
        for key in due:
            if key.key_id not in going:
                reason = "needed"
            elif ahead:
                reason = "clock_ahead"
            elif not noted:
                reason = "journal_missing"
            elif key.key_id not in named:
                reason = "unnamed"
            elif key.key_id not in long_named:
                reason = "announced"
            else:
                reason = "ready"
            found[reason] = found.get(reason, 0) + 1
        return found

    def certificate(self, plan: UUID, *, includes_hidden: bool = True) -> Certificate:
        """The deletion certificate of a plan.

        Args:
            includes_hidden: whether who reads it may know of what is hidden under Order 11; else it
                tells no number of events.

        Raises:
            NotFoundError: there is no such plan.
            ExpiredError: the plan's own key is dead.
            CorruptRecordError: an event of its stream says that keys were destroyed, and the ledger
                did not decide it: that is not certified.
        """
        facts = self._sources.streams.facts([plan], None).get(plan, [])
        first = facts[0].event if facts else None
        is_plan = isinstance(first, ExpiryPlanned) or (
            isinstance(first, ExpiredEvent) and first.type == ExpiryPlanned.TYPE
        )
        if not is_plan:
            raise NotFoundError
        prove = self._sources.streams.secret.expiry_proof
        forged = self._sources.reader.read(lambda c: unproven(c, prove))
        for position in {fact.position for fact in facts}.intersection(forged):
            raise CorruptRecordError("this records-expired has no proof", position)
        size = self._sources.streams.reads.head()
        return certificate_of(
            cast("list[Fact[ExpiryEvent | ExpiredEvent]]", facts),
            ledger=self._sources.ledger,
            tree=LogTree(size, log_root(self._sources.reader, size)),
            periods=self._sources.periods,
            counted=CERTIFIED if includes_hidden else CERTIFIED_TO_ALL,
        )


def clock_warning(ahead: ClockAheadError) -> str:
    """What an operator is told of a clock that is not believed."""
    return (
        f"nothing is planned or destroyed: the clock is {ahead.days} days ahead of the newest "
        "event or plan; if the date is right, run `ledger retention plan --confirm-clock`"
    )


def named_before(at: datetime, window_days: int) -> datetime:
    """The end of the day on which a plan must have been made so that the window is over.

    By days: the job does not run at the same second each day.
    """
    last = day_in_japan(at) - timedelta(days=window_days)
    end = datetime.combine(last + timedelta(days=1), time(), JAPAN)
    return min(end - timedelta(milliseconds=1), at)
