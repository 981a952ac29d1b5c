"""Exports that were asked for at the doors, made one after the other beside the daily job.

In its process, for no answer depends on it, one core is kept busy by it for as long as a bag takes,
and every ledger that serves has one. A lock of each export lets one process make it.
"""

import logging
import threading
from typing import Final

from api.export_run import Source
from api.exports.maker import Maker, tidy
from api.server.container_opener import opened
from api.server.reasons import is_operators, why
from api.settings import Settings
from api.signed_log import signed_log
from ledger.errors import LedgerError
from ledger.postgres.roles import RoleUrls

LOOK_S: Final = 1.0
"""Seconds between two looks for an export that somebody asked for."""

AGAIN_S: Final = 60.0
"""Seconds until something that passes is met again."""

log: Final = logging.getLogger(__name__)


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
                        stop.wait(LOOK_S)
        except LedgerError as error:
            log.warning("exports wait: %s", why(error))
        except Exception as error:
            log.error(  # noqa: TRY400 -- a traceback only where it tells more
                "exports failed: %s",
                why(error),
                exc_info=None if is_operators(error) else error,
                extra={"error": type(error).__name__},
            )
        stop.wait(AGAIN_S)
