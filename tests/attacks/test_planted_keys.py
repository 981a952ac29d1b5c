"""Rows of the key ring that the ledger did not make, and days of idle epochs that it did not note.

Attack: whoever has the login of the writer adds rows to the key ring, of any bytes: for a day and
class in which nothing was sealed yet, so that nothing of that day is recorded; under an epoch that
never was, so that no process starts, no rotation or run of retention ends and no backup is put
back; a key of copies of a hold that stands, a link's without a link; the row of a key that was
destroyed since, with the MAC that it had, or of one from before MACs. Whoever has the login of
the purger says that the epoch in use has been idle for years, beside keys that they delete or name
after another epoch, and the next rotation destroys its master with the copy in escrow.

Held off by: a MAC beside each row of both tables under a subkey of the ledger secret (0120). A row
of the ring without the right one is as if it were not there, and the next key has the next number;
`ledger fsck` and `ledger keys check` name it. A key is added once, whatever became of it, one that
died before this was so included (ledger migration 0042). A day
without the right one counts from today; no master is destroyed while a key of the ledger's does not
open.
"""

import os
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest

from api.server.container_opener import check_keys, opened
from api.server.key_ring_check import rotate
from api.server.secrets import OtherMastersError
from ledger.backup.after_restore import bring_back
from ledger.backup.agreement import agree
from ledger.backup.creation import take
from ledger.clock import now
from ledger.crypto.epoch import MasterLostError
from ledger.crypto.escrow import copy_of
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import BrokenWorldError
from ledger.postgres.migrate import WRITE_SIDE, migrations
from ledger.retention.expiry_write import DestroyedKeys
from ledger.store.secret_check import OtherSecretError
from tests.database import Database
from tests.journals import PROVE, ROW_MAC, journal_in
from tests.ledger.given import ACTOR
from tests.retaining.keeper import keeper
from tests.serving.houses import house_of, record
from tests.serving.processes import environment, run
from tests.serving.sealed_place import NEXT, WARNED, Place

EPOCH: Final = "2026-W48"
"""The epoch in use, `FIRST`."""
HORIZON: Final = timedelta(days=35)
DAY: Final = timedelta(days=1)
PLANT: Final[LiteralString] = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, number, mac)
    VALUES (%s, %s, %s, NULL, %s, %s, %s, %s)
"""
PLANT_DAYS: Final[LiteralString] = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, number, mac)
    SELECT sha256(convert_to(class || day || n, 'UTF8')), class, day::date, NULL, %(epoch)s,
           substring(sha256('a') || sha256('b') FROM 1 FOR 60), n, sha256('c')
      FROM unnest(ARRAY['record', 'access', 'no-duty', 'staging']) AS class,
           generate_series(current_date, current_date + 2200, interval '1 day') AS day,
           generate_series(0, 1) AS n
"""


PLANT_OWNED: Final[LiteralString] = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, number, mac)
    VALUES (%s, %s, NULL, %s, '2019-W01', %s, 0, %s)
