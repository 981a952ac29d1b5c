"""How many transfers are gone, by month: exact, in whatever batches and after whatever deaths."""

import json
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString, cast
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import BrokenWorldError
from ledger.format.envelope import OpenEvent, SealedEvent, StoredFact
from ledger.format.header import read_header
from ledger.format.json import encoded
from ledger.postgres.migrate import migrate
from projections import months
from projections.follower import Follower
from projections.months import destroyed_counts, destroyed_counts_until
from projections.progress import serving
from projections.rebuild import rebuild
from projections.verification import IndexDifference, Log, differences
from tests.database import LEDGER_NAME, Database, Server, cloned_database, rooms
from tests.projections.older import before_names
from tests.rounds import rounds
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
        return self.kept.reader.read(destroyed_counts)

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


OCTOBER: Final = datetime(2026, 10, 31, 14, 59, 59, 999_000, UTC)
NOVEMBER: Final = datetime(2026, 10, 31, 15, tzinfo=UTC)
"""Midnight in Japan."""


@pytest.fixture
def made(database: Database) -> Iterator[World]:
    with world(database) as one:
        yield one


def test_nothing_is_gone_while_its_key_lives_and_a_month_is_one_of_japan(made: World) -> None:
    made.record(0, OCTOBER, count=2)
    made.record(0, NOVEMBER, "receipt-recorded", 3)
    made.record(1, NOVEMBER)
    assert made.told() == {}
    made.expire(0)
    assert made.told() == made.found() == {"2026-10": 2, "2026-11": 3}
    made.expire(1)
    assert made.told() == made.found() == {"2026-10": 2, "2026-11": 4}
    assert made.tables()[:2] == [[], []]


def test_a_copied_transfer_is_gone_with_the_last_key_that_opens_it(made: World) -> None:
    made.record(0)
    copied = made.record(0)
    made.copy(copied, 1)
    made.follow()
    made.copy(copied, 1)
    made.copy(copied, 2)
    made.expire(0)
    assert made.told() == {"2026-11": 1}
    # Copies of copies name the original.
    made.copy(copied, 3)
    made.expire(1, 2)
    assert made.told() == {"2026-11": 1}
    made.expire(3)
    assert made.told() == made.found() == {"2026-11": 2}


def test_the_original_may_outlive_its_copies(made: World) -> None:
    copied = made.record(0)
    made.copy(copied, 1)
    made.expire(1)
    assert made.told() == {}
    made.copy(copied, 2)
    made.expire(0)
    assert made.told() == {}
    made.expire(2)
    assert made.told() == made.found() == {"2026-11": 1}


@pytest.mark.parametrize("batch_max", [1, 2_000])
def test_a_copy_that_was_on_its_way_when_the_last_key_died_brings_it_back(
    database: Database, batch_max: int
) -> None:
    with world(database, batch_max) as made:
        first, second = made.record(0), made.record(0)
        made.expire(0)
        if batch_max == 1:
            assert made.told() == {"2026-11": 2}
        made.copy(first, 1)
        made.copy(second, 1)
        assert made.told() == made.found() == {}
        made.expire(1)
        assert made.told() == made.found() == {"2026-11": 2}


KEY: Final = st.integers(0, KEYS - 1)
TRANSFER: Final = st.integers(0, 1_000)
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("record"), KEY, st.sampled_from([OCTOBER, NOVEMBER]), st.integers(1, 3)),
        st.tuples(st.just("copy"), TRANSFER, KEY, st.integers(1, 2)),
        st.tuples(st.just("correct"), TRANSFER, KEY),
        st.tuples(st.just("expire"), st.frozensets(KEY, min_size=1, max_size=2)),
        st.tuples(st.just("follow")),
        st.tuples(st.just("rebuild")),
    ),
    min_size=1,
    max_size=20,
)


def apply(made: World, step: tuple[object, ...]) -> None:
    """Do it, unless it would seal under a dead key or copy what is not there."""
    match step:
        case "record", int(key), datetime() as at, int(count) if key not in made.dead:
            made.record(key, at, count=count)
        case "copy", int(n), int(key), int(original) if key not in made.dead and made.transfers:
            made.copy(made.transfers[n % len(made.transfers)], key, original=original)
        case "correct", int(n), int(key) if key not in made.dead and made.transfers:
            made.correct(made.transfers[n % len(made.transfers)], key)
        case "expire", keys:
            if dying := cast("frozenset[int]", keys) - made.dead:
                made.expire(*dying)
        case "follow", *_:
            made.follow()
        case "rebuild", *_:
            made.rebuild()
        case _:
            pass


