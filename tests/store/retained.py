"""A ledger with keys of several days, events under them, and whoever asks, plans and destroys."""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import psycopg

from ledger.crypto.keys import MOVABLE_PARTITION
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.encoder import seal
from ledger.format.envelope import Append, EventDraft, KeyRow, LookupRow, SealedEvent
from ledger.format.header import instant_text
from ledger.format.json import encoded
from ledger.format.types import TYPES
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.retention.expiry_write import DestroyedKeys, ExpiryBatch, ExpiryWriter
from ledger.store.append import Appender
from ledger.store.connections import PURGER, READER, WRITER, Connections
from ledger.store.keys import KeyRows
from ledger.store.recorder import LedgerRecorder
from ledger.values import Json
from projections.expired_rows import forget
from tests.database import LEDGER_NAME, Database
from tests.journals import PROVE, ROW_MAC
from tests.store.samples import MACS, positions

AT: Final = datetime(2026, 11, 24, 3, tzinfo=UTC)
DUE: Final = date(2029, 11, 25)
"""The day of the key that the tests destroy."""
LATER: Final = date(2029, 11, 26)
WHEN: Final = datetime(2029, 11, 25, 3, tzinfo=UTC)
"""Noon of that day in Japan."""
_MEMBERS: Final[dict[str, Json]] = {
    "judged_at": 0,
    "statement": "00" * 32,
    "copies": {"position": 1, "version": 1},
}


@dataclass
class Retained:
    """The roles' connections, and short words for what the tests do.

    Attributes:
        plan: stream of the events that say what expired.
    """

    database: Database
    writer: Connections
    reader: Connections
    purger: Connections
    plan: UUID = field(default_factory=random_uuid)
    expiries: int = 0

    def __post_init__(self) -> None:
        self.keys = KeyRows(self.writer, ROW_MAC)
        self.appender = Appender(self.writer, MACS.mac)
        self.reads = LedgerRecorder(self.reader, MACS)
        self.dying = ExpiryQueries(self.reader, KeyRows(self.reader, ROW_MAC))
        self.expiring = ExpiryWriter(self.purger, forget, MACS.mac)
        self.rows: dict[bytes, KeyRow] = {}

    def key(
        self, day: date | None = DUE, key_class: str = "record", owner: UUID | None = None
    ) -> bytes:
        row = KeyRow(os.urandom(32), key_class, day, owner, "2026-48", os.urandom(60))
        assert self.keys.add(row) is row
        self.rows[row.key_id] = row
        return row.key_id

    def event(
        self,
        stream: UUID,
        version: int,
        key: bytes,
        topic: str = "provision-recorded",
        at: datetime = AT,
        facts: Mapping[str, Json] | None = None,
    ) -> SealedEvent:
        """A sealed event with a true header; nobody opens what it seals."""
        command = random_uuid()
        header: dict[str, Json] = {
            "actor": "tester",
            "at": instant_text(at),
            "command": str(command),
            "facts": dict(facts or {}),
            "ledger": LEDGER_NAME,
            "sealed": {"key": key.hex(), "sha256": "00" * 32, "size": 284},
            "stream": str(stream),
            "type": topic,
            "v": 1,
            "version": version,
        }
        header |= {name: _MEMBERS[name] for name in TYPES[topic].needs}
        day, owner = self.rows[key].day, self.rows[key].owner
        partition = MOVABLE_PARTITION
        if day is not None and owner is None:
            partition = day.year * 4 + (day.month - 1) // 3
        return SealedEvent(
            stream, version, topic, command, encoded(header), key, partition, bytes(284)
        )

    def append(self, *events: SealedEvent, lookups: Sequence[LookupRow] = ()) -> list[int]:
        """Append each event by itself, the rows with the first."""
        appends = [
            Append((event,), () if number else tuple(lookups))
            for number, event in enumerate(events)
        ]
        return positions(self.appender.append(appends))

    def record(self, key: bytes, *, lookups: Sequence[LookupRow] = ()) -> UUID:
        """A new stream with one event under `key`."""
        stream = random_uuid()
        self.append(self.event(stream, 1, key), lookups=lookups)
        return stream

    def index(self, entries: Sequence[tuple[UUID, int]] = ()) -> None:
        """Write index rows, and say that the read side has reached the head."""
        with psycopg.connect(self.database.urls.projector) as projector:
            projector.cursor().executemany(
                "INSERT INTO projections.entries_a VALUES (%s, %s)", entries
            )
            projector.execute(
                "UPDATE projections.progress SET position = %s WHERE serving", (self.reads.head(),)
            )

    def sealer(
        self, *keys: bytes, at: datetime = WHEN, version: int | None = None
    ) -> Callable[[Mapping[str, int]], SealedEvent]:
        """Makes the event that lists `keys`; its version is the plan's next, unless given."""

        def sealed(counts: Mapping[str, int]) -> SealedEvent:
            draft = EventDraft(
                type="records-expired",
                stream=self.plan,
                version=version or self.expiries + 1,
                at=at,
                actor="tester",
                command=random_uuid(),
                facts={"counts": {"cases": 0, "holds": 0, **counts}},
                keys=tuple(sorted(keys)),
            )
            return seal(draft, None, LEDGER_NAME, prove=PROVE)

        return sealed

    def expire(self, *keys: bytes, checked: int | None = None) -> DestroyedKeys:
        head = self.reads.head() if checked is None else checked
        [expired] = self.expiring.expire([ExpiryBatch(keys, self.sealer(*keys))], head)
        self.expiries += 1
        return expired

    def left(self, *keys: bytes) -> dict[str, int]:
        """How many rows of each table the keys still have, and how many index rows there are."""
        with psycopg.connect(self.database.admin) as admin:
            row = admin.execute(
                """
                SELECT (SELECT count(*) FROM ledger.data_keys WHERE key_id = ANY(%(keys)s)),
                       (SELECT count(*) FROM ledger.sealed_parts WHERE key_id = ANY(%(keys)s)),
                       (SELECT count(*) FROM ledger.lookups WHERE key_id = ANY(%(keys)s)),
                       (SELECT count(*) FROM ledger.quarantine WHERE key_id = ANY(%(keys)s)),
                       (SELECT count(*) FROM projections.entries),
                       (SELECT count(*) FROM ledger.events WHERE topic = 'records-expired')
                """,
                {"keys": list(keys)},
            ).fetchone()
        assert row is not None
        names = ("keys", "parts", "lookups", "quarantine", "entries", "expiries")
        return dict(zip(names, row, strict=True))


@contextmanager
def retained(database: Database) -> Generator[Retained]:
    urls = database.urls
    connections = (
        Connections(urls.writer, WRITER),
        Connections(urls.reader, READER),
        Connections(urls.purger, PURGER),
    )
    try:
        yield Retained(database, *connections)
    finally:
        for one in connections:
            one.close()
