"""Triggers and constraints hold whoever the application is, and the owner too."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.database import Database
from tests.matrix import every

STREAM: Final = UUID("00000000-0000-8000-8000-000000000001")
COMMAND: Final = UUID("00000000-0000-8000-8000-00000000000c")
INSERT_EVENT: Final = (
    "INSERT INTO ledger.events "
    "SELECT p, %s, p, 'provision-recorded', '{}', %s, NULL, sha256('')"
    " FROM unnest(%s::bigint[]) AS p"
)
MOVE_HEAD: Final = "UPDATE ledger.head SET position = %s"
HEAD: Final = "SELECT position FROM ledger.head"
UPSERT: Final = (
    "INSERT INTO ledger.events SELECT * FROM ledger.events "
    "ON CONFLICT (notification_id) DO UPDATE SET topic = 'x'"
)
IMMUTABLE, NOT_DENSE, WRONG_HEAD, WRONG_DAY = "LG001", "LG002", "LG003", "LG004"


def append(connection: psycopg.Connection, *positions: int, head: int) -> None:
    with connection.transaction():
        connection.execute(MOVE_HEAD, (head,))
        connection.execute(INSERT_EVENT, (STREAM, COMMAND, list(positions)))


def refused(code: str, action: Callable[[], object]) -> None:
    with pytest.raises(psycopg.Error) as caught:
        action()
    assert caught.value.sqlstate == code


def test_dense_appends_are_accepted(database: Database) -> None:
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        append(connection, 1, head=1)
        append(connection, 2, 3, 4, head=4)
        append(connection, 6, 5, head=6)
        assert connection.execute(HEAD).fetchone() == (6,)


def test_positions_that_are_not_dense_are_refused(database: Database) -> None:
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        append(connection, 1, 2, head=2)
        # A hole before, inside, beyond the head, before two; a head that was not moved.
        for positions, head in (((4,), 4), ((3, 5), 5), ((3, 4), 3), ((4, 5), 5), ((3,), 2)):
            refused(NOT_DENSE, partial(append, connection, *positions, head=head))
            assert connection.execute(HEAD).fetchone() == (2,)


def test_a_head_that_promises_a_position_nobody_wrote_is_refused(database: Database) -> None:
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        append(connection, 1, head=1)
        refused(WRONG_HEAD, lambda: append(connection, 2, head=3))
        refused(WRONG_HEAD, lambda: connection.execute(MOVE_HEAD, (2,)))
        refused(WRONG_HEAD, lambda: connection.execute(MOVE_HEAD, (0,)))


def test_copy_is_checked_as_insert_is(database: Database) -> None:
    def copy(connection: psycopg.Connection) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(MOVE_HEAD, (2,))
            with cursor.copy(
                "COPY ledger.events (notification_id, originator_id, originator_version, topic, "
                "state, command, mac) FROM STDIN"
            ) as rows:
                rows.write_row((2, STREAM, 1, "provision-recorded", b"{}", COMMAND, bytes(32)))

    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        refused(NOT_DENSE, lambda: copy(connection))


@every(
    "statement",
    [
        "UPDATE ledger.events SET topic = 'x'",
        "UPDATE ledger.events SET topic = 'x' WHERE false",
        "DELETE FROM ledger.events",
        "TRUNCATE ledger.events",
        "UPDATE ledger.sealed_parts SET part = '' WHERE false",
        "TRUNCATE ledger.sealed_parts",
        "UPDATE ledger.duties SET approver = 'x'",
        "DELETE FROM ledger.duties",
        "TRUNCATE ledger.duties",
        "DELETE FROM ledger.head",
        "TRUNCATE ledger.head",
        UPSERT,
    ],
)
@every("who", ["owner", "superuser", "replica"])
def test_what_is_written_stays_even_for_the_owner_and_a_superuser(
    shared_database: Database, who: str, statement: LiteralString
) -> None:
    url = shared_database.urls.owner if who == "owner" else shared_database.admin
    with psycopg.connect(url, autocommit=True) as connection:
        if who == "replica":
            connection.execute("SET session_replication_role = replica")
        refused(IMMUTABLE, lambda: connection.execute(statement))


def test_one_database_holds_one_ledger(shared_database: Database) -> None:
    with (
        psycopg.connect(shared_database.urls.owner) as connection,
        pytest.raises(psycopg.errors.UniqueViolation),
    ):
        connection.execute("INSERT INTO ledger.head VALUES ('second', 0)")


def test_nobody_approves_what_he_prepared(shared_database: Database) -> None:
    statement = "INSERT INTO ledger.duties VALUES (%s, 'discard', %s, %s)"
    with psycopg.connect(shared_database.urls.writer, autocommit=True) as connection:
        connection.execute(statement, (STREAM, "officer-1", "officer-2"))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement, (COMMAND, "officer-1", "officer-1"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(statement, (STREAM, "officer-3", "officer-4"))


def test_a_version_is_taken_once(database: Database) -> None:
    statement = "INSERT INTO ledger.events VALUES (2, %s, 1, 't', '{}', %s, NULL, sha256(''))"
    with psycopg.connect(database.urls.writer) as connection:
        append(connection, 1, head=1)
        connection.execute(MOVE_HEAD, (2,))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(statement, (STREAM, COMMAND))


@every("kind", ["directive", "pair", "series", "notice", "emitter", "link"])
def test_a_lookup_key_names_one_stream_where_its_kind_says_so(
    shared_database: Database, kind: str
) -> None:
    statement = "INSERT INTO ledger.lookups VALUES (%s, %s, %s, %s)"
    with psycopg.connect(shared_database.urls.writer, autocommit=True) as connection:
        connection.execute(statement, (kind, b"k" * 16, STREAM, b"i" * 32))
        again = (kind, b"k" * 16, COMMAND, b"i" * 32)
        if kind == "link":
            connection.execute(statement, again)
        else:
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute(statement, again)


def test_one_living_key_a_class_and_day_and_one_an_owner(shared_database: Database) -> None:
    statement = "INSERT INTO ledger.data_keys VALUES (%s, %s, %s, %s, '2026-48', %s, 0, %s)"
    wrapped, mac = b"w" * 60, b"m" * 32
    with psycopg.connect(shared_database.urls.writer, autocommit=True) as connection:
        connection.execute(statement, (b"1" * 32, "record", "2029-12-01", None, wrapped, mac))
        connection.execute(statement, (b"2" * 32, "series", None, STREAM, wrapped, mac))
        for key, key_class, day, owner in (
            (b"3" * 32, "record", "2029-12-01", None),
            (b"4" * 32, "series", "2030-01-01", STREAM),
        ):
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute(statement, (key, key_class, day, owner, wrapped, mac))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement, (b"5" * 32, "record", None, None, wrapped, mac))
        with pytest.raises(psycopg.errors.NotNullViolation):
            connection.execute(statement, (b"5" * 32, "record", "2030-01-01", None, wrapped, None))


def test_a_sealed_part_goes_to_its_quarter_and_waits_for_a_partition(
    shared_database: Database,
) -> None:
    statement = "INSERT INTO ledger.sealed_parts VALUES (%s, 1, 0, %s, %s)"
    row = (8117, b"sealed", b"i" * 32)
    with psycopg.connect(shared_database.urls.writer, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement, row)
        connection.execute("SELECT ledger.ensure_partition(8117)")
        connection.execute(statement, row)
        found = connection.execute(
            "SELECT tableoid::regclass::text FROM ledger.sealed_parts WHERE partition = 8117"
        ).fetchone()
        assert found == ("ledger.sealed_parts_8117",)
        storage = connection.execute(
            "SELECT attstorage FROM pg_attribute "
            "WHERE attrelid = 'ledger.sealed_parts_8117'::regclass AND attname = 'part'"
        ).fetchone()
        assert storage == ("e",)  # EXTERNAL: ciphertext does not compress


@every("wanted", [-1, 1, 7599, 9200, None])
def test_a_partition_that_is_no_quarter_is_refused(
    shared_database: Database, wanted: int | None
) -> None:
    with (
        psycopg.connect(shared_database.urls.writer) as connection,
        pytest.raises(psycopg.errors.InvalidParameterValue),
    ):
        connection.execute("SELECT ledger.ensure_partition(%s::integer)", (wanted,))


def test_a_partition_can_be_made_by_several_at_once_while_others_write(
    shared_database: Database,
) -> None:
    def ensure(_: int) -> None:
        with psycopg.connect(shared_database.urls.writer) as connection:
            connection.execute("SELECT ledger.ensure_partition(8200)")

    with psycopg.connect(shared_database.urls.writer) as busy:
        # An append that is not finished holds ROW EXCLUSIVE on the parent: nobody waits for it.
        busy.execute("INSERT INTO ledger.sealed_parts VALUES (0, 1, 0, %s, %s)", (b"x", b"i" * 32))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ensure, range(16), timeout=120))
    with psycopg.connect(shared_database.urls.reader) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ledger.sealed_parts'::regclass "
            "AND inhrelid = 'ledger.sealed_parts_8200'::regclass"
        ).fetchone() == (1,)


@every(
    "owned, before, after, moves",
    [
        (False, "2029-06-01", "2029-06-02", False),
        (False, "2029-06-01", "2029-05-31", False),
        (False, "2029-06-01", "2029-06-01", True),
        (True, "2029-06-01", "2029-06-02", True),
        (True, "2029-06-01", "2029-05-31", False),
        (True, "2029-06-01", None, True),
        (True, None, "2029-05-31", True),
    ],
)
@every("who", ["purger", "owner", "superuser"])
def test_the_day_of_a_key_moves_for_objects_alone_and_only_on_and_it_stays_what_it_is(
    shared_database: Database,
    who: str,
    before: str | None,
    after: str | None,
    *,
    owned: bool,
    moves: bool,
) -> None:
    urls = shared_database.urls
    url = {"purger": urls.purger, "owner": urls.owner}.get(who, shared_database.admin)
    with (
        psycopg.connect(urls.writer, autocommit=True) as writer,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        owner = STREAM if owned else None
        writer.execute(
            "INSERT INTO ledger.data_keys VALUES (%s, 'link', %s, %s, '2026-48', %s, 0, %s)",
            (os.urandom(32), before, owner, bytes(60), bytes(32)),
        )
        statement = "UPDATE ledger.data_keys SET day = %s, wrapped = %s WHERE key_class = 'link'"
        if moves:
            assert connection.execute(statement, (after, bytes([1] * 60))).rowcount == 1
        else:
            refused(WRONG_DAY, lambda: connection.execute(statement, (after, bytes(60))))
        others = {"key_id": bytes([1] * 32), "key_class": "held", "owner": COMMAND}
        for column, other in others.items() if who != "purger" else ():
            changed = sql.SQL("UPDATE ledger.data_keys SET {} = %s WHERE key_class = 'link'")
            asked = changed.format(sql.Identifier(column))
            refused(WRONG_DAY, partial(connection.execute, asked, (other,)))
        with psycopg.connect(urls.purger, autocommit=True) as purger:
            purger.execute("DELETE FROM ledger.data_keys WHERE key_class = 'link'")
