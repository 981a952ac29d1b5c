"""Ledgers of which parts are copied and die, and how many transfers are gone, found the slow way.

Headers are true, keys and rows die in a real expiry; nobody opens what is sealed.
"""

import json
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.format.envelope import OpenEvent, SealedEvent, StoredFact
from ledger.format.header import read_header
from ledger.format.json import encoded
from projections.follower import Follower
from projections.months import gone
from projections.progress import serving
from projections.rebuild import rebuild
from projections.verification import IndexDifference, Log, differences
from tests.database import LEDGER_NAME, Database
from tests.store.retained import AT, DUE, Retained, retained

SECRET: Final = LedgerSecret(bytes(32), LEDGER_NAME)
KEYS: Final = 5
_TABLES: Final[dict[str, tuple[LiteralString, ...]]] = {
    "a": (
        "SELECT key_id, month, transfers FROM projections.months_a ORDER BY 1, 2",
        "SELECT position, key_id, month FROM projections.carried_a ORDER BY 1, 2",
        "SELECT month, transfers FROM projections.gone_a ORDER BY 1",
    ),
    "b": (
        "SELECT key_id, month, transfers FROM projections.months_b ORDER BY 1, 2",
        "SELECT position, key_id, month FROM projections.carried_b ORDER BY 1, 2",
        "SELECT month, transfers FROM projections.gone_b ORDER BY 1",
    ),
}


def headers_only(facts: Sequence[StoredFact]) -> list[OpenEvent]:
    return [OpenEvent(fact.position, read_header(fact.header), None) for fact in facts]


def nothing(_streams: Sequence[UUID], _upto: int | None) -> list[OpenEvent]:
    """No transfer can be read here."""
    return []


@dataclass
class Transfer:
    """Where a transfer was recorded, and the last version of its stream."""

    position: int
    stream: UUID
    version: int = 1


@dataclass
class World:
    """A ledger with `KEYS` keys that are due, and its read side.

    Attributes:
        keys: each of another day; `dead` are the numbers of those that died.
        batch_max: events that the follower takes at once.
    """

    kept: Retained
    connection: psycopg.Connection
    batch_max: int = 2_000
    dead: set[int] = field(default_factory=set[int])
    transfers: list[Transfer] = field(default_factory=list[Transfer])

    def __post_init__(self) -> None:
        self.keys = [self.kept.key(DUE - timedelta(days=n)) for n in range(KEYS)]

    # -- what happens --------------------------------------------------------------------------

    def record(
        self, key: int, at: datetime = AT, topic: str = "provision-recorded", count: int = 1
    ) -> Transfer:
        """Record `count` transfers; the last one."""
        streams = [random_uuid() for _ in range(count)]
        events = [self.kept.event(one, 1, self.keys[key], topic, at) for one in streams]
        positions = self.kept.append(*events)
        made = map(Transfer, positions, streams)
        self.transfers += made
        return self.transfers[-1]

    def copy(self, transfer: Transfer, key: int, at: datetime = AT, original: int = 1) -> None:
        """Carry an event of the transfer forward: version 1 recorded it."""
        event = self._next(transfer, key, at, "record-carried-forward")
        header: dict[str, Any] = json.loads(event.header)
        header["copies"] = {"position": transfer.position, "version": original}
        self.kept.append(replace(event, header=encoded(header)))

    def correct(self, transfer: Transfer, key: int, at: datetime = AT) -> None:
        self.kept.append(self._next(transfer, key, at, "transfer-corrected"))

    def expire(self, *keys: int) -> None:
        """Let keys die; the read side must have followed what they seal."""
        self.follow()
        self.kept.expire(*(self.keys[key] for key in keys))
        self.dead |= set(keys)

    def _next(self, transfer: Transfer, key: int, at: datetime, topic: str) -> SealedEvent:
        transfer.version += 1
        return self.kept.event(transfer.stream, transfer.version, self.keys[key], topic, at)

    # -- the read side -------------------------------------------------------------------------

    def follower(self) -> Follower:
        return Follower(
            connect=lambda: psycopg.connect(self.kept.database.urls.projector, autocommit=True),
            facts_after=self.kept.reads.facts_after,
            opened=headers_only,
            carried=nothing,
            bare=nothing,
            secret=SECRET,
            batch_max=self.batch_max,
        )

    def follow(self) -> None:
        self.follower().catch_up(self.connection, self.kept.reads.head())

    def rebuild(self) -> None:
        rebuild(self.follower(), self.connection)

    def differences(self) -> list[IndexDifference]:
        reads = self.kept.reads
        return list(
            differences(self.connection, Log(reads.facts_after, headers_only, nothing), SECRET)
        )

    def told(self) -> dict[str, int]:
        """What the read side tells at the head."""
        self.follow()
        return self.kept.reader.read(gone)

    def tables(self, slot: str | None = None) -> list[list[tuple[object, ...]]]:
        """All rows of a slot, of the serving one unless said otherwise."""
        statements = _TABLES[slot or serving(self.connection)]
        return [self.connection.execute(one).fetchall() for one in statements]

    # -- the slow way --------------------------------------------------------------------------

    def found(self) -> dict[str, int]:
        """Every header and every sealed part that is there are looked at, one by one."""
        with psycopg.connect(self.kept.database.admin) as admin:
            events = admin.execute("SELECT notification_id, state FROM ledger.events").fetchall()
            parts = admin.execute("SELECT position FROM ledger.sealed_parts").fetchall()
        headers: dict[int, dict[str, Any]] = {place: json.loads(state) for place, state in events}
        there = {place for (place,) in parts}
        lost: Counter[str] = Counter()
        for place, header in headers.items():
            if not header["type"].endswith("-recorded"):
                continue
            bearers = {place} | {
                other
                for other, copy in headers.items()
                if copy.get("copies") == {"position": place, "version": 1}
            }
            if not bearers & there:
                at = datetime.strptime(header["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
                lost[(at + timedelta(hours=9)).strftime("%Y-%m")] += 1
        return dict(sorted(lost.items()))


@contextmanager
def world(database: Database, batch_max: int = 2_000) -> Generator[World]:
    with (
        retained(database) as kept,
        psycopg.connect(database.urls.projector, autocommit=True) as connection,
    ):
        yield World(kept, connection, batch_max)
