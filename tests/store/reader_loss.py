"""The reader-loss harness: does a reader that pages `position > cursor` see every row once?

Many writers, one reader that never sleeps. A trigger in the database makes the writers unsteady
between their insert and their commit: it sleeps, it rolls back, and it holds one row, the late one,
until the reader has passed beyond it or cannot. So a store that lets a reader pass is caught every
time, and not only when the timing is unlucky; and the real insert of each store runs, unchanged.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from tests.database import Database

LATE: Final = "late"
WRITERS: Final = 64
_PAGE: Final = 100
_LATE_LOCK: Final = 7091

_TRIGGER_FUNCTION: Final[LiteralString] = """
    CREATE FUNCTION public.unsteady() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM inserted WHERE to_jsonb(inserted) ->> TG_ARGV[1] = 'late') THEN
            PERFORM pg_advisory_xact_lock(7091);
            RETURN NULL;
        END IF;
        IF random() < 0.3 THEN
            PERFORM pg_sleep(random() * 0.004);
        END IF;
        IF random() < 0.15 THEN
            RAISE EXCEPTION 'rolled back by the test' USING ERRCODE = TG_ARGV[0];
        END IF;
        RETURN NULL;
    END
    $$
"""
_TRIGGER: Final[LiteralString] = """
    CREATE TRIGGER unsteady AFTER INSERT ON {table} REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION public.unsteady({sqlstate}, {topic})
"""
_LATE_WAITS: Final[LiteralString] = """
    SELECT count(*) FROM pg_locks
     WHERE locktype = 'advisory' AND objid = 7091 AND NOT granted
"""
_STORED: Final[LiteralString] = "SELECT {position} FROM {table} ORDER BY {position}"


@dataclass(frozen=True, slots=True)
class Store:
    """A store under test.

    Attributes:
        table: schema and name of its events.
        insert: inserts `count` events of a topic in one transaction and returns their positions;
            thread-safe.
        page: positions beyond the first argument, in order, at most as many as the second says.
        rolled_back: what `insert` raises when the trigger rolls it back.
        sqlstate: with which the trigger does that.
        columns: of the position and of the topic.
    """

    table: tuple[str, str]
    insert: Callable[[str, int], Sequence[int]]
    page: Callable[[int, int], Sequence[int]]
    rolled_back: type[Exception]
    sqlstate: str
    columns: tuple[str, str] = ("notification_id", "topic")


@dataclass(frozen=True, slots=True)
class Watched:
    """What happened.

    Attributes:
        acknowledged: positions the writers were told, in no order.
        rollbacks: how often an insert was rolled back.
        stored: positions in the table at the end.
        seen: positions in the order in which the reader saw them.
    """

    acknowledged: list[int]
    rollbacks: int
    stored: list[int]
    seen: list[int]

    @property
    def lost(self) -> set[int]:
        return set(self.stored) - set(self.seen)


def watch(database: Database, store: Store, rounds: int, patience: float) -> Watched:
    """Run `WRITERS` writers with `rounds` inserts each beside the reader.

    Args:
        patience: seconds for which the late row is held if the reader does not pass it.
    """
    acknowledged: list[int] = []
    rollbacks: list[int] = []
    seen: list[int] = []
    done, passed = threading.Event(), threading.Event()

    def read() -> None:
        while True:
            last_look = done.is_set()
            found = store.page(seen[-1] if seen else 0, _PAGE)
            seen.extend(found)
            if found:
                passed.set()
            elif last_look:
                return

    def write(topic: str, inserts: int) -> None:
        for number in range(inserts):
            try:
                acknowledged.extend(store.insert(topic, number % 3 + 1))
            except store.rolled_back:
                rollbacks.append(1)

    table = sql.Identifier(*store.table)
    with (
        psycopg.connect(database.admin, autocommit=True) as admin,
        ThreadPoolExecutor(WRITERS + 2) as threads,
    ):
        admin.execute(_TRIGGER_FUNCTION)
        admin.execute(
            sql.SQL(_TRIGGER).format(
                table=table,
                sqlstate=sql.Literal(store.sqlstate),
                topic=sql.Literal(store.columns[1]),
            )
        )
        admin.execute("SELECT pg_advisory_lock(%s)", (_LATE_LOCK,))
        late = threads.submit(write, LATE, 1)
        try:
            _wait_until(lambda: admin.execute(_LATE_WAITS).fetchone() == (1,), 10)
            reader = threads.submit(read)
            writers = [threads.submit(write, "storm", rounds) for _ in range(WRITERS)]
            passed.wait(patience)
        finally:
            admin.execute("SELECT pg_advisory_unlock(%s)", (_LATE_LOCK,))
        for writer in (late, *writers):
            writer.result(60)
        done.set()
        reader.result(60)
        position = sql.Identifier(store.columns[0])
        rows = admin.execute(sql.SQL(_STORED).format(table=table, position=position)).fetchall()
    return Watched(acknowledged, len(rollbacks), [row[0] for row in rows], seen)


def _wait_until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the late writer does not wait"
        time.sleep(0.005)
