"""After a restore: what died stays dead, what is lost is admitted, and only then it opens."""

from pathlib import Path
from typing import Final

import psycopg
import pytest

from api.settings.settings import Settings
from ledger.backup.after_restore import ClockBehindError, bring_back
from ledger.backup.agreement import DeadKeysStandError, JournalLostError, LogBehindError
from ledger.backup.table_state import journal_id
from ledger.crypto.pseudonyms import random_uuid
from ledger.retention.expiry_write import ExpiryWriter
from ledger.retention.journal_file import ERASURES, Head, Journal
from ledger.retention.proved_expiries import expiries
from tests.database import LEDGER_NAME, Database, Server
from tests.journals import PROVE, journal_in
from tests.ledger.given import ACTOR, AT, data
from tests.ledger.inside import inside
from tests.postgres.backups import (
    LATER,
    back_up,
    brought_back,
    came_back,
    counts,
    is_dense,
    open_up,
    opened_again,
    purge,
    record_keys,
    restored,
    serving,
)

OPEN: Final = data(method="collective", transferred_on=None, transferred_from="2026-03-01")


def test_what_was_destroyed_after_the_backup_stays_dead_after_the_restore(
    folder: Path, journal: Journal
) -> None:
    with serving(folder / "one") as database, inside(database) as house:
        open_up(journal, database)
        house.record("dies", data("P1", "P2"))
        keys = record_keys(database)
        house.follow()
        back_up(database, folder / "backup", "base", journal)
        purge(database, journal, keys, house.head())
        assert not any(counts(database, keys).values())
        house.record("lives", data("P3"))
        seen = house.head()
        open_up(journal, database)
    with restored(folder / "backup", folder / "two", "base") as database:
        assert counts(database, keys)["data_keys"] == len(keys)
        with pytest.raises(DeadKeysStandError, match="destroyed keys stand again"):
            open_up(journal, database)
        # What followed the backup is lost, and only a person can say that this is known.
        with pytest.raises(LogBehindError, match=f"position {seen} was seen"):
            brought_back(journal, database)
        with pytest.raises(LogBehindError):
            open_up(journal, database)
        returned = brought_back(journal, database, accept_loss=True)
        assert returned.destroyed == 0
        assert not any(counts(database, keys).values())
        open_up(journal, database)
        assert is_dense(database)
        with inside(database) as house:
            house.now = LATER
            settings = Settings(name=LEDGER_NAME, journal_dir=journal.folder)
            # A clock that was wrong at the restore must not seem borne out by a plan.
            looks = house.house.retention(settings).looks
            assert ([one.was_made for one in looks.plans()], looks.newest_plan()) == ([False], None)
            assert not house.page("P1").entries
            house.record("new", data("P1", transferred_on="2036-03-01"))
            assert len(house.page("P1").entries) == 1
        with psycopg.connect(database.admin) as connection:
            expired = [(one.keys, one.is_believed) for one in expiries(connection, PROVE)]
        assert expired == [(tuple(sorted(keys)), True)]


def test_a_restore_that_was_cut_off_is_finished_by_the_next(
    server: Server, database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("dies")
        keys = record_keys(database)
        house.follow()
        back_up(database, folder / "backup", "dump", journal)
        open_up(journal, database)
        purge(database, journal, keys, house.head())

    def killed(_cursor: object, _positions: object, _keys: object) -> int:
        raise KeyboardInterrupt

    with came_back(server, folder / "backup") as again:
        with opened_again(again) as house:
            house.expiring = ExpiryWriter(house.purger, killed)
            with house.destroying_again(ACTOR) as destroy, pytest.raises(KeyboardInterrupt):
                bring_back(journal, again.urls, destroy, LATER, PROVE)
        with pytest.raises(DeadKeysStandError):
            open_up(journal, again)
        assert brought_back(journal, again).destroyed == len(keys)
        assert brought_back(journal, again).destroyed == 0
        open_up(journal, again)


def test_a_read_side_that_is_behind_finds_nothing_of_the_dead(
    server: Server, database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("dies")
        keys = record_keys(database)
        back_up(database, folder / "backup", "dump", journal)
        house.follow()
        open_up(journal, database)
        purge(database, journal, keys, house.head())
    with came_back(server, folder / "backup") as again:
        assert brought_back(journal, again).destroyed == len(keys)
        with inside(again) as house:
            house.now = LATER
            assert not house.page("P1").entries


def test_the_key_of_an_object_dies_again_although_it_had_no_day_yet(
    database: Database, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("open", {**OPEN, "transferred_to": None})
        open_up(journal, database)
        with psycopg.connect(database.admin) as connection:
            query = "SELECT key_id FROM ledger.data_keys WHERE day IS NULL"
            keys = {row[0] for row in connection.execute(query)}
        assert keys
        # Closed and destroyed after the state that is open here.
        journal.settle(keys, house.head() + 1)
        house.follow()
        with pytest.raises(DeadKeysStandError):
            open_up(journal, database)
        assert brought_back(journal, database).destroyed == len(keys)
        assert not any(counts(database, keys).values())


def test_nothing_is_destroyed_again_by_a_clock_that_is_behind(
    database: Database, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("dies")
        open_up(journal, database)
        keys = record_keys(database)
        journal.settle(keys, 9)
        with pytest.raises(ClockBehindError, match="set the clock right"):
            brought_back(journal, database, at=AT)
        assert counts(database, keys)["data_keys"] == len(keys)


def test_the_log_tells_the_journal_what_a_killed_process_did_not(
    database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("dies")
        open_up(journal, database)
        keys = record_keys(database)
        house.follow()
        other = journal_in(folder / "other")
        other.begin(journal.id(), LATER)
        purge(database, other, keys, house.head())
        assert journal.erased() == set()
        open_up(journal, database)
        assert journal.erased() == keys


def test_a_ledger_does_not_open_without_its_journal(
    database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        open_up(journal, database)
        with psycopg.connect(database.admin) as connection:
            assert journal_id(connection) == journal.id()
        house.record("kept")
        foreign = journal_in(folder / "foreign")
        foreign.begin(random_uuid(), LATER)
        for wrong in (journal_in(folder / "empty"), foreign):
            with pytest.raises(JournalLostError, match="LEDGER_JOURNAL_DIR"):
                open_up(wrong, database)
        lost = journal_in(folder / "empty")
        with pytest.raises(JournalLostError, match="--accept-loss"):
            brought_back(lost, database)
        brought_back(lost, database, accept_loss=True)
        open_up(lost, database)
        assert lost.id() == journal.id()


def test_the_journal_of_another_database_learns_nothing_from_this_one(
    database: Database, folder: Path, journal: Journal
) -> None:
    foreign = journal_in(folder / "foreign")
    foreign.begin(random_uuid(), LATER)
    with inside(database) as house:
        house.record("dies")
        open_up(journal, database)
        house.follow()
        purge(database, journal, record_keys(database), house.head())
        before = (foreign.folder / ERASURES).read_bytes()
        for accept_loss in (False, True):
            with pytest.raises(JournalLostError, match="LEDGER_JOURNAL_DIR"):
                brought_back(foreign, database, accept_loss=accept_loss)
        assert (foreign.folder / ERASURES).read_bytes() == before


def test_a_log_that_took_another_way_is_noticed(database: Database, journal: Journal) -> None:
    with inside(database) as house:
        house.record("first")
        open_up(journal, database)
        journal.saw(Head(house.head(), bytes(32)), LATER)
        with pytest.raises(LogBehindError, match="holds another event"):
            open_up(journal, database)
