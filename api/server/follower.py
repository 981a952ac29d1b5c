"""The follower's process."""

import logging
import signal
import threading

from api.server.container_opener import opened
from api.server.gc_policy import collect_seldom, shorten_switch_interval
from api.settings.settings import Settings
from ledger.postgres.roles import RoleUrls

log = logging.getLogger(__name__)


def follow(settings: Settings, urls: RoleUrls, stop: threading.Event) -> None:
    """Follow the log until `stop` is set or a signal asks to end.

    Raises:
        SettingsError, OtherSecretError, OtherMastersError, StoreUnavailableError: see `opened`.
        BrokenWorldError: an invariant does not hold; the process ends with it.
    """

    def end(*_: object) -> None:
        # In a thread: the signal may have interrupted this very thread in `stop.wait`, where it
        # holds the lock that `stop.set` takes, and both would wait for ever.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with opened(settings, urls) as container:
        log.info("following")
        collect_seldom()
        shorten_switch_interval()
        container.follower().run(stop)
    log.info("followed")
