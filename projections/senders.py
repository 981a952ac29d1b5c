"""Whether anybody is known to send for whom no emitter is registered, by what is held now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledger.emitters.emitter import State
from ledger.emitters.heartbeats import Heartbeats
from ledger.emitters.liveness import sends_unregistered
from projections.days import DayReader


@dataclass(frozen=True, slots=True)
class Senders:
    """Looks at the signs of life of sources, and at the days of what is held. Thread-safe."""

    heartbeats: Heartbeats
    days: DayReader

    def unregistered(
        self, emitters: Sequence[State], period: tuple[date | None, date], at: datetime
    ) -> bool:
        """See `ledger.emitters.liveness.sends_unregistered`.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        if not emitters:
            return False
        accepted = self.heartbeats.sources()
        return sends_unregistered(emitters, accepted, self.days.counts_of, period, at)
