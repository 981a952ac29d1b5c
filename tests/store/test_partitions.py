"""Partitions of past quarters go when they are empty, and come back when they are needed."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import Append, SealedEvent
from ledger.store.append import AppendedBatch
from tests.database import Database
from tests.store.retained import DUE, LATER, Retained

QUARTER: Final = 2029 * 4 + 3
"""Of `DUE`."""
BEFORE: Final = QUARTER + 1


def partitions(database: Database) -> set[str]:
    with psycopg.connect(database.admin) as admin:
        rows = admin.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        ).fetchall()
    return {row[0].removeprefix("sealed_parts_") for row in rows}


def test_what_is_past_and_empty_is_dropped_and_nothing_else(kept: Retained) -> None:
    due, past, movable = (
        kept.key(),
        kept.key(date(2028, 1, 1)),
        kept.key(DUE, "link", random_uuid()),
    )
    coming = kept.key(date(2030, 1, 1))
    for key in (due, past, movable, coming):
        kept.record(key)
    kept.index()
    kept.expire(due, movable)
    assert kept.expiring.drop_empty_partitions(QUARTER) == []
    assert kept.expiring.drop_empty_partitions(BEFORE) == [QUARTER]
    assert kept.expiring.drop_empty_partitions(BEFORE) == []
    assert partitions(kept.database) == {"0", str(2028 * 4), str(2030 * 4)}


def test_an_append_whose_partition_was_dropped_makes_it_anew(kept: Retained) -> None:
    due, other = kept.key(), kept.key(LATER)
    kept.record(due)
    kept.index()
    kept.expire(due)
    assert kept.expiring.drop_empty_partitions(BEFORE) == [QUARTER]
    # One by one, in a small batch, and in one that is streamed.
    for count in (1, 3, 150):
        appends = [Append((kept.event(random_uuid(), 1, other),)) for _ in range(count)]
        assert all(isinstance(one, AppendedBatch) for one in kept.appender.append(appends))
        kept.index()
    assert str(QUARTER) in partitions(kept.database)


def test_partitions_in_use_are_left_for_the_next_time(kept: Retained) -> None:
    due = kept.key()
    kept.record(due)
    kept.index()
    kept.expire(due)
    with psycopg.connect(kept.database.urls.reader) as reader:
        reader.execute("SELECT count(*) FROM ledger.sealed_parts")
        assert kept.expiring.drop_empty_partitions(BEFORE) == []
        reader.rollback()
        assert kept.expiring.drop_empty_partitions(BEFORE) == [QUARTER]


def test_an_expiry_that_is_not_committed_leaves_its_partition(kept: Retained) -> None:
    due = kept.key()
    kept.record(due)
    kept.index()

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        assert kept.expiring.drop_empty_partitions(BEFORE) == []
        return kept.sealer(due)(counts)

    kept.expiring.expire([due], sealed, 1)
    assert kept.expiring.drop_empty_partitions(BEFORE) == [QUARTER]


def test_emptiness_is_not_judged_by_an_old_snapshot(kept: Retained) -> None:
    with psycopg.connect(kept.database.urls.purger) as purger:
        purger.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            purger.execute("SELECT ledger.drop_empty_partitions(%s)", (BEFORE,))
