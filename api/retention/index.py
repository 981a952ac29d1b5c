"""The read side, as far as keeping needs it: which records speak of whom, and until when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.store.connections import Connections
from projections.histories import Histories
from projections.record_lifetimes import last_days, streams_of

INDEX_SECONDS = 60.0
"""How long a run waits for the read side."""


@dataclass(frozen=True, slots=True)
class RetentionIndex:
    """The read side for retention (`ledger.retention.reasons.PersonIndex`).

    Attributes:
        connections: of the role reader.
    """

    histories: Histories
    connections: Connections

    def wait(self, position: int) -> None:
        """Wait until the read side has reached `position`.

        Raises:
            ProjectionBehindError: it was not reached within `INDEX_SECONDS`.
        """
        self.histories.wait(position, INDEX_SECONDS)

    def streams_of(self, principal_keys: Sequence[bytes]) -> dict[bytes, list[UUID]]:
        """Of each of these persons, all streams with an event that speaks of it; none: absent."""
        return self.connections.read(lambda c: streams_of(c, principal_keys))

    def last_days(self, key_ids: Sequence[bytes]) -> dict[bytes, date | None]:
        """When the last record of those dies whom links and directives under the keys name."""
        return self.connections.read(lambda c: last_days(c, key_ids))


@dataclass(frozen=True, slots=True)
class FollowingIndex(RetentionIndex):
    """The same where nobody follows the log beside it: whoever waits, follows.

    Attributes:
        follow: lets the read side reach a position.
    """

    follow: Callable[[int], None]

    def wait(self, position: int) -> None:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """Let the read side reach `position`."""
        self.follow(position)
