"""Many parts go piece by piece, all in one transaction; what is flushed meanwhile is no commit."""

from datetime import timedelta

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.retention import chunked_delete
from ledger.retention.chunked_delete import DELETE_PIECE, PIECE_MAX, delete_pieces
from ledger.retention.expiry_write import ExpiryWriter
from ledger.store import connections
from ledger.store.columns import bigints, byteas
from ledger.store.connections import PURGER, Connections
from projections.expired_rows import forget
from tests.store.retained import DUE, LATER, Retained

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


def test_the_pieces_hold_every_part_once_its_documents_too(kept: Retained) -> None:
    due = kept.key()
    positions = filled(kept, due)
    attach(kept, positions[-1], due)
    keys = byteas([due])
    with kept.purger.connection() as connection, kept.purger.connection() as other:
        cursor = connection.cursor(binary=True)
        [(partition, there)] = chunked_delete.places(cursor, keys).items()
        assert list(there) == positions
        assert delete_pieces(cursor, other, partition, there, keys) == MANY + 1


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


def test_without_a_connection_to_flush_with_nothing_dies(
    kept: Retained, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = kept.key()
    filled(kept, due)
    kept.index()
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.01)
    one = Connections(kept.database.urls.purger, PURGER, size_max=1)
    try:
        with pytest.raises(StoreUnavailableError):
            ExpiryWriter(one, forget).expire([due], kept.sealer(due), kept.reads.head())
    finally:
        one.close()
    assert kept.left(due)["parts"] == MANY


def test_a_piece_is_found_by_its_positions(kept: Retained) -> None:
    due = kept.key()
    positions = filled(kept, due)
    with psycopg.connect(kept.database.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE ledger.sealed_parts")
    keys = byteas([due])
    with kept.purger.connection() as connection:
        [partition] = chunked_delete.places(connection.cursor(binary=True), keys)
        asked = (partition, bigints(positions[:50]), keys)
        plan = connection.execute(b"EXPLAIN " + DELETE_PIECE.encode(), asked).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert f"using sealed_parts_{partition}_pkey" in text