@settings(
    max_examples=rounds(25),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, batch_max=st.integers(1, 12))
def test_it_is_what_a_look_at_every_sealed_part_finds(
    server: Server, steps: list[tuple[object, ...]], batch_max: int
) -> None:
    with cloned_database(server) as database, world(database, batch_max) as made:
        for step in steps:
            apply(made, step)
        assert made.told() == made.found()
        before = made.tables()
        assert made.differences() == []
        # From the headers alone, in other batches.
        made.batch_max = 2_000
        made.rebuild()
        assert made.tables() == before
        assert made.told() == made.found()
        assert made.differences() == []


def test_a_reader_is_told_of_no_month_beyond_that_of_the_position(made: World) -> None:
    october = made.record(0, OCTOBER).position
    november = made.record(0, NOVEMBER).position
    made.expire(0)
    made.follow()

    def until(position: int) -> dict[str, int]:
        return made.kept.reader.read(lambda c: destroyed_counts_until(c, position))

    assert until(0) == {}
    assert until(october) == {"2026-10": 1}
    assert until(november) == {"2026-10": 1, "2026-11": 1}


def test_a_batch_that_is_not_committed_has_counted_nothing(made: World) -> None:
    made.record(0, count=3)
    made.copy(made.transfers[0], 1)
    counted = months.counts(headers_only(made.kept.reads.facts_after(0, 10)))
    with made.connection.transaction(force_rollback=True), made.connection.cursor() as cursor:
        months.write(cursor, "a", counted)
    assert made.tables() == [[], [], []]
    made.follow()
    assert made.differences() == []


DAMAGES: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("months", "DELETE FROM {table}"),
    ("months", "UPDATE {table} SET transfers = transfers + 1"),
    ("carried", "DELETE FROM {table}"),
    ("carried", "INSERT INTO {table} VALUES (1, '', '2026-11')"),
    ("gone", "DELETE FROM {table}"),
    ("gone", "UPDATE {table} SET transfers = 0"),
    ("gone", "INSERT INTO {table} VALUES ('2030-01', 1)"),
)


def test_verify_names_every_wrong_row_and_a_rebuild_repairs_it(made: World) -> None:
    made.record(0)
    made.record(1)
    made.copy(made.record(1), 2)
    made.expire(0)
    made.follow()
    for table, statement in DAMAGES:
        assert made.differences() == []
        stored = sql.Identifier("projections", f"{table}_{serving(made.connection)}")
        made.connection.execute(sql.SQL(statement).format(table=stored))
        assert {one.table for one in made.differences()} == {table}, statement
        made.rebuild()
    assert made.differences() == []
    assert made.told() == {"2026-11": 1}


def test_counts_that_lost_a_transfer_are_not_counted_on(made: World) -> None:
    transfer = made.record(0)
    made.follow()
    made.connection.execute("DELETE FROM projections.months_a")
    made.copy(transfer, 1)
    with pytest.raises(BrokenWorldError):
        made.follow()


@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_ledger_that_is_older_than_the_counts_has_them_with_the_migration(
    made: World, slot: str
) -> None:
    made.record(0, count=2)
    made.copy(made.record(1), 2)
    made.expire(0)
    made.follow()
    if slot == "b":
        made.rebuild()
    before = made.tables()
    # What stands beyond the slot's position is left to the follower.
    made.record(3)
    with psycopg.connect(made.kept.database.admin, autocommit=True) as admin:
        before_names(admin)
        admin.execute("DROP VIEW projections.gone")
        admin.execute("DROP FUNCTION projections.counted")
        for table in ("months_a", "months_b", "carried_a", "carried_b", "gone_a", "gone_b"):
            admin.execute(f"DROP TABLE projections.{table}".encode())
        admin.execute("DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 3")
    assert migrate(made.kept.database.urls.owner, rooms()) == 7
    assert made.tables() == before
    assert made.told() == {"2026-11": 2}
    made.rebuild()
    assert made.differences() == []
