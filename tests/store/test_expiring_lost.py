"""Connections lost at every moment of an expiry, and appends that go on while it runs."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ExpiryDisturbedError, StoreUnavailableError
from ledger.format.envelope import Append, SealedEvent
from ledger.retention.expiry_write import ExpiryWriter
from ledger.store.batch_state import lock_head, standing
from ledger.store.connections import PURGER, Connections
from ledger.store.plan import planned
from ledger.store.plan_writer import write
from projections.expired_rows import forget
from tests.database import Database
from tests.store.proxy import Cut, proxied
from tests.store.retained import DUE, LATER, Retained
from tests.store.test_dying import base, quarantine

PERSON: Final = UUID(int=7)
# A short patience of the server with transactions whose client is gone, so that a test can see it.
_IMPATIENT = PURGER + "; SET idle_in_transaction_session_timeout = '1500ms'"


def filled(kept: Retained) -> bytes:
    """A key with something of every kind under it."""
    due = kept.key(DUE, "quarantine")
    kept.append(kept.event(random_uuid(), 1, due), lookups=[base(PERSON, PERSON, due)])
    quarantine(kept, due, 1)
    kept.index([(PERSON, 1)])
    return due


def terminate(database: Database) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'ledger-purger'"
        )


@pytest.mark.parametrize("moment", ["before rows go", "after rows went", "sealed", "committing"])
def test_an_expiry_whose_server_process_is_killed_leaves_everything(
    kept: Retained, moment: str
) -> None:
    due = filled(kept)
    before = kept.left(due)

    def cut(at: str) -> None:
        if at == moment:
            terminate(kept.database)

    def forgotten(cursor: psycopg.Cursor, positions: Sequence[int], keys: Sequence[bytes]) -> int:
        cut("before rows go")
        count = forget(cursor, positions, keys)
        cut("after rows went")
        return count

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        cut("sealed")
        return kept.sealer(due)(counts)

    expiring = ExpiryWriter(kept.purger, forgotten, settle_seconds=10)
    with pytest.raises(StoreUnavailableError):
        expiring.expire([due], sealed, 1, lambda _: cut("committing"))
    assert kept.left(due) == before
    assert kept.expire(due).position == 2


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.SWALLOWED, Cut.AFTER])
def test_a_lost_answer_of_a_commit_is_settled_by_the_command_id(kept: Retained, cut: Cut) -> None:
    due = filled(kept)
    before = kept.left(due)
    with proxied(kept.database.admin) as proxy:
        purger = Connections(proxy.url(kept.database.urls.purger), _IMPATIENT)
        expiring = ExpiryWriter(purger, forget, settle_seconds=20)
        proxy.cut = cut
        if cut is Cut.AFTER:
            assert expiring.expire([due], kept.sealer(due), 1).position == 2
            assert b"COMMIT" in proxy.kept_back
            assert kept.left(due) == dict.fromkeys(before, 0) | {"expiries": 1}
        else:
            with pytest.raises(StoreUnavailableError):
                expiring.expire([due], kept.sealer(due), 1)
            assert kept.left(due) == before
        assert proxy.cuts == 1
        purger.close()


def test_an_outcome_that_stays_unknown_is_not_reported_as_done(kept: Retained) -> None:
    due = filled(kept)
    with proxied(kept.database.admin) as proxy:
        purger = Connections(proxy.url(kept.database.urls.purger), _IMPATIENT)
        expiring = ExpiryWriter(purger, forget, settle_seconds=0.3)
        expiring.drop_empty_partitions(1)  # the connection stands before the door closes
        proxy.cut, proxy.closed = Cut.AFTER, True
        with pytest.raises(StoreUnavailableError):
            expiring.expire([due], kept.sealer(due), 1)
        proxy.closed = False
        # It had happened; the dead key tells.
        with pytest.raises(ExpiryDisturbedError):
            expiring.expire([due], kept.sealer(due), 2)
        purger.close()
    assert kept.left(due)["expiries"] == 1


# -- appends go on --------------------------------------------------------------------------------


def test_appends_and_reads_go_on_while_many_parts_are_deleted(kept: Retained) -> None:
    due, later, count = kept.key(), kept.key(LATER), 10_000
    for _ in range(0, count, 5_000):
        appends = [Append((kept.event(random_uuid(), 1, due),)) for _ in range(5_000)]
        kept.appender.append(appends)
    kept.index([(PERSON, position) for position in range(1, count + 1)])
    meanwhile: list[int] = []

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        """All is deleted and nothing committed."""
        kept.record(later)
        meanwhile.append(kept.reads.head())
        facts = kept.reads.facts_after(0, count + 1)
        assert [fact.position for fact in facts] == list(range(1, count + 2))
        assert all(fact.sealed is not None for fact in facts)
        return kept.sealer(due)(counts)

    expired = kept.expiring.expire([due], sealed, count)
    assert meanwhile == [count + 1]
    assert (expired.position, expired.events, expired.index_rows) == (count + 2, count, count)
    facts = kept.reads.facts_after(0, count + 2)
    assert [fact.position for fact in facts if fact.sealed is not None] == meanwhile
    assert len(facts) == count + 2


def corrected(kept: Retained, stream: UUID, later: bytes) -> SealedEvent:
    return kept.event(stream, 2, later, "transfer-corrected")


def held(kept: Retained, _stream: UUID, _later: bytes) -> SealedEvent:
    return kept.event(random_uuid(), 1, kept.key(LATER, "register"), "hold-placed")


def of_another(kept: Retained, _stream: UUID, later: bytes) -> SealedEvent:
    return kept.event(random_uuid(), 1, later)


@pytest.mark.parametrize(
    ("happening", "is_reason"), [(corrected, True), (held, True), (of_another, False)]
)
def test_the_append_before_which_an_expiry_waits_is_looked_at_too(
    kept: Retained, happening: Callable[[Retained, UUID, bytes], SealedEvent], *, is_reason: bool
) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream = kept.record(due)
    kept.index()
    appends = [Append((happening(kept, stream, later),))]
    with ThreadPoolExecutor(1) as pool, psycopg.connect(kept.database.urls.writer) as writer:
        writer.autocommit = True
        cursor = writer.cursor(binary=True)
        head = lock_head(writer)
        expiry = pool.submit(kept.expiring.expire, [due], kept.sealer(due), 1)
        wait_for_blocked(kept.database)
        write(cursor, planned(appends, standing(cursor, appends, head), set()))
        cursor.execute("COMMIT")
        if is_reason:
            with pytest.raises(ExpiryDisturbedError):
                expiry.result(30)
        else:
            assert expiry.result(30).position == 3
    assert kept.left(due)["keys"] == int(is_reason)


def wait_for_blocked(database: Database) -> None:
    """Until the purger waits for a lock."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        while not admin.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'ledger-purger' AND wait_event_type = 'Lock'"
        ).fetchall():
            admin.execute("SELECT pg_sleep(0.01)")
