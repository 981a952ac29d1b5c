"""What must pass before the ledger is ready, and the words for what does not."""

import logging
from typing import Final

from api.container import Container
from api.resources.health.endpoints import Check
from api.server.container_opener import check_keys
from api.server.control_pipe import Tell
from api.server.key_ring_check import RingSample
from api.server.lag import LagWatch
from api.server.reasons import is_operators, why
from api.settings import Settings

log: Final = logging.getLogger(__name__)


def checks(container: Container, watch: LagWatch, settings: Settings) -> dict[str, Check]:
    """What must pass for `/health/ready`: both sides of the store, the keys, the read side."""
    sample = RingSample(container.writer, container.now)
    return {
        "database": lambda: (
            container.reads.head(),
            container.writer.read(lambda c: c.execute("SELECT")),
        ),
        "key_ring": lambda: check_keys(container, sample),
        "projection": lambda: watch.check(settings.projection_lag_s_max),
    }


class TellingCheck:
    """A check that says why it fails whenever the reason is another one than before."""

    def __init__(self, name: str, check: Check, tell: Tell) -> None:
        self._name = name
        self._check = check
        self._tell = tell
        self._why: str | None = None

    def __call__(self) -> None:
        """Pass, or raise what the check raises."""
        try:
            self._check()
        except Exception as error:
            self._change(why(error), error)
            raise
        self._change(None, None)

    def _change(self, reason: str | None, error: Exception | None) -> None:
        if reason == self._why:
            return
        self._why = reason
        self._tell(self._name, reason)
        if reason is None:
            log.info("the check passes again", extra={"check": self._name})
        else:
            # A sentence of ours: errors of the ledger hold no personal data, others give a name.
            told = error is None or is_operators(error)
            log.warning(
                reason,
                exc_info=None if told else error,
                extra={"check": self._name, "error": type(error).__name__},
            )