"""
PUT_BACK: Final[LiteralString] = (
    "INSERT INTO ledger.data_keys VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
DELETED: Final[LiteralString] = "DELETE FROM ledger.data_keys"


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Place:
    return Place(tmp_path, database)


@contextmanager
def writer(place: Place) -> Generator[psycopg.Connection]:
    with psycopg.connect(place.database.urls.writer) as connection:
        yield connection


def in_use(place: Place, *ids: str) -> None:
    """Record, and make the copies in escrow."""
    assert place.run("escrow")[0] == 0
    with house_of(place.database.urls, place.settings) as house:
        record(house, *ids)


def planted(place: Place, epoch: str, number: int = 0, day: int = 0) -> str:
    """Add a row as the login of the writer may; its id."""
    key_id = os.urandom(32)
    with writer(place) as connection:
        values = (key_id, "record", NEXT + (9_000 + day) * DAY, epoch, os.urandom(60))
        connection.execute(PLANT, (*values, number, os.urandom(32)))
    return key_id.hex()


def purged(place: Place, *statements: LiteralString) -> None:
    """Write as the login of the purger may."""
    with psycopg.connect(place.database.urls.purger) as connection:
        for one in statements:
            connection.execute(one)


def is_whole(place: Place) -> bool:
    """Whether the master of the first week is there, and its copy."""
    return (place.epochs / EPOCH).exists() and (
        place.folder / "escrow" / f"{copy_of(EPOCH)}.age"
    ).exists()


def opens(place: Place) -> int:
    """How many events open."""
    with opened(place.settings, place.database.urls) as house:
        found = house.streams.opened(house.reads.facts_after(0, 1_000))
        return sum(one.content is not None for one in found)


@pytest.mark.parametrize("epoch", [EPOCH, "2019-W01"])
def test_a_transfer_is_recorded_whatever_key_was_added(place: Place, epoch: str) -> None:
    with writer(place) as connection:
        connection.execute(PLANT_DAYS, {"epoch": epoch})
    for n in range(2):  # another process finds the key behind the planted rows
        with house_of(place.database.urls, place.settings) as house:
            record(house, str(n))
    assert opens(place) == 2
    with writer(place) as connection:
        found = connection.execute(
            "SELECT array_agg(DISTINCT key_class || number ORDER BY key_class || number)"
            "  FROM ledger.data_keys WHERE number > 1"
        ).fetchone()
    assert found == (["record2"],)


def test_it_starts_is_ready_and_rotates_whatever_key_was_added(place: Place) -> None:
    in_use(place, "1")
    for n, epoch in enumerate(("2019-W01", EPOCH, "2026-W49", "2026-W01")):
        planted(place, epoch, n, n)
    assert opens(place) == 1
    with house_of(place.database.urls, place.settings) as house:
        check_keys(house)
    place.rotate(NEXT)
    assert opens(place) == 1
    # Nor does the row keep the master: what died is to become unreadable in backups.
    place.rotate(NEXT + HORIZON + DAY)
    assert not (place.epochs / EPOCH).exists()
    assert opens(place) == 1


def test_a_run_of_retention_goes_on_whatever_key_was_added(database: Database) -> None:
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("due", "P1")
        kept.on("2024-04-30")
        kept.sent("later", "P2")
        with psycopg.connect(database.urls.writer) as connection:
            for one in ("series", "link", "directive", "case", "held"):
                values = (os.urandom(32), one, random_uuid(), os.urandom(60), os.urandom(32))
                connection.execute(PLANT_OWNED, values)
        kept.on("2026-05-02")
        kept.purge()
        assert kept.living() == {"later"}


def test_a_hold_keeps_its_record_whatever_key_of_copies_was_added(database: Database) -> None:
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("due", "P1")
        kept.sent("other", "P2")
        kept.on("2024-04-30")
        hold = kept.hold("訴訟", "P1")
        with psycopg.connect(database.urls.writer) as connection:
            # The first by its id.
            values = (bytes(32), "held", hold, os.urandom(60), os.urandom(32))
            connection.execute(PLANT_OWNED, values)
        kept.on("2026-05-02")
        kept.purge()
        assert kept.living() == {"due"}


@pytest.mark.parametrize("key_class", ["link", "directive", "record", "series"])
def test_a_run_goes_on_whatever_key_without_an_owner_is_due(
    database: Database, key_class: str
) -> None:
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("due", "P1")
        kept.on("2024-04-30")
        kept.sent("later", "P2")
        key_id = os.urandom(32)
        with psycopg.connect(database.urls.writer) as connection:
            values = (key_id, key_class, kept.today, EPOCH, os.urandom(60), 0, os.urandom(32))
            connection.execute(PLANT, values)
        kept.on("2026-05-02")
        report = kept.purge()
        assert kept.living() == {"later"}
        assert key_id not in {key for one in report.expired for key in one.keys}


@pytest.mark.parametrize("day", ["infinity", "0001-12-31 BC", "4000-01-01 BC", "10000-01-01"])
def test_a_key_with_a_day_that_no_program_reads_is_not_added(
    shared_database: Database, day: str
) -> None:
    with psycopg.connect(shared_database.urls.writer) as connection:
        values = (os.urandom(32), "record", day, EPOCH, os.urandom(60), 0, os.urandom(32))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(PLANT, values)


def test_a_key_that_was_destroyed_before_keys_had_macs_is_not_put_back(database: Database) -> None:
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("due", "P1")
        kept.on("2026-05-02")
        [expired] = kept.purge().expired
        [migration] = [one for one in migrations(WRITE_SIDE) if one.number == 42]
        with psycopg.connect(database.admin) as connection:
            # What 0041 left of a ledger that had destroyed it before.
            connection.execute(
                "DELETE FROM ledger.key_ids WHERE key_id = ANY(%s)", [list(expired.keys)]
            )
            filled = migration.text[migration.text.index("INSERT INTO ledger.key_ids") :]
            connection.execute(filled.encode())
        with psycopg.connect(database.urls.writer) as connection:
            values = (expired.keys[0], "record", kept.today, EPOCH, os.urandom(60), 0, bytes(32))
            with pytest.raises(psycopg.errors.UniqueViolation, match="key_ids"):
                connection.execute(PLANT, values)


@pytest.mark.parametrize("days", [-1, 1_000])
def test_a_key_that_was_put_back_before_that_stops_no_start_and_no_restore(
    database: Database, tmp_path: Path, days: int
) -> None:
    with keeper(database) as kept:
        kept.on("2023-04-30")
        kept.sent("due", "P1")
        kept.on("2026-05-02")
        [expired] = kept.purge().expired
        journal, at = journal_in(tmp_path), kept.inside.now
        with psycopg.connect(database.urls.writer, autocommit=True) as connection:
            agree(journal, connection, at, PROVE, ROW_MAC)
            with psycopg.connect(database.admin) as admin:
                admin.execute("DELETE FROM ledger.key_ids WHERE NOT key_id = ANY(%s)", ([],))
            day = kept.today + days * DAY
            values = (expired.keys[0], "record", day, EPOCH, os.urandom(60), 0, bytes(32))
            connection.execute(PLANT, values)
            assert agree(journal, connection, at, PROVE, ROW_MAC) == []

        def destroy(keys: Collection[bytes], at: datetime) -> Sequence[DestroyedKeys]:
            return kept.retaining.destroy_restored(keys, at, ACTOR).expired

        restored = bring_back(journal, database.urls, destroy, at, PROVE, ROW_MAC)
        assert (restored.destroyed, restored.open) == (0, 0)


def test_it_is_named_by_fsck_and_by_the_check_of_the_ring(place: Place) -> None:
    in_use(place, "1")
    assert place.run("check", "--all") == (0, [WARNED, "0 faults"])
    ids = {planted(place, "2019-W01"), planted(place, EPOCH, day=1)}
    code, lines = place.run("check")
    assert (code, lines[-1]) == (1, "2 faults")
    told = "the ledger did not make this row of the key ring"
    assert {line.split(":")[0] for line in lines if told in line} == {f"key {one}" for one in ids}
    code, printed = run("fsck", given=environment(**place.given))
    assert code == 1
    assert {one for one in ids if f"key {one}: {told}" in printed} == ids


def test_a_backup_names_the_masters_of_the_ledger_s_keys_alone(
    place: Place, tmp_path: Path
) -> None:
    in_use(place, "1")
    planted(place, "2019-W01")
    with house_of(place.database.urls, place.settings) as house:
        manifest = take(tmp_path / "backup", house.urls, None, None, now(), house.secret)
    assert manifest.epochs == [EPOCH]


def test_a_lost_master_of_the_ledger_s_own_keys_is_refused_beside_planted_rows(
    place: Place,
) -> None:
    in_use(place, "1")
    for n in range(3):
        planted(place, EPOCH, n)
    (place.epochs / EPOCH).rename(place.epochs / "2026-W47")
    with pytest.raises(OtherMastersError, match="2026-W48 of a living key is not there"):
        opens(place)


def test_a_key_of_before_rows_had_macs_opens_and_no_login_adds_one(place: Place) -> None:
    in_use(place, "1")
    with psycopg.connect(place.database.admin) as admin:
        admin.execute("UPDATE ledger.data_keys SET mac = NULL")
    assert opens(place) == 1
    place.rotate(NEXT)
    assert opens(place) == 1
    with writer(place) as connection, pytest.raises(psycopg.errors.NotNullViolation):
        connection.execute(PLANT, (os.urandom(32), "record", NEXT, EPOCH, bytes(60), 0, None))


@pytest.mark.parametrize("level", list(psycopg.IsolationLevel))
def test_the_row_of_a_destroyed_key_is_not_put_back(
    place: Place, level: psycopg.IsolationLevel
) -> None:
    in_use(place, "1")
    with psycopg.connect(place.database.urls.writer) as connection:
        connection.isolation_level = level
        [row] = connection.execute("SELECT * FROM ledger.data_keys").fetchall()
        purged(place, DELETED)
        with pytest.raises(psycopg.errors.UniqueViolation, match="key_ids"):
            connection.execute(PUT_BACK, row)


def test_a_rotation_under_another_secret_is_refused(place: Place) -> None:
    in_use(place, "1")
    with pytest.raises(OtherSecretError):
        rotate(replace(place.settings, secret=bytes(32)), place.database.urls, NEXT)
    assert is_whole(place)


def test_a_second_row_that_checks_the_secret_stops_no_start(place: Place) -> None:
    in_use(place, "1")
    with writer(place) as connection:
        connection.execute(SECOND_CHECK)
    assert opens(place) == 1


SECOND_CHECK: Final[LiteralString] = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id)
    SELECT kind, decode(repeat('00', 16), 'hex'), stream, key_id
      FROM ledger.lookups WHERE kind = 'secret-check'
"""
IDLE_FOR_YEARS: Final[LiteralString] = (
    "INSERT INTO ledger.idle_epochs (epoch, since) VALUES ('2026-W48', '2020-01-01')"
)
RENAMED: Final[LiteralString] = "UPDATE ledger.data_keys SET epoch = '2026-W49'"


