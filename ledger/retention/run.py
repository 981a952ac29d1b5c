"""One run: days moved, a plan made, what must live on copied, what is due destroyed.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import random_stream
from ledger.format.events import ExpiryPlanned
from ledger.retention import expiry
from ledger.retention.copies import Copies
from ledger.retention.days import NO_RECORD_YEARS, ObjectDays
from ledger.retention.destruction import Destruction
from ledger.retention.expiry_queries import DueKey
from ledger.retention.expiry_write import DestroyedKeys
from ledger.retention.holds_and_cases import HoldsAndCases, OpenCase
from ledger.retention.parts import RunParts
from ledger.retention.plans import ExpiryPlanner, Plans, expiring_today
from ledger.retention.reasons import Reasons
from ledger.store.append import AppendedBatch


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long, within what the law leaves open.

    Attributes:
        window_days: how far ahead a plan looks (0–14).
        no_record_years: see `days.NO_RECORD_YEARS`.
    """

    window_days: int = expiry.WINDOW_DAYS_MAX
    no_record_years: int = NO_RECORD_YEARS


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did.

    Attributes:
        plan: stream of the plan that was made; None when none was.
        planned: what it says.
        days_moved: objects' keys that got another day.
        carried: copies that were made.
        expired: each `records-expired`, in order.
        kept: register keys that are due and still needed.
        unnamed: keys that are due and that no plan of long enough ago names.
        nameless: open cases that name nobody by an identifier; nothing is kept for them.
    """

    plan: UUID | None = None
    position: int | None = None
    planned: ExpiryPlanned | None = None
    days_moved: int = 0
    carried: int = 0
    expired: tuple[DestroyedKeys, ...] = ()
    kept: tuple[bytes, ...] = ()
    unnamed: tuple[bytes, ...] = field(default=())
    nameless: tuple[OpenCase, ...] = ()


class RetentionRun:
    """Plans and expires. Belongs to one thread; one run at a time in a ledger.

    Every method raises `StoreUnavailableError` when the database cannot be reached; a run that was
    cut off is simply made again.
    """

    def __init__(self, parts: RunParts, settings: RetentionSettings | None = None) -> None:
        self._parts = parts
        self._settings = settings or RetentionSettings()
        streams, expiry_queries = parts.streams, parts.expiry_queries
        self.plans = Plans(streams, expiry_queries)
        self._reasons = Reasons(streams, expiry_queries, parts.index)
        self._planning = ExpiryPlanner(streams, parts.sealer, expiry_queries, self._reasons)
        self._copies = Copies(streams, parts.sealer.keys, expiry_queries, self._reasons)
        self._days = ObjectDays(parts, self._reasons, self._copies, self._settings.no_record_years)
        self._destroying = Destruction(parts, self.plans, self._settings.no_record_years)

    def plan(
        self, at: datetime, actor: str, *, confirmed: bool = False, command: UUID | None = None
    ) -> RunReport:
        """Say what will die within the window.

        Args:
            confirmed: a person vouches for the clock after a standstill.
            command: its id; a plan that stands under it already is reported again.

        Raises:
            ClockAheadError: the clock stands further ahead than the log bears out.
        """
        if command is not None and (first := self._planned_before(command)) is not None:
            return first
        self._refresh(at, confirmed=confirmed)
        through = expiry.through(at, self._settings.window_days)
        keeping = self.plans.holds_and_cases()
        moved = self._move_days(keeping, at)
        due = self._parts.expiry_queries.due(through)
        kept = self._planning.retained_keys(due, self.plans)
        going = [key for key in due if key.key_id not in kept]
        before = expiry.named(self.plans.plans(), at)
        event = self._planning.planned(going, keeping, through, before, confirmed=confirmed)
        append = self._planning.sealed(event, at, actor, command or random_stream())
        [result] = self._parts.append([append])
        if not isinstance(result, AppendedBatch):
            raise result
        return RunReport(
            append.events[0].stream,
            result.positions[0],
            event,
            moved,
            kept=tuple(sorted(kept)),
            nameless=keeping.nameless(),
        )

    def preview(self, at: datetime) -> tuple[list[DueKey], ExpiryPlanned]:
        """What a plan made now would say; changes nothing."""
        self.plans.read()
        through = expiry.through(at, self._settings.window_days)
        due = self._parts.expiry_queries.due(through)
        kept = self._planning.retained_keys(due, self.plans)
        going = [key for key in due if key.key_id not in kept]
        before = expiry.named(self.plans.plans(), at)
        keeping = self.plans.holds_and_cases()
        return going, self._planning.planned(going, keeping, through, before, confirmed=False)

    def expire(self, at: datetime, actor: str, *, notice: timedelta = timedelta()) -> RunReport:
        """Destroy what is due and was named at least `notice` ago.

        Raises:
            ClockAheadError: the clock stands further ahead than the log bears out.
            ExpiryDisturbedError: somebody kept appending to what dies; nothing is half-done.
            ProjectionBehindError: the read side has not followed far enough.
        """
        self._refresh(at, confirmed=False)
        keeping = self.plans.holds_and_cases()
        moved = self._move_days(keeping, at)
        today = day_in_japan(at)
        due = self._parts.expiry_queries.due(today)
        kept = self._planning.retained_keys(due, self.plans)
        named = expiry.named(self.plans.plans(), at - notice)
        going = expiring_today(due, today, named, kept)
        unnamed = [key.key_id for key in due if key.key_id not in named]
        carried, expired = self._destroying.planned(
            {key.key_id: key.key_class for key in going}, at, actor
        )
        return RunReport(
            days_moved=moved,
            carried=carried,
            expired=tuple(expired),
            kept=tuple(sorted(kept)),
            unnamed=tuple(unnamed),
        )

    def destroy_restored(self, keys: Collection[bytes], at: datetime, actor: str) -> RunReport:
        """Destroy keys that came back with a restored database, as a deletion run does.

        What must live on, as of the log that came back, is copied first. No plan is asked for: it
        may be lost, so the events have streams of their own. All of the keys die. Nothing is read
        of days: who calls has made sure that these keys were destroyed once.

        Args:
            keys: ids; those that do not stand are passed over.

        Raises:
            ExpiryDisturbedError: a day lies ahead of the clock, or somebody kept appending.
            BrokenWorldError: the epoch masters do not open what must be copied.
        """
        carried, expired = self._destroying.destroy_restored(keys, at, actor)
        return RunReport(carried=carried, expired=tuple(expired))

    def _planned_before(self, command: UUID) -> RunReport | None:
        """What was planned under that command id; None when nothing was."""
        streams = self._parts.streams
        for stream, position in streams.reads.of_command(command):
            event = streams.facts([stream], None)[stream][0].event
            if isinstance(event, ExpiryPlanned):
                self.plans.read()
                return RunReport(
                    stream, position, event, nameless=self.plans.holds_and_cases().nameless()
                )
        return None

    # -- the steps -------------------------------------------------------------------------------

    def _refresh(self, at: datetime, *, confirmed: bool) -> None:
        """Read plans and what keeps, wait for the index, ask whether the clock may be believed."""
        head = self._parts.streams.reads.head()
        self.plans.read()
        plan = expiry.latest_plan(self.plans.plans())
        newest = self._parts.expiry_queries.newest_event_at()
        expiry.check_clock(at, newest, plan and plan.planned_at, confirmed=confirmed)
        self._parts.index.wait(head)

    def _move_days(self, keeping: HoldsAndCases, at: datetime) -> int:
        through = expiry.through(at, self._settings.window_days)
        coming = self._parts.expiry_queries.due(through)
        owned = [key.key_id for key in coming if key.owner is not None]
        rows = [*self._parts.expiry_queries.undated(), *self._parts.expiry_queries.rows(owned)]
        today = day_in_japan(at)
        due = {key.key_id for key in coming if key.owner is None and key.day <= today}
        moved = self._days.moved(rows, due, keeping, at)
        self._copies.keep_spare(keeping.keepers())
        return moved
