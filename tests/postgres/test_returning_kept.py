"""What must outlive a destroyed key is there after a restore as it was; the rest is dead again."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ledger.backup.after_restore import RestoreAgreement, bring_back
from ledger.lifetimes import register_day
from ledger.retention.expiry_write import ExpiryWriter
from ledger.retention.journal_file import Journal
from tests.database import Database, Server
from tests.journals import PROVE, journal_in
from tests.ledger.given import ACTOR
from tests.postgres.backups import (
    back_up,
    brought_back,
    came_back,
    keeping,
    open_up,
    opened_again,
)
from tests.retaining.desk import received, withdrawn
from tests.retaining.keeper import Keeper
from tests.retaining.test_holds_and_copies import content_of, correct, told

DAY, BEFORE, AFTER = "2024-04-01", "2027-03-31", "2027-04-02"
PEOPLE = ("P1", "P2", "P3")
CARRIED = "SELECT count(*) FROM ledger.events WHERE topic = 'record-carried-forward'"


@dataclass(slots=True)
class Ledger:
    """A ledger before and after its restore, with one journal."""

    server: Server
    journal: Journal
    backup: Path
    database: Database
    kept: Keeper

    def back_up(self) -> None:
        self.kept.inside.follow()
        back_up(self.database, self.backup, "dump", self.journal)

    @contextmanager
    def restored(self) -> Generator[tuple[Keeper, RestoreAgreement]]:
        """The backup, brought back at the instant of the keeper's clock."""
        at = self.kept.inside.now
        with came_back(self.server, self.backup) as database:
            returned = brought_back(self.journal, database, accept_loss=True, at=at)
            open_up(self.journal, database)
            with self.again(database) as kept:
                yield kept, returned

    @contextmanager
    def again(self, database: Database) -> Generator[Keeper]:
        with keeping(database, self.journal) as kept:
            kept.transfers, kept.witnessed = self.kept.transfers, self.kept.witnessed
            kept.inside.now = self.kept.inside.now
            yield kept


@pytest.fixture
def ledger(server: Server, database: Database, tmp_path: Path) -> Generator[Ledger]:
    journal = journal_in(tmp_path / "journal")
    with keeping(database, journal) as kept:
        open_up(journal, database)
        kept.on(DAY)
        yield Ledger(server, journal, tmp_path / "backup", database, kept)


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
            house.expiring = ExpiryWriter(house.purger, killed)
            with house.destroying_again(ACTOR) as destroy, pytest.raises(KeyboardInterrupt):
                bring_back(ledger.journal, database.urls, destroy, at, PROVE, accept_loss=True)
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


def test_a_hold_whose_own_keys_were_all_destroyed_is_known_to_have_ended(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    kept.clock_says(kept.today.replace(month=6))
    kept.sent("b", "P1")
    hold = kept.hold("investigation", "P1")
    kept.on(AFTER)
    kept.purge()
    released(ledger, hold)
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 3
        assert again.living() == set()
        assert not any(seen(again).values())


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
