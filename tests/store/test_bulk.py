"""Bulk transfers under way: sealed, a part once, one commit at a time, and gone with their key."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.lifetimes import staging_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.keys import KeyRows
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from tests.database import LEDGER_NAME, Database
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
SENDER = "0" * 32
TOLD = {"source": "https://one.example", "id": "神楽坂の名簿"}
TABLES = ("bulk_transfers", "bulk_parts", "bulk_pieces")


@pytest.fixture
def bulk(kept: Retained) -> BulkRows:
    return BulkRows(
        kept.writer, KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    )


def begun(bulk: BulkRows) -> UnderWay:
    return bulk.begin(SENDER, TOLD, 3, 2, AT)


def sent(bulk: BulkRows, one: UnderWay, number: int, *pieces: bytes, lines: int = 1) -> StoredPart:
    upload = random_uuid()
    for n, piece in enumerate(pieces):
        bulk.put(one, upload, n, piece)
    part = StoredPart(
        number, upload, lines, bytes([number] * 32), sum(map(len, pieces)), len(pieces)
    )
    assert bulk.take(one, part)
    return part


def rows(database: Database, table: str) -> int:
    with psycopg.connect(database.urls.owner) as connection:
        return len(connection.execute(f"SELECT FROM ledger.{table}".encode()).fetchall())


def test_what_was_begun_is_found_with_what_came_in(bulk: BulkRows) -> None:
    one = begun(bulk)
    assert (one.state, one.actor, one.told, one.lines, one.parts) == (
        "uploading",
        SENDER,
        TOLD,
        3,
        2,
    )
    assert (one.parts_there, one.lines_there) == (0, 0)
    second, first = sent(bulk, one, 2, b"c", lines=1), sent(bulk, one, 1, b"a", b"b", lines=2)
    found = bulk.find(one.bulk, AT)
    assert (found.parts_there, found.lines_there) == (2, 3)
    assert bulk.parts(found) == [first, second]
    assert list(bulk.pieces(found, first.upload, 2)) == [b"a", b"b"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(found, first.upload, 3))


def test_a_part_that_is_sent_again_takes_the_place_of_the_first(
    bulk: BulkRows, database: Database
) -> None:
    one = begun(bulk)
    before = sent(bulk, one, 1, b"a", b"b")
    again = sent(bulk, one, 1, b"c")
    assert bulk.take(one, again), "the answer to the first was lost"
    assert bulk.parts(one) == [again]
    assert list(bulk.pieces(one, again.upload, 1)) == [b"c"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, before.upload, 1))
    assert rows(database, "bulk_pieces") == 1


def test_what_is_told_and_every_piece_is_sealed_in_its_place(
    database: Database, bulk: BulkRows
) -> None:
    one = begun(bulk)
    part = sent(bulk, one, 1, "神楽坂 金糸雀".encode(), b"second")
    statement = (
        "SELECT b.told || p.sealed || i.sealed FROM ledger.bulk_transfers AS b"
        " JOIN ledger.bulk_parts AS p USING (bulk) JOIN ledger.bulk_pieces AS i USING (bulk)"
    )
    with psycopg.connect(database.urls.owner) as connection:
        stored = b"".join(bytes(row[0]) for row in connection.execute(statement).fetchall())
        assert "神楽坂".encode() not in stored
        assert part.sha256 not in stored
        connection.execute("UPDATE ledger.bulk_pieces SET number = 5 WHERE number = 1")
        connection.execute("UPDATE ledger.bulk_parts SET number = 2")
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, part.upload, 6, 5))
    with pytest.raises(CorruptRecordError):
        bulk.parts(one)


def test_it_is_not_found_past_its_day_and_goes_with_its_key(
    kept: Retained, database: Database, bulk: BulkRows
) -> None:
    one = begun(bulk)
    sent(bulk, one, 1, b"a")
    last = timedelta(days=(staging_day(AT) - AT.date()).days)
    assert bulk.find(one.bulk, AT + last - timedelta(days=1)).bulk == one.bulk
    with pytest.raises(NotFoundError):
        bulk.find(one.bulk, AT + last)
    kept.index()
    [due] = ExpiryQueries(kept.reader).due(staging_day(AT))
    assert (due.key_class, due.events) == ("staging", 1)
    kept.expire(due.key_id)
    assert [rows(database, table) for table in TABLES] == [0, 0, 0]
