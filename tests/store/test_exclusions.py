"""The draft of what is excluded: one row, written by one writer at a time."""

from collections.abc import Iterator

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.rows import DraftRow, ExclusionRows
from tests.database import Database
from tests.store.samples import writing

STREAM = random_uuid()


@pytest.fixture
def rows(database: Database) -> Iterator[ExclusionRows]:
    with writing(database) as connections:
        yield ExclusionRows(connections)


def row(content: bytes, number: int = 1) -> DraftRow:
    return DraftRow(STREAM, random_uuid(), bytes(32), content.ljust(8_192, b"\0"), number)


def test_of_two_first_writers_one_is_first(rows: ExclusionRows) -> None:
    one, other = row(b"one"), row(b"other")
    assert rows.read() is None
    assert rows.put(one, None)
    assert not rows.put(other, None)
    assert rows.read() == one


def test_nobody_writes_over_what_he_has_not_read(rows: ExclusionRows) -> None:
    first, second, third = row(b"1"), row(b"2", 2), row(b"3", 2)
    rows.put(first, None)
    assert rows.put(second, first)
    assert not rows.put(third, first)
    # The answer was lost, and the same writing comes again.
    assert rows.put(second, first)
    assert rows.read() == second


def test_there_is_one_row_and_it_is_of_a_size(database: Database, rows: ExclusionRows) -> None:
    rows.put(row(b"1"), None)
    insert = """
        INSERT INTO ledger.exclusions (is_one, stream, token, key_id, sealed)
        VALUES (%s, gen_random_uuid(), gen_random_uuid(), %s, %s)
    """
    for is_one, size in ((True, 8_192), (False, 8_192), (True, 8_191)):
        with (
            psycopg.connect(database.admin) as connection,
            pytest.raises(psycopg.errors.IntegrityError),
        ):
            connection.execute(insert, (is_one, bytes(32), bytes(size)))
