"""Bulk transfers under way: sealed, a part once, one commit at a time, and gone with their key."""

from dataclasses import replace
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
from ledger.transfers.bulk.staging_area import BulkBusyError, BulkRows, StoredPart, UnderWay
from tests.database import LEDGER_NAME, Database
from tests.store.retained import Retained
from tests.store.samples import cut_off

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


def test_whoever_is_first_moves_it_on_and_then_no_part_comes_in(bulk: BulkRows) -> None:
    one = begun(bulk)
    part = sent(bulk, one, 1, b"a")
    assert bulk.committing(AT) == []
    assert bulk.move(one, "committing", TOLD, one.key, AT)
    assert not bulk.move(one, "aborted", TOLD, one.key, AT), "somebody was first"
    assert not bulk.take(one, replace(part, upload=random_uuid()))
    assert bulk.parts(one) == [part]
    [found] = bulk.committing(AT)
    assert (found.bulk, found.state) == (one.bulk, "committing")


def test_of_an_abort_nothing_but_numbers_is_left(bulk: BulkRows, database: Database) -> None:
    one = begun(bulk)
    sent(bulk, one, 1, b"a")
    assert bulk.move(one, "aborted", TOLD, one.key, AT)
    bulk.forget_parts(one)
    found = bulk.find(one.bulk, AT)
    assert (found.state, found.told, found.lines, found.parts) == ("aborted", {}, 3, 2)
    assert [rows(database, table) for table in TABLES] == [1, 0, 0]


def test_the_pieces_of_one_upload_are_left_where_all_others_go(bulk: BulkRows) -> None:
    one = begun(bulk)
    part = sent(bulk, one, 1, b"a")
    bulk.put(one, one.command, 0, b"chunk")
    bulk.forget_parts(one, but=one.command)
    assert bulk.parts(one) == []
    assert list(bulk.pieces(one, one.command, 1)) == [b"chunk"]
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, part.upload, 1))
    bulk.forget_upload(one, one.command)
    with pytest.raises(CorruptRecordError):
        list(bulk.pieces(one, one.command, 1))


def test_one_at_a_time_carries_out_a_commit(bulk: BulkRows, database: Database) -> None:
    one, other = begun(bulk), begun(bulk)
    with bulk.working(one.bulk):
        with pytest.raises(BulkBusyError), bulk.working(one.bulk):
            pass
        with bulk.working(other.bulk):
            pass
        assert cut_off(database) > 0
        with bulk.working(one.bulk):
            pass
    with bulk.working(one.bulk):
        pass  # who was killed has let go


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