def test_a_backup_of_before_opens_though_keys_were_deleted(place: Place) -> None:
    in_use(place, "1")
    purged(place, DELETED, IDLE_FOR_YEARS)
    place.rotate(NEXT)
    assert is_whole(place)
    place.rotate(NEXT + HORIZON)
    assert is_whole(place), "the last backup of before the deletion is 35 days old"
    place.rotate(NEXT + HORIZON + DAY)
    assert not is_whole(place)


def test_no_master_is_destroyed_whose_keys_are_named_after_the_next_one(place: Place) -> None:
    in_use(place, "1")
    purged(place, RENAMED, IDLE_FOR_YEARS)
    with pytest.raises(MasterLostError, match="2026-W49"):
        place.rotate(NEXT)
    assert is_whole(place)


def test_no_master_is_destroyed_while_a_key_of_the_ledger_s_does_not_open(place: Place) -> None:
    in_use(place, "1")
    with psycopg.connect(place.database.urls.purger) as purger:
        read = "SELECT wrapped FROM ledger.data_keys"
        [(before,)] = purger.execute(read).fetchall()
        purger.commit()
        place.rotate(NEXT)
        place.rotate(NEXT + HORIZON)
        # As it was under the first master, and named after the one of this week.
        purger.execute("UPDATE ledger.data_keys SET wrapped = %s", (before,))
    for day in (NEXT + HORIZON + DAY, NEXT + 3 * HORIZON):
        with pytest.raises(BrokenWorldError, match="does not open"):
            place.rotate(day)
        assert is_whole(place)


@pytest.mark.parametrize("mac", ["none", "its own", "any"])
def test_a_backup_within_the_horizon_opens_whatever_day_was_written(
    place: Place, mac: str, caplog: pytest.LogCaptureFixture
) -> None:
    in_use(place, "1")
    place.rotate(NEXT)
    with psycopg.connect(place.database.urls.purger) as connection:
        found = connection.execute("DELETE FROM ledger.idle_epochs RETURNING mac").fetchall()
        written = {"none": None, "its own": found[0][0], "any": bytes(32)}[mac]
        connection.execute(
            "INSERT INTO ledger.idle_epochs (epoch, since, mac) VALUES (%s, '2020-01-01', %s)",
            (EPOCH, written),
        )
    place.rotate(NEXT + DAY)
    assert "the day of an idle epoch is not the ledger's" in caplog.text
    place.rotate(NEXT + DAY + HORIZON)
    assert is_whole(place)
    place.rotate(NEXT + DAY + HORIZON + DAY)
    assert not is_whole(place)
