"""Partitions go when they are empty; many parts of them piece by piece, in one transaction."""

from datetime import date, timedelta
from typing import Final

import psycopg

from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import Append
from ledger.retention import chunked_delete
from ledger.retention.chunked_delete import PIECE_MAX
from ledger.store.append import AppendedBatch
from ledger.store.columns import byteas
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


EARLIER = DUE - timedelta(days=100)
"""Of another quarter, so that what its key seals stands in another partition."""
MANY = 2 * PIECE_MAX + 3


def filled(kept: Retained, key: bytes, count: int = MANY) -> list[int]:
    """Positions of new streams' events under `key`, between those of a key that lives."""
    living = [one for one, row in kept.rows.items() if row.day == LATER]
    other = living[0] if living else kept.key(LATER)
    keys = [key if number % 2 else other for number in range(2 * count)]
    return kept.append(*(kept.event(random_uuid(), 1, one) for one in keys))[1::2]


def attach(kept: Retained, position: int, key: bytes) -> None:
    """A document beside the event's part."""
    with psycopg.connect(kept.database.admin) as admin:
        admin.execute(
            "INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)"
            " SELECT partition, position, 1, part, key_id FROM ledger.sealed_parts"
            " WHERE position = %s AND key_id = %s",
            (position, key),
        )


def test_more_than_a_piece_dies_in_every_partition_and_the_others_live(kept: Retained) -> None:
    due, earlier = kept.key(), kept.key(EARLIER)
    positions = filled(kept, due) + filled(kept, earlier, 2)
    attach(kept, positions[0], due)
    kept.index([(random_uuid(), position) for position in positions])
    everything = kept.reads.facts_after(0, 5_000)
    expired = kept.expire(due, earlier)
    assert (expired.events, expired.index_rows) == (MANY + 2, MANY + 2)
    assert kept.left(due, earlier)["parts"] == 0
    assert len(everything) == 2 * (MANY + 2)
    alive = [fact.position for fact in kept.reads.facts_after(0, 5_000) if fact.sealed is not None]
    assert alive == [one.position for one in everything if one.position not in set(positions)]


def test_pieces_that_were_flushed_come_back_with_the_transaction(kept: Retained) -> None:
    due = kept.key()
    filled(kept, due)
    keys = byteas([due])
    with kept.purger.connection() as connection:
        cursor = connection.cursor(binary=True)
        cursor.execute("BEGIN")
        chunked_delete.delete(cursor, kept.purger, chunked_delete.places(cursor, keys), keys)
        assert chunked_delete.places(cursor, keys) == {}
        connection.rollback()
    assert kept.left(due)["parts"] == MANY


def test_what_joins_a_key_while_its_parts_are_deleted_goes_with_them(kept: Retained) -> None:
    due = kept.key()
    filled(kept, due)
    keys = byteas([due])
    with kept.purger.connection() as connection:
        cursor = connection.cursor(binary=True)
        found = chunked_delete.places(cursor, keys)
        kept.record(due)
        chunked_delete.delete(cursor, kept.purger, found, keys)
    assert kept.left(due)["parts"] == 0
