"""A restore and the open cases of the log that came back: as with holds."""

from collections.abc import Generator
from pathlib import Path
from uuid import UUID

import pytest

from tests.database import Database, Server
from tests.journals import journal_in
from tests.postgres.backups import keeping, open_up
from tests.postgres.test_returning_kept import AFTER, BEFORE, DAY, Ledger, seen
from tests.retaining.desk import received, withdrawn


@pytest.fixture
def ledger(server: Server, database: Database, tmp_path: Path) -> Generator[Ledger]:
    journal = journal_in(tmp_path / "journal")
    with keeping(database, journal) as kept:
        open_up(journal, database)
        kept.on(DAY)
        yield Ledger(server, journal, tmp_path / "backup", database, kept)


def ended(ledger: Ledger, case: UUID, until: str = "2027-09-10") -> None:
    """The case ends after the backup, and what it kept dies."""
    kept = ledger.kept
    ledger.back_up()
    withdrawn(kept, case)
    kept.on(until)
    kept.purge()
    assert kept.living() == set()


def test_what_an_open_case_keeps_is_there_after_the_restore(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1", "P2")
    kept.sent("gone", "P3")
    case = received(kept, "P1")
    kept.on(BEFORE)
    ledger.back_up()
    kept.on(AFTER)
    assert kept.purge().carried == 1
    before = seen(kept)
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 1
        assert again.living() == {"a"}
        assert seen(again) == before
        withdrawn(again, case)
        again.on("2027-05-01")
        again.purge()
        assert again.living() == set()


def test_a_case_that_ended_after_the_backup_keeps_until_it_ends_again(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    kept.sent("gone", "P2")
    case = received(kept, "P1")
    kept.on(BEFORE)
    ended(ledger, case)
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 1
        assert again.living() == {"a"}
        withdrawn(again, case)
        again.on("2027-12-10")
        again.purge()
        assert again.living() == set()


def test_a_case_whose_copies_were_destroyed_is_known_to_have_ended(ledger: Ledger) -> None:
    kept = ledger.kept
    kept.sent("a", "P1")
    kept.clock_says(kept.today.replace(month=6))
    kept.sent("b", "P1")
    case = received(kept, "P1")
    kept.on(AFTER)
    kept.purge()
    ended(ledger, case)
    with ledger.restored() as (again, returned):
        assert returned.destroyed == 3
        assert again.living() == set()
        assert not any(seen(again).values())


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
