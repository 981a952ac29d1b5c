"""Every event has its MAC, by whichever way it is appended; those of before have none."""

import hmac
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import ProgrammingError, StoredEvent

from api.cli.fsck import forged_events
from api.resources.exports.export_run import Source, leave
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import ForgedEventError
from ledger.exports import verify
from ledger.exports.filters import Filters
from ledger.format.envelope import Append
from ledger.store.append import Appender
from ledger.store.event_macs import forged_up_to
from ledger.store.recorder import LedgerRecorder
from projections.rebuild import rebuild
from projections.verification import Log, differences
from tests.before_macs import without_macs
from tests.canary import MEMBER
from tests.database import Database
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import inside
from tests.retaining.keeper import keeper
from tests.store.samples import MACS, bare, new_transfers, one, positions, sealed, writing


def test_the_bytes_of_a_mac_never_change() -> None:
    stream = UUID("00112233-4455-8677-8899-aabbccddeeff")
    mac = LedgerSecret(bytes(range(32)), "test-ledger").event_mac
    assert mac(stream, 258, "provision-recorded", b'{"v":1}').hex() == (
        "b60e73078c72c59830913a9e8db1438df7b79d78a7b3cda43be293afbe6ce307"
    )


def test_the_mac_is_what_the_format_says() -> None:
    """RFC 5869 and RFC 2104, written out."""
    name = len(b"test-ledger").to_bytes(4, "big") + b"test-ledger"
    prk = hmac.digest(bytes(32), bytes(range(32)), "sha256")
    key = hmac.digest(prk, b"ppl/event/1\x00" + name + b"\x01", "sha256")
    stream, topic, header = UUID(int=7), "case-closed", b"{}"
    message = b"ppl/event-mac/1\x00" + stream.bytes + (3).to_bytes(8, "big")
    message += len(topic).to_bytes(4, "big") + topic.encode() + header
    mac = LedgerSecret(bytes(range(32)), "test-ledger").event_mac(stream, 3, topic, header)
    assert mac == hmac.digest(key, message, "sha256")


def test_every_way_to_append_writes_it(database: Database) -> None:
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        positions(appender.append(new_transfers(3)))  # at once
        positions(appender.append(new_transfers(300)))  # copied
        stream, command = random_uuid(), random_uuid()
        positions(appender.append([one(bare(stream, 1, command))]))
        chunk = Append((sealed(stream, 2, command),), goes_on=True)
        positions(appender.append([chunk]))  # the next of its stream
        positions(appender.append([one(bare(stream, 3, random_uuid()))]))  # of a stream that stands
        LedgerRecorder(connections, MACS).insert_events(stored(random_uuid(), 1, 2))
        with connections.connection() as connection:
            row = connection.execute("SELECT count(*), count(mac) FROM ledger.events").fetchone()
            assert row == (308, 308)
            assert list(forged_up_to(connection, MACS, 308)) == []


def test_a_whole_life_of_a_ledger_has_macs(database: Database) -> None:
    """Corrections, plans and what says that keys were destroyed, too."""
    with keeper(database) as kept:
        kept.on("2020-04-01")
        kept.sent("old", "P9")
        kept.hold("訴訟", "P9")
        kept.on("2023-04-02")
        kept.purge()
        assert forged_events(kept.inside.house) == []
        with psycopg.connect(database.admin) as admin:
            row = admin.execute("SELECT count(*) FROM ledger.events WHERE mac IS NULL").fetchone()
    assert row == (0,)


def test_nothing_is_appended_without_the_secret(database: Database) -> None:
    with writing(database) as connections:
        with pytest.raises(ProgrammingError, match="without the ledger secret"):
            LedgerRecorder(connections).insert_events(stored(random_uuid(), 1))
        assert LedgerRecorder(connections).max_notification_id() is None


def test_a_ledger_of_before_goes_on_and_believes_what_has_no_mac(
    database: Database, tmp_path: Path
) -> None:
    with inside(database) as house:
        house.record("t1", data(MEMBER))
        house.record("t2", data(MEMBER))
        with psycopg.connect(database.admin) as admin:
            without_macs(admin)
    with inside(database) as house:
        house.record("t3", data(MEMBER))
        assert len(house.page(MEMBER).entries) == 3
        of = house.house
        assert forged_events(of) == []
        rebuild(of.follower(), house.connection)
        log = Log(of.reads.facts_after, of.streams.opened, of.streams.judged)
        assert list(differences(house.connection, log, of.secret)) == []
        source = Source(of.streams, house.ledger, lambda: house.now)
        asked, to = Filters(whole=True, reason="報告の求め"), tmp_path / "bag"
        leave(source, ACTOR, asked, to, None, lambda _done, _of: None)
        assert verify.main([str(to)]) == verify.CONSISTENT


def test_what_has_no_mac_behind_the_migration_is_forged(database: Database) -> None:
    """As one would stand that a process of before appended, were it not refused."""
    with inside(database) as house:
        house.record("t1", data(MEMBER))
        with psycopg.connect(database.admin) as admin:
            without_macs(admin)
            admin.execute("UPDATE ledger.event_macs SET after = 0")
        with pytest.raises(ForgedEventError, match="position 1: "):
            house.follow()
        with psycopg.connect(database.urls.writer) as writer:
            writer.execute("UPDATE ledger.head SET position = 2")
            with pytest.raises(psycopg.errors.CheckViolation):
                writer.execute(
                    "INSERT INTO ledger.events SELECT 2, originator_id, 2, topic, state, command,"
                    " partition FROM ledger.events"
                )


def stored(stream: UUID, *versions: int) -> list[StoredEvent]:
    return [StoredEvent(stream, version, "seen", b"{}") for version in versions]
