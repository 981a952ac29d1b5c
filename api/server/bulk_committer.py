"""The process that records bulk transfers whose parts are whole, one after the other.

Of its own, for the commit of a million persons keeps an interpreter busy for a minute, and whoever
sends single transfers must not wait for it. Every ledger that serves has one; a lock of each bulk
transfer lets one of them record it, and the next one goes on where it was killed.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from api.server.container_opener import opened
from api.server.gc_policy import collect_seldom, shorten_switch_interval
from api.server.reasons import why
from api.settings.settings import Settings
from ledger.errors import (
    LedgerError,
    MastersUnavailableError,
    NotFoundError,
    StoreUnavailableError,
)
from ledger.postgres.roles import RoleUrls
from ledger.transfers.bulk.errors import BulkRunsError
from ledger.transfers.bulk.transfers import BulkTransfers

POLL_S: Final = 0.1
"""Seconds between two looks for a bulk transfer whose commit has begun."""

AGAIN_S: Final = 30.0
"""Seconds until one that could not be recorded is tried again."""

GONE_S: Final = 1.0
"""Seconds until a database is looked for again that cannot be reached."""

_NICE: Final = 5
"""Whoever takes transfers in, and the follower that makes this one visible, go before."""

_PASSING: Final = (StoreUnavailableError, MastersUnavailableError)

log: Final = logging.getLogger(__name__)


class Committer:
    """Carries out what was begun. Belongs to one thread."""

    def __init__(self, bulk: BulkTransfers, now: Callable[[], datetime]) -> None:
        self._bulk = bulk
        self._now = now
        self._due: dict[UUID, float] = {}

    def commit_due(self) -> bool:
        """Record all that are begun and due; whether there was one that was recorded.

        Raises:
            StoreUnavailableError, MastersUnavailableError: try again later.
        """
        done = False
        for bulk in self._bulk.started_commits(self._now()):
            if time.monotonic() >= self._due.get(bulk, 0.0):
                done |= self._commit(bulk)
        return done

    def ahead(self) -> bool:
        """Do a little of what a commit would do; whether there was some.

        Raises:
            StoreUnavailableError, MastersUnavailableError: try again later.
        """
        return self._bulk.ahead(self._now())

    def _commit(self, bulk: UUID) -> bool:
        try:
            result = self._bulk.commit(bulk, self._now())
        except (BulkRunsError, NotFoundError):
            return False  # somebody else records it, or its days are over
        except _PASSING:
            raise
        except Exception as error:
            # Those behind it must not wait for it.
            self._due[bulk] = time.monotonic() + AGAIN_S
            log.error(  # noqa: TRY400 -- a traceback only where it tells more
                "a bulk transfer could not be recorded; it is tried again: %s",
                why(error),
                exc_info=None if isinstance(error, LedgerError) else error,
                extra={"error": type(error).__name__},
            )
            return False
        self._due.pop(bulk, None)
        log.info(
            "a bulk transfer is done",
            extra={"status": result.outcome.status, "count": result.persons},
        )
        return True


def cut_off(*_: object) -> None:
    """End this process at once: whoever is next goes on where it was."""
    os._exit(0)


def commit(settings: Settings, urls: RoleUrls) -> None:
    """Record what is begun until a signal asks to end; what goes wrong is logged, and tried again.

    Raises:
        SettingsError, OtherSecretError, OtherMastersError: see `opened`.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, cut_off)
    os.nice(_NICE)
    last_reason = ""
    while True:
        try:
            with opened(settings, urls) as container:
                collect_seldom()
                shorten_switch_interval()
                committer = Committer(container.bulk(), container.now)
                while True:
                    if not committer.commit_due() and not committer.ahead():
                        time.sleep(POLL_S)
                    last_reason = ""
        except LedgerError as error:
            if why(error) != last_reason:  # once, however long it lasts
                last_reason = why(error)
                log.warning("bulk transfers wait: %s", last_reason)
        time.sleep(GONE_S)
