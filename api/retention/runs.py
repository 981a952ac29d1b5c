"""Plans and destroys: one run at a time in a ledger, whoever starts it.

A lock in the database keeps the others off: another web process, a stand-by, the command line.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from api.problems.refusals import JournalMissingError, RetentionBusyError
from api.retention.overview import RetentionOverview, Sources, named_before
from ledger.clock import day_in_japan
from ledger.errors import NotPlannedError
from ledger.exclusions.service import DailyExclusions, Exclusions
from ledger.retention.run import RetentionRun, RunReport
from ledger.store.advisory_lock import LeaseLostError


class Retention:
    """Plans and destroys. Thread-safe.

    Args:
        running: nobody else uses it.

    Attributes:
        overview: what may be asked at any time.
    """

    def __init__(
        self,
        running: RetentionRun,
        overview: RetentionOverview,
        sources: Sources,
        now: Callable[[], datetime],
        exclusions: Exclusions,
    ) -> None:
        self.overview = overview
        self._exclusions = exclusions
        self._running = running
        self._sources = sources
        self._now = now
        self._lock = threading.Lock()

    def plan(
        self, actor: str, *, confirmed: bool = False, command: UUID | None = None
    ) -> RunReport:
        """Say what will be destroyed within the window; raises like `RetentionRun.plan`.

        Args:
            confirmed, command: see `RetentionRun.plan`.

        Raises:
            RetentionBusyError: somebody else runs.
        """
        with self._hold_lock():
            at = self._now()
            return self._running.plan(at, actor, confirmed=confirmed, command=command)

    def repeat_exclusions(self, actor: str) -> DailyExclusions:
        """Append today's event of what is excluded under Order 11, unless it stands.

        Raises:
            ClockAheadError: by this clock it would be sealed for another year.
            ExclusionsLostError: what is excluded cannot be read.
        """
        if (ahead := self.overview.clock_ahead()) is not None:
            raise ahead
        return self._exclusions.repeat(self._now(), actor)

    def expire(self, actor: str, *, window: bool = False) -> RunReport:
        """Destroy what is due and was named; raises like `RetentionRun.expire`.

        Args:
            window: only what was named at least the window ago, in days of Japan. Without it a
                person asks, who is told when nothing that is due was named at all.

        Raises:
            JournalMissingError: nobody could tell after a restore what was destroyed.
            NotPlannedError: something is due, and no plan names any of it.
            RetentionBusyError: somebody else runs.
        """
        if not self.overview.is_noted:
            raise JournalMissingError
        with self._hold_lock():
            at = self._now()
            if not window:
                self._check_named()
            self._keep_exclusions(at, actor)
            notice = at - named_before(at, self._sources.window_days) if window else timedelta()
            report = self._running.expire(at, actor, notice=notice)
            self._sources.expiring.drop_empty_partitions(quarter(day_in_japan(at)))
            return report

    def _keep_exclusions(self, at: datetime, actor: str) -> None:
        """What is excluded stands under a key that lives, before one of its keys may die."""
        due = self._sources.expiry_queries.due(day_in_japan(at))
        if any(key.key_class == "exclusion" for key in due) and self.overview.clock_ahead() is None:
            self._exclusions.repeat(at, actor)

    def _check_named(self) -> None:
        # The clock is asked first: who is told to plan would only be refused again.
        if (ahead := self.overview.clock_ahead()) is not None:
            raise ahead
        if keys := self.overview.unnamed():
            raise NotPlannedError(keys)

    @contextmanager
    def _hold_lock(self) -> Generator[None]:
        if not self._lock.acquire(blocking=False):
            raise RetentionBusyError
        try:
            with self._sources.expiring.exclusive_run() as is_alone:
                if not is_alone:
                    raise RetentionBusyError
                yield
        except LeaseLostError:
            raise RetentionBusyError from None
        finally:
            self._lock.release()


def quarter(day: date) -> int:
    """The quarter of `day`, numbered as partitions are (`DataKey.partition`)."""
    return day.year * 4 + (day.month - 1) // 3
