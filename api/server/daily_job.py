"""The daily job of retention, in a process of its own, and exports beside it.

Of its own, for a day's destruction may keep an interpreter busy for minutes, and it waits for the
follower meanwhile; when it dies, neither answers nor the read side are touched. Every ledger that
serves has one; a lock in the database lets one of them run, and a stand-by takes over. Exports that
were asked for are made beside it, one after the other: no answer depends on this process, and one
core is kept busy as long as a bag takes. A lock of each export lets one process make it.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from api.problems.refusals import JournalMissingError, RetentionBusyError
from api.resources.exports.export_run import Source
from api.resources.exports.maker import Maker, abandon, tidy
from api.retention import Retention, clock_warning
from api.server.container_opener import opened
from api.server.reasons import is_operators, why
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.clock import day_in_japan
from ledger.errors import (
    ClockAheadError,
    ExpiryDisturbedError,
    LedgerError,
    MastersUnavailableError,
    ProjectionBehindError,
    StoreUnavailableError,
)
from ledger.postgres.roles import RoleUrls

ISSUER: Final = "ledger"
ACTOR: Final = "retention"
"""The job's identity: a name in the keyed hash of an actor."""

AFTER_MIDNIGHT: Final = timedelta(minutes=5)
"""A day begins for the job so long after midnight in Japan: what was under way is recorded then."""

EXPORTS_POLL_S: Final = 1.0
"""Seconds between two looks for an export that somebody asked for."""

EXPORTS_AGAIN_S: Final = 60.0
"""Seconds until something of exports that passes is met again."""

POLL_S: Final = 60.0
"""Seconds between two looks at the clock, and until a hindrance that passes is met again."""

AGAIN_S: Final = 3_600.0
"""Seconds until the job tries again after a refusal that a person must end."""

EXCLUSIONS_HALF_FULL: Final = (
    "what is excluded fills half of its fixed size: raise LEDGER_EXCLUSIONS_KIB in every process"
)

_PASSING: Final = (
    RetentionBusyError,
    StoreUnavailableError,
    ProjectionBehindError,
    ExpiryDisturbedError,
    MastersUnavailableError,
)

log: Final = logging.getLogger(__name__)


class Daily:
    """Plans once a day in Japan, then destroys what is due. Belongs to one thread.

    Args:
        actor: who it is in the log of events, 32 hex digits.
        expires: whether it destroys, or leaves that to a person.
    """

    def __init__(
        self, retention: Retention, now: Callable[[], datetime], actor: str, *, expires: bool
    ) -> None:
        self._retention = retention
        self._now = now
        self._actor = actor
        self._expires = expires
        self._done_on: date | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            stop.wait(self.run_due())

    def run_due(self) -> float:
        """Do the day's work unless it is done; return the seconds until the next look.

        Nothing is raised: what goes wrong is logged, and tried again.
        """
        today = _day(self._now())
        if self._done_on == today:
            return POLL_S
        try:
            is_done = self._work(today)
        except ClockAheadError as error:
            log.error(clock_warning(error))  # noqa: TRY400 -- a refusal has no place to tell
            return AGAIN_S
        except JournalMissingError as error:
            log.error(str(error))  # noqa: TRY400 -- as above
            return AGAIN_S
        except _PASSING as error:
            log.warning("retention waits: %s", why(error))
            return POLL_S
        except Exception as error:
            log.error(  # noqa: TRY400 -- a traceback only where it tells more
                "retention failed: %s",
                why(error),
                exc_info=None if is_operators(error) else error,
                extra={"error": type(error).__name__},
            )
            return AGAIN_S
        if is_done:
            self._done_on = today
        return POLL_S

    def _work(self, today: date) -> bool:
        """The plan of today unless it is made, then what is due: also of a run that was cut off.

        Returns:
            False when there is nothing in the ledger yet: its first plan is made once there is.
        """
        overview = self._retention.overview
        if overview.is_empty:
            return False
        newest = overview.newest_plan()
        if newest is None or _day(newest.planned_at) < today:
            report = self._retention.plan(self._actor)
            assert report.planned is not None, "a plan was made"
            log.info("planned", extra={"keys": len(report.planned.keys)})
        # After the plan: by then the clock may be believed. Before anything dies: the keys of what
        # is excluded do, too.
        if self._retention.repeat_exclusions(self._actor).is_half_full:
            log.warning(EXCLUSIONS_HALF_FULL)
        if not self._expires:
            return True
        report = self._retention.expire(self._actor, window=True)
        log.info(
            "destroyed" if report.expired else "nothing was due",
            extra={
                "keys": sum(len(one.keys) for one in report.expired),
                "events": sum(one.events for one in report.expired),
                "needed": len(report.kept),
            },
        )
        return True


def _day(instant: datetime) -> date:
    return day_in_japan(instant - AFTER_MIDNIGHT)


def leave(*_: object) -> None:
    """End this process at once, whatever it does.

    A run that is cut off is made again, and a transaction that is cut off never happened: so nobody
    waits for the end of a long one. A bag that is being made is begun anew by whoever is next.
    """
    abandon()
    os._exit(0)


def keep(settings: Settings, urls: RoleUrls) -> None:
    """Run the daily job until a signal asks to end.

    Raises:
        SettingsError, OtherSecretError, OtherMastersError: see `opened`.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    never = threading.Event()
    exporting = threading.Thread(
        target=keep_producing, args=(settings, urls, never), name="exports", daemon=True
    )
    exporting.start()
    while True:
        try:
            with opened(settings, urls) as container:
                actor = container.secret.actor(ISSUER, ACTOR)
                retention = container.retention(settings)
                daily = Daily(retention, container.now, actor, expires=settings.retention_expires)
                daily.run(never)
        except LedgerError as error:
            # At the start; once it runs, nothing is raised.
            log.warning("retention waits: %s", why(error))
            never.wait(POLL_S)


def keep_producing(settings: Settings, urls: RoleUrls, stop: threading.Event) -> None:
    """Make what is asked for until `stop` is set. What goes wrong is logged, and tried again."""
    while not stop.is_set():
        try:
            with opened(settings, urls) as container:
                source = Source(container.streams, container.ledger(), container.now)
                maker = Maker(container.exports(), source, signed_log(settings))
                tidy(maker.exports)
                while not stop.is_set():
                    if not maker.make_next():
                        stop.wait(EXPORTS_POLL_S)
        except LedgerError as error:
            log.warning("exports wait: %s", why(error))
        except Exception as error:
            log.error(  # noqa: TRY400 -- a traceback only where it tells more
                "exports failed: %s",
                why(error),
                exc_info=None if is_operators(error) else error,
                extra={"error": type(error).__name__},
            )
        stop.wait(EXPORTS_AGAIN_S)
