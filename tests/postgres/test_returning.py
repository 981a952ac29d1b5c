"""After a restore: what died stays dead, what lives on is there, what is lost is admitted."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from api.server.startup_check import AgreementWatch
from api.settings.settings import Settings
from ledger.backup.after_restore import ClockBehindError, bring_back
from ledger.backup.agreement import DestroyedKeysPresentError, JournalLostError, LogBehindError
from ledger.backup.table_state import journal_id
from ledger.crypto.pseudonyms import random_uuid
from ledger.lifetimes import register_day
from ledger.retention.expiry_write import ExpiryWriter
from ledger.retention.journal_file import ERASURES, Head, Journal
from ledger.retention.proved_expiries import expiries
from tests.database import LEDGER_NAME, Database, Server
from tests.journals import PROVE, ROW_MAC, journal_in
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
from tests.postgres.returned import AFTER, BEFORE, DAY, Ledger
from tests.retaining.desk import received, withdrawn
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, correct, told

OPEN: Final = data(method="collective", transferred_on=None, transferred_from="2026-03-01")


def sign_in(database: Database) -> None:
    """A session of before."""
    with psycopg.connect(database.admin) as connection:
        connection.execute(
            "INSERT INTO ledger.sessions (handle, actor, account, roles, begun_at, seen_at,"
            " name_sealed, mac) VALUES (%s, %s, %s, '{officer}', now(), now(), %s, %s)",
            (bytes(32), "a" * 32, bytes(16), bytes(28), bytes(32)),
        )


def has_sessions(database: Database) -> bool:
    with psycopg.connect(database.admin) as connection:
        return connection.execute("SELECT FROM ledger.sessions").fetchone() is not None


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
        sign_in(database)
        assert counts(database, keys)["data_keys"] == len(keys)
        with pytest.raises(DestroyedKeysPresentError, match="destroyed keys stand again"):
            open_up(journal, database)
        # What followed the backup is lost, and only a person can say that this is known.
        with pytest.raises(LogBehindError, match=f"position {seen} was seen"):
            brought_back(journal, database)
        with pytest.raises(LogBehindError):
            open_up(journal, database)
        returned = brought_back(journal, database, accept_loss=True)
        assert returned.destroyed == 0
        assert not any(counts(database, keys).values())
        assert not has_sessions(database), "some were signed out since the backup"
        open_up(journal, database)
        assert is_dense(database)
        with inside(database) as house:
            house.now = LATER
            settings = Settings(name=LEDGER_NAME, journal_dir=journal.folder)
            # A clock that was wrong at the restore must not seem borne out by a plan.
            looks = house.house.retention(settings).overview
            assert ([one.was_made for one in looks.plans()], looks.newest_plan()) == ([False], None)
            assert not house.page("P1").entries
            house.record("new", data("P1", transferred_on="2036-03-01"))
            assert len(house.page("P1").entries) == 1
        with psycopg.connect(database.admin) as connection:
            expired = [(one.keys, one.is_believed) for one in expiries(connection, PROVE)]
        assert expired == [(tuple(sorted(keys)), True)]


def test_a_database_put_back_under_a_running_ledger_is_noticed_however_far_it_goes_on(
    server: Server, database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("one")
        back_up(database, folder / "backup", "dump", journal)
        open_up(journal, database)
        house.record("two")
    watch = AgreementWatch(journal, database.urls)
    watch.note()
    watch.check()
    watch.connections.close()
    seen = journal.last_head()
    with came_back(server, folder / "backup") as again:
        with inside(again) as house:
            for name in ("three", "four", "five"):
                house.record(name)
        watch = AgreementWatch(journal, again.urls)
        for _ in range(2):
            watch.note()
            with pytest.raises(LogBehindError, match="holds another event"):
                watch.check()
            # What went on from there never becomes what was seen last.
            assert journal.last_head() == seen
        watch.connections.close()
        with pytest.raises(LogBehindError):
            open_up(journal, again)


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
            house.expiring = ExpiryWriter(house.purger, killed, house.secret.event_mac)
            with house.repeat_destruction(ACTOR) as destroy, pytest.raises(KeyboardInterrupt):
                bring_back(journal, again.urls, destroy, LATER, PROVE, ROW_MAC)
        with pytest.raises(DestroyedKeysPresentError):
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
        with pytest.raises(DestroyedKeysPresentError):
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


PEOPLE = ("P1", "P2", "P3")
CARRIED = "SELECT count(*) FROM ledger.events WHERE topic = 'record-carried-forward'"


def seen(kept: Keeper) -> dict[str, list[tuple[Any, ...]]]:
    """What each person is told: records, verdicts, ends."""
    return {who: content_of(told(kept, who)) for who in PEOPLE}


def prolonged(kept: Keeper) -> None:
    kept.sent("a", "P1", "P2")
    kept.clock_says(kept.today.replace(month=6))
    correct(kept, "a", {"recorded_on": "2024-06-01", "items": ["氏名"]})


def test_a_restore_that_is_cut_off_between_copies_and_death_is_finished_by_the_next(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    prolonged(kept)
    kept.on(BEFORE)
    ledger.back_up()
    kept.on(AFTER)
    kept.purge()
    before, at = seen(kept), kept.inside.now

    def killed(_cursor: object, _positions: object, _keys: object) -> int:
        raise KeyboardInterrupt

    with came_back(ledger.server, ledger.backup) as database:
        with opened_again(database, at) as house:
            house.expiring = ExpiryWriter(house.purger, killed, house.secret.event_mac)
            with house.repeat_destruction(ACTOR) as destroy, pytest.raises(KeyboardInterrupt):
                bring_back(
                    ledger.journal, database.urls, destroy, at, PROVE, ROW_MAC, accept_loss=True
                )
        with psycopg.connect(database.admin) as connection:
            copies = connection.execute(CARRIED).fetchone()
        assert brought_back(ledger.journal, database, accept_loss=True, at=at).destroyed == 1
        with psycopg.connect(database.admin) as connection:
            assert connection.execute(CARRIED).fetchone() == copies == (1,)
        with ledger.again(database) as again:
            assert seen(again) == before


def released(ledger: Ledger, hold: UUID) -> None:
    """The hold ends after the backup, and what it kept dies."""
    kept = ledger.kept
    ledger.back_up()
    kept.release(hold)
    kept.on("2027-09-10")
    kept.purge()
    assert kept.living() == set()


def test_a_hold_that_was_released_after_the_backup_keeps_until_it_is_released_again(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    kept.sent("gone", "P2")
    hold = kept.hold("investigation", "P1")
    kept.on(BEFORE)
    released(ledger, hold)
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 1
        assert again.living() == {"a"}
        again.release(hold)
        again.on("2027-12-10")
        again.purge()
        assert again.living() == set()


def test_a_hold_that_nobody_can_read_any_more_is_known_to_have_ended(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    placed_at = kept.inside.now
    hold = kept.hold("investigation", "P1")
    kept.on(BEFORE)
    ledger.back_up()
    kept.release(hold)
    kept.on(register_day(placed_at) + timedelta(days=1))
    kept.purge()
    assert kept.retaining.plans.holds()[0].released_at
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 2
        again.retaining.plans.read()
        assert again.retaining.plans.holds() == []
        assert again.living() == set()
        assert not told(again, "P1")


def test_what_a_hold_names_in_a_series_that_was_destroyed_is_copied_out_of_it(
    ledger: Ledger,
) -> None:
    kept = ledger.kept
    series = {"method": "collective", "series_id": "s"}
    closing = {"transferred_on": None, "transferred_from": DAY, "transferred_to": DAY}
    kept.sent("a", "P1", "P2", **series)
    kept.sent("b", "P3", **series, **closing)
    hold = kept.hold("investigation", "P1")
    kept.on(BEFORE)
    before = told(kept, "P1")
    released(ledger, hold)
    with ledger.restored() as (again, _):
        assert again.living() == {"a"}
        [entry] = told(again, "P1")
        assert list(entry.lines) == list(before[0].lines)
        assert not told(again, "P3")
        again.release(hold)
        again.on("2027-12-10")
        again.purge()
        assert again.living() == set()


def ended(ledger: Ledger, case: UUID, until: str = "2027-09-10") -> None:
    """The case ends after the backup, and what it kept dies."""
    kept = ledger.kept
    ledger.back_up()
    withdrawn(kept, case)
    kept.on(until)
    kept.purge()
    assert kept.living() == set()


def test_a_case_whose_own_key_was_destroyed_is_known_to_have_ended(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    case = received(kept, "P1")
    kept.on(BEFORE)
    ended(ledger, case, "2030-04-02")
    assert kept.inside.ledger.case(case) is None
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 2
        assert again.living() == set()
        assert again.inside.ledger.case(case) is None
        again.plan(confirmed=True)
        again.expire()
        assert not any(seen(again).values())
