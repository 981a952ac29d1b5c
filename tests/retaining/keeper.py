"""A ledger whose days pass: records are kept, planned for, and destroyed.

The clock is the test's. Days pass as they do in service: each day makes its plan, for a plan is
also what bears witness to the clock.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from typing_extensions import override

from api.retention.index import RetentionIndex
from ledger.clock import JAPAN, day_in_japan
from ledger.commands import PlaceHold, ReleaseHold
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.events import HoldPlaced
from ledger.retention.parts import RunParts
from ledger.retention.run import RetentionRun, RunReport
from ledger.service import Sealer
from ledger.store.append import Appender
from tests.database import Database
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside, inside

# A plan at least so often; every day would be as good and slower.
PLAN_DAYS = 2


@dataclass(slots=True)
class Keeper:
    """An `Inside` with its retention."""

    inside: Inside
    retaining: RetentionRun
    transfers: dict[str, UUID] = field(default_factory=dict[str, UUID])
    witnessed: date = date.min

    def on(self, day: date | str) -> None:
        """It is 10:00 in Japan on `day`; over a long time somebody vouches for the clock."""
        wanted = date.fromisoformat(day) if isinstance(day, str) else day
        near = wanted - timedelta(days=PLAN_DAYS)
        if self.inside.head() and self.today < near:
            self.clock_says(near)
            self.inside.follow()
            self.plan(confirmed=True)
        self.every_day_to(wanted)

    def every_day_to(self, day: date | str) -> None:
        """Let days pass until 10:00 in Japan of `day`; each second one makes its plan."""
        wanted = date.fromisoformat(day) if isinstance(day, str) else day
        while self.inside.head() and self.witnessed + timedelta(days=PLAN_DAYS) <= wanted:
            self.clock_says(self.witnessed + timedelta(days=PLAN_DAYS))
            self.plan()
        self.clock_says(wanted)

    def clock_says(self, day: date) -> None:
        """The clock says 10:00 in Japan of `day`, whatever it said before."""
        self.inside.now = datetime.combine(day, time(10), JAPAN).astimezone(UTC)

    @property
    def today(self) -> date:
        return day_in_japan(self.inside.now)

    def record(self, key: str, content: dict[str, Any], mark: int = 0) -> UUID:
        outcome = self.inside.record(key, content, mark)
        assert outcome.status == "recorded"
        if not self.transfers:
            self.witnessed = self.today
        self.transfers[key] = outcome.transfer
        return outcome.transfer

    def sent(self, key: str, *people: str, **changes: object) -> UUID:
        """Record a consented provision of today about `people`, with some members changed."""
        content = data(*people, **{"transferred_on": self.today.isoformat(), **changes})
        return self.record(key, content)

    def plan(self, *, confirmed: bool = False) -> RunReport:
        self.inside.follow()
        report = self.retaining.plan(self.inside.now, ACTOR, confirmed=confirmed)
        self.witnessed = self.today
        return report

    def purge(self) -> RunReport:
        """What a deletion run is in the cases: a plan, then expiry at that instant."""
        self.plan()
        return self.expire()

    def expire(self) -> RunReport:
        self.inside.follow()
        report = self.retaining.expire(self.inside.now, ACTOR)
        self.inside.follow()
        return report

    def hold(self, reason: str, *persons: str, transfer: UUID | None = None) -> UUID:
        who = tuple(person(one) for one in persons)
        command = PlaceHold(random_uuid(), ACTOR, HoldPlaced(reason, transfer, who))
        return self.inside.ledger.hold(command, self.inside.now).stream

    def release(self, hold: UUID) -> None:
        command = ReleaseHold(random_uuid(), ACTOR, hold, "終了")
        self.inside.ledger.release(command, self.inside.now)

    def lives(self, key: str) -> bool:
        """Whether the transfer recorded under `key` can still be read."""
        state = self.inside.house.streams.transfer_state(self.transfers[key])
        assert state is not None
        return state.record is not None

    def living(self) -> set[str]:
        return {key for key in self.transfers if self.lives(key)}


@dataclass(frozen=True, slots=True)
class FollowingIndex(RetentionIndex):
    """The read side of a test: nobody follows the log beside it, so whoever waits follows."""

    follow: Callable[[], object]

    @override
    def wait(self, position: int) -> None:
        del position
        self.follow()


class Notes:
    """The erasure journal of a test: what was intended and what was done."""

    def __init__(self) -> None:
        self.intended: list[tuple[bytes, ...]] = []
        self.positions: list[int] = []

    def intend(self, keys: Sequence[bytes], plan: UUID, at: datetime) -> None:
        del plan, at
        self.intended.append(tuple(keys))

    def settle(self, gone: Sequence[bytes], position: int) -> None:
        del gone
        self.positions.append(position)


def retaining(
    made: Inside, follow: Callable[[], object], index: RetentionIndex | None = None
) -> RetentionRun:
    """The runs of that ledger; whoever waits for the read side calls `follow`, or asks `index`."""
    house = made.house
    parts = RunParts(
        streams=house.streams,
        sealer=Sealer(house.keys, house.secret, house.name),
        append=Appender(house.writer, house.secret.event_mac).append,
        expiry_queries=house.expiry_queries,
        expiring=house.expiring,
        index=index or FollowingIndex(house.histories, house.reader, follow),
        journal=Notes(),
    )
    return RetentionRun(parts)


@contextmanager
def keeper(database: Database) -> Generator[Keeper]:
    with inside(database) as made:
        yield Keeper(made, retaining(made, made.follow))
