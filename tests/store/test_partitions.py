"""Partitions go when they are empty; parts piece by piece; connections lost at every moment."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import ExpiryDisturbedError, StoreUnavailableError
from ledger.format.envelope import Append, SealedEvent
from ledger.retention import chunked_delete
from ledger.retention.chunked_delete import PIECE_MAX
from ledger.retention.expiry_write import ExpiryBatch, ExpiryWriter
from ledger.store.append import AppendedBatch
from ledger.store.batch_state import load_batch_state, lock_head
from ledger.store.columns import byteas
from ledger.store.connections import PURGER, Connections
from ledger.store.plan import planned
from ledger.store.plan_writer import write
from projections.expired_rows import forget
from tests.database import Database
from tests.store.proxy import Cut, proxied
from tests.store.retained import DUE, LATER, Retained
from tests.store.samples import MACS, cut_off
from tests.store.test_expiring import base, quarantine

PERSON: Final = UUID(int=7)
# A short patience of the server with transactions whose client is gone, so that a test can see it.
_IMPATIENT = PURGER + "; SET idle_in_transaction_session_timeout = '1500ms'"


def with_parts(kept: Retained) -> bytes:
    """A key with something of every kind under it."""
    due = kept.key(DUE, "quarantine")
    kept.append(kept.event(random_uuid(), 1, due), lookups=[base(PERSON, PERSON, due)])
    quarantine(kept, due, 1)
    kept.index([(PERSON, 1)])
    return due


@pytest.mark.parametrize("moment", ["before rows go", "after rows went", "sealed", "committing"])
def test_an_expiry_whose_server_process_is_killed_leaves_everything(
    kept: Retained, moment: str
) -> None:
    due = with_parts(kept)
    before = kept.left(due)

    def cut(at: str) -> None:
        if at == moment:
            cut_off(kept.database, "purger")

    def forgotten(cursor: psycopg.Cursor, positions: Sequence[int], keys: Sequence[bytes]) -> int:
        cut("before rows go")
        count = forget(cursor, positions, keys)
        cut("after rows went")
        return count

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        cut("sealed")
        return kept.sealer(due)(counts)

    expiring = ExpiryWriter(kept.purger, forgotten, MACS.mac, settle_seconds=10)
    with pytest.raises(StoreUnavailableError):
        expiring.expire([ExpiryBatch([due], sealed)], 1, lambda: cut("committing"))
    assert kept.left(due) == before
    assert kept.expire(due).position == 2


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.SWALLOWED, Cut.AFTER])
def test_a_lost_answer_of_a_commit_is_settled_by_the_command_id(kept: Retained, cut: Cut) -> None:
    due = with_parts(kept)
    before = kept.left(due)
    with proxied(kept.database.admin) as proxy:
        purger = Connections(proxy.url(kept.database.urls.purger), _IMPATIENT)
        expiring = ExpiryWriter(purger, forget, MACS.mac, settle_seconds=20)
        proxy.cut = cut
        if cut is Cut.AFTER:
            [expired] = expiring.expire([ExpiryBatch([due], kept.sealer(due))], 1)
            assert expired.position == 2
            assert b"COMMIT" in proxy.kept_back
            assert kept.left(due) == dict.fromkeys(before, 0) | {"expiries": 1}
        else:
            with pytest.raises(StoreUnavailableError):
                expiring.expire([ExpiryBatch([due], kept.sealer(due))], 1)
            assert kept.left(due) == before
        assert proxy.cuts == 1
        purger.close()


# -- appends go on --------------------------------------------------------------------------------


def test_appends_and_reads_go_on_while_many_parts_are_deleted(kept: Retained) -> None:
    due, later, count = kept.key(), kept.key(LATER), 4_000
    for _ in range(0, count, 2_000):
        appends = [Append((kept.event(random_uuid(), 1, due),)) for _ in range(2_000)]
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

    [expired] = kept.expiring.expire([ExpiryBatch([due], sealed)], count)
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
        expiry = pool.submit(kept.expiring.expire, [ExpiryBatch([due], kept.sealer(due))], 1)
        wait_for_blocked(kept.database)
        write(cursor, planned(appends, load_batch_state(cursor, appends, head), set()), MACS.mac)
        cursor.execute("COMMIT")
        if is_reason:
            with pytest.raises(ExpiryDisturbedError):
                expiry.result(30)
        else:
            assert [one.position for one in expiry.result(30)] == [3]
    assert kept.left(due)["keys"] == int(is_reason)


def test_the_head_is_given_back_until_a_base_that_was_named_meanwhile_is_copied(
    kept: Retained,
) -> None:
    due, later = kept.key(), kept.key(LATER)
    stream, dependant = kept.record(due), random_uuid()
    kept.index()
    row = base(dependant, stream, later)
    appends = [Append((kept.event(dependant, 1, later),), (row,))]
    asked: list[tuple[set[UUID], int, bool]] = []

    def check(bases: Collection[UUID], position: int, *, is_locked: bool) -> int:
        asked.append((set(bases), position, is_locked))
        if bases and not is_locked:
            kept.append(kept.event(stream, 2, later, "record-carried-forward"))
        return len(bases)

    batch = ExpiryBatch([due], kept.sealer(due))
    with ThreadPoolExecutor(1) as pool, psycopg.connect(kept.database.urls.writer) as writer:
        writer.autocommit = True
        cursor = writer.cursor(binary=True)
        head = lock_head(writer)
        expiry = pool.submit(kept.expiring.expire, [batch], 1, None, check)
        wait_for_blocked(kept.database)
        write(cursor, planned(appends, load_batch_state(cursor, appends, head), set()), MACS.mac)
        cursor.execute("COMMIT")
        assert [one.position for one in expiry.result(30)] == [4]
    assert asked == [({stream}, 2, True), ({stream}, 2, False), (set(), 3, False)]
    assert kept.left(due)["keys"] == 0


def wait_for_blocked(database: Database) -> None:
    """Until the purger waits for a lock."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        while not admin.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'ledger-purger' AND wait_event_type = 'Lock'"
        ).fetchall():
            admin.execute("SELECT pg_sleep(0.01)")


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
        chunked_delete.delete(cursor, kept.purger, chunked_delete.locate(cursor, keys), keys)
        assert chunked_delete.locate(cursor, keys) == {}
        connection.rollback()
    assert kept.left(due)["parts"] == MANY


def test_what_joins_a_key_while_its_parts_are_deleted_goes_with_them(kept: Retained) -> None:
    due = kept.key()
    filled(kept, due)
    keys = byteas([due])
    with kept.purger.connection() as connection:
        cursor = connection.cursor(binary=True)
        found = chunked_delete.locate(cursor, keys)
        kept.record(due)
        chunked_delete.delete(cursor, kept.purger, found, keys)
    assert kept.left(due)["parts"] == 0
