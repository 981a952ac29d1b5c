"""How far what others do for the log is behind it: told, as numbers and in words, and no failure.

What is known comes from the files that they signed, so every web process tells the same.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from ledger.errors import CorruptRecordError
from projections.log.errors import CheckpointPendingError
from projections.log.signed_log import SignedLog

SAMPLED_S: Final = 5.0
"""Seconds between two looks."""

LATE_S: Final = 900.0
"""Seconds beyond those between two tries, without progress, after which `/health/ready` tells too.

Not sooner: it is public, and would tell who watches when something was recorded."""

WITNESSES: Final = "witnesses"
TIME_STAMPS: Final = "time_stamps"


class Behind:
    """Since when something does not get on with its backlog.

    Args:
        seconds: without progress that are no sign of anything.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._reached = -1
        self._since: float | None = None

    def note_progress(self, reached: int, size: int, at: float) -> None:
        """Note how far it is, of how much, at a moment of a clock that never goes back."""
        if reached >= size:
            self._since = None
        elif self._since is None or reached != self._reached:
            self._since = at
        self._reached = reached

    def is_late(self, at: float) -> bool:
        """Whether nothing got on for longer than that, and `LATE_S`."""
        return self._since is not None and at - self._since >= self._seconds + LATE_S


class BacklogWatch:
    """Looks again and again at the files of the log.

    Args:
        seconds: between two tries, of the witnesses and of time stamps.
        moment: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        signed: SignedLog,
        registry: CollectorRegistry,
        seconds: tuple[float, float],
        moment: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signed = signed
        self._moment = moment
        self._behind = dict(zip((WITNESSES, TIME_STAMPS), map(Behind, seconds), strict=True))
        self._size = Gauge(
            "ledger_log_checkpoint_size", "Events in the newest checkpoint", registry=registry
        )
        self._known = Gauge(
            "ledger_log_known",
            "1 when the last look at the log's files succeeded",
            registry=registry,
        )
        if signed.authority is not None:
            self._stamped = Gauge(
                "ledger_log_stamped_size",
                "Events in the newest checkpoint that bears a time stamp",
                registry=registry,
            )
            self._stamped_at = Gauge(
                "ledger_log_stamped_timestamp_seconds",
                "When that checkpoint was stamped, as the authority says; 0: never",
                registry=registry,
            )
        if signed.policy is None:
            return
        self._cosigned = Gauge(
            "ledger_log_cosigned_size",
            "Events in the newest checkpoint that enough witnesses cosigned",
            registry=registry,
        )
        self._cosigned_at = Gauge(
            "ledger_log_cosigned_timestamp_seconds",
            "When the newest cosignature under it was made, as the witness says; 0: never",
            registry=registry,
        )
        self._by = Gauge(
            "ledger_log_witness_size",
            "Events in the newest checkpoint that this witness cosigned",
            ("witness",),
            registry=registry,
        )

    def sample(self) -> None:
        """Bring the numbers up to date."""
        try:
            _, newest = self._signed.published()
            self._size.set(newest.size)
            self._measure_witnesses(newest.size)
            self._measure_stamps(newest.size)
        except (CheckpointPendingError, CorruptRecordError, OSError):
            self._known.set(0)
        else:
            self._known.set(1)

    def late(self) -> tuple[str, ...]:
        """What has a backlog and has not got on for long."""
        at = self._moment()
        return tuple(name for name, behind in self._behind.items() if behind.is_late(at))

    def keep_counting(self, stop: threading.Event) -> None:
        """Sample until `stop` is set; to run in a thread."""
        while True:
            self.sample()
            if stop.wait(SAMPLED_S):
                return

    def _measure_witnesses(self, size: int) -> None:
        cosigned = self._signed.cosigned
        if cosigned is None:
            return
        newest = cosigned.newest()
        reached = 0 if newest is None else newest.checkpoint.size
        self._cosigned.set(reached)
        self._cosigned_at.set(0 if newest is None else newest.seconds)
        if cosigned.policy.quorum is not None:
            done = -1 if newest is None else reached
            self._behind[WITNESSES].note_progress(done, size, self._moment())
        for witness in cosigned.policy.witnesses.values():
            seen = cosigned.by(witness)
            self._by.labels(witness.display_name).set(0 if seen is None else seen.checkpoint.size)

    def _measure_stamps(self, size: int) -> None:
        stamped = self._signed.stamped
        if stamped is None:
            return
        newest = stamped.newest()
        reached = -1 if newest is None else newest.checkpoint.size
        self._stamped.set(max(reached, 0))
        self._stamped_at.set(0 if newest is None else newest.at.timestamp())
        self._behind[TIME_STAMPS].note_progress(reached, size, self._moment())
