"""One at a time, whichever process; who is killed or loses the database lets go at once."""

from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest

from ledger.errors import StoreUnavailableError
from ledger.store.advisory_lock import Lease, LeaseLostError, alone
from ledger.store.connections import WRITER, Connections
from tests.database import Database
from tests.store.proxy import proxied
from tests.store.samples import cut_off, end_lock

NUMBERS = (0, 1, -1, 7_091_726_530_416, -(1 << 63), (1 << 63) - 1)


@pytest.fixture
def writer(database: Database) -> Iterator[Connections]:
    with closing(Connections(database.urls.writer, WRITER)) as connections:
        yield connections


def test_one_at_a_time_holds_a_lock_and_another_lock_is_free(writer: Connections) -> None:
    for number in NUMBERS:
        with alone(writer, number) as is_first:
            assert is_first
            with alone(writer, number) as second, alone(writer, 5) as other:
                assert second is None
                assert other is not None
        with alone(writer, number) as is_alone:
            assert is_alone


def test_a_lock_that_is_lost_is_free_and_what_was_done_is_done(
    writer: Connections, database: Database
) -> None:
    with alone(writer, 1) as is_alone:
        assert is_alone
        assert cut_off(database) == 1
        with alone(writer, 1) as is_next:
            assert is_next
    with suppress(ZeroDivisionError), alone(writer, 1) as is_alone:
        assert is_alone
        raise ZeroDivisionError
    with alone(writer, 1) as is_alone:
        assert is_alone, "who fails lets go"


def test_a_connection_that_cannot_let_go_is_not_used_again(
    writer: Connections, database: Database
) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        with alone(writer, 1):
            admin.execute("REVOKE EXECUTE ON FUNCTION pg_advisory_unlock(bigint) FROM PUBLIC")
        try:
            with (
                closing(Connections(database.urls.writer, WRITER)) as others,
                alone(others, 1) as is_alone,
            ):
                assert is_alone
        finally:
            admin.execute("GRANT EXECUTE ON FUNCTION pg_advisory_unlock(bigint) TO PUBLIC")


def test_of_a_database_that_is_gone_everybody_is_told_so(database: Database) -> None:
    with (
        proxied(database.admin) as proxy,
        closing(Connections(proxy.url(database.urls.writer), WRITER)) as writer,
    ):
        with alone(writer, 1):
            pass
        proxy.closed = True
        assert cut_off(database) == 1
        for _ in range(2):
            with pytest.raises(StoreUnavailableError), alone(writer, 1):
                pytest.fail("nobody holds a lock that there is not")
        proxy.closed = False
        with alone(writer, 1) as is_alone:
            assert is_alone


def is_held(writer: Connections, lease: Lease) -> bool:
    """Whether the holder may write."""
    with writer.connection() as connection:
        try:
            lease.fenced(connection, lambda _: None)
        except LeaseLostError:
            return False
    return True


def leases(database: Database) -> int:
    with psycopg.connect(database.urls.owner) as connection:
        row = connection.execute("SELECT count(*) FROM ledger.leases").fetchone()
    assert row is not None
    return row[0]


def test_whoever_lost_its_lock_may_write_until_another_one_has_taken_over(
    writer: Connections, database: Database
) -> None:
    with alone(writer, 1) as first:
        assert first is not None
        end_lock(database)
        assert is_held(writer, first), "nobody else has it"
        with alone(writer, 1) as second:
            assert second is not None
            assert (is_held(writer, first), is_held(writer, second)) == (False, True)
        assert not is_held(writer, first), "what was taken over does not come back"
    assert leases(database) == 0
    with alone(writer, 1):
        assert leases(database) == 1
        end_lock(database)
    assert leases(database) == 0, "nor is one left by who was not overtaken"


def test_who_takes_over_does_not_begin_within_a_transaction_of_the_one_before(
    writer: Connections, database: Database
) -> None:
    with alone(writer, 1) as first, writer.connection() as connection:
        assert first is not None
        with connection.transaction():
            first.check(connection)
            end_lock(database)
            with alone(writer, 1) as second:
                assert second is None, "what the first one changes does not stand yet"
        with alone(writer, 1) as second:
            assert second is not None
        with pytest.raises(LeaseLostError), connection.transaction():
            first.check(connection)
