"""One at a time, whichever process; who is killed or loses the database lets go at once."""

from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest

from ledger.errors import StoreUnavailableError
from ledger.store.alone import alone
from ledger.store.connections import WRITER, Connections
from tests.database import Database
from tests.store.proxy import proxied
from tests.store.samples import cut_off

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


def test_who_fails_lets_go(writer: Connections) -> None:
    with suppress(ZeroDivisionError), alone(writer, 1):
        raise ZeroDivisionError
    with alone(writer, 1) as is_alone:
        assert is_alone


def test_a_lock_that_is_lost_is_free_and_what_was_done_is_done(
    writer: Connections, database: Database
) -> None:
    with alone(writer, 1) as is_alone:
        assert is_alone
        assert cut_off(database) == 1
        with alone(writer, 1) as is_next:
            assert is_next
    with alone(writer, 1) as is_alone:
        assert is_alone


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


def test_connections_that_a_restart_took_are_no_reason_to_fail(
    writer: Connections, database: Database
) -> None:
    with alone(writer, 1), alone(writer, 2):
        pass
    assert cut_off(database) == 2
    with alone(writer, 1) as is_alone:
        assert is_alone


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
