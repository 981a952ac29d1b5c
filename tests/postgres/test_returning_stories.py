"""A restore destroys as the run did that it repeats: each person is told the same after both."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
from hypothesis import given, settings
from typing_extensions import override

from ledger.backup.table_state import head_of
from ledger.retention.journal_file import Head, Journal
from tests.database import Server, cloned_database
from tests.journals import journal_in
from tests.postgres.backups import back_up, brought_back, came_back, keeping, open_up
from tests.retaining import drawn
from tests.retaining.drawn import PEOPLE, Story
from tests.retaining.stories import BEGIN, KEPT, STORIES
from tests.retaining.telling import Teller
from tests.retaining.test_holds_and_copies import content_of, told
from tests.retaining.test_properties import unshrunk
from tests.rounds import rounds

RESTORES_MAX = rounds(4, at_least=2)
"""A restore takes a second: so many of a story, each of the last state before something dies."""

TOLD = (
    "a base lives by a dependant that only a hold keeps, and no longer",
    "a base in a series",
    "a case keeps whom it names, and whom it finds, also when it is opened again",
    "a hold on a person, and on those linked to it later",
    "a hold on a person, and on those linked to it until they are unlinked",
    "a link stands while the next one leads on to a record",
    "a wrong day corrected, and one that prolongs",
    "two holds, of which one is released",
    "what a later record relies on is copied out to its day",
    "a series and a record that take items from each other, and a stranger's",
    "records that take items from each other live by a hold on one of them",
    "records that take items from each other go when no message needs them any more",
    "the base of an open period goes with it",
    "a base is copied from what one open period needs to what another does",
)


@dataclass(slots=True)
class Rewinding(Teller):
    """Takes a backup before a day on which something dies, and restores it after that day."""

    server: Server = field(kw_only=True)
    journal: Journal = field(kw_only=True)
    restores: int = 0

    @override
    def run(self, day: date) -> None:
        inside = self.kept.inside
        if self.restores == RESTORES_MAX or not inside.house.expiry_queries.due(day):
            Teller.run(self, day)
            return
        with TemporaryDirectory() as made:
            backup, before = Path(made) / "backup", self.journal.erased()
            inside.follow()
            back_up(inside.database, backup, "dump", self.journal)
            Teller.run(self, day)
            died = self.journal.erased() - before
            if not died:
                return
            self.restores += 1
            with came_back(self.server, backup) as database:
                returned = brought_back(self.journal, database, accept_loss=True, at=inside.now)
                assert returned.destroyed == len(died)
                open_up(self.journal, database)
                with keeping(database, self.journal) as again:
                    again.inside.now = inside.now
                    for who in PEOPLE:
                        assert content_of(told(again, who)) == content_of(told(self.kept, who))
            # This ledger goes on; that one was a trial.
            self.journal.accept(*self.seen())

    def seen(self) -> tuple[Head, datetime]:
        with psycopg.connect(self.kept.inside.database.admin) as connection:
            return head_of(connection), self.kept.inside.now


@contextmanager
def rewinding(server: Server, folder: Path) -> Generator[Rewinding]:
    journal = journal_in(folder / "journal")
    with cloned_database(server) as database, keeping(database, journal) as kept:
        open_up(journal, database)
        yield Rewinding(kept, lambda _: None, server=server, journal=journal)


def test_a_story_goes_on_after_a_restore_as_it_went_on_without(
    server: Server, tmp_path: Path
) -> None:
    for story in Random().sample(TOLD, rounds(len(TOLD))):  # noqa: S311 -- which are told
        with rewinding(server, tmp_path / story) as teller:
            teller.tell(BEGIN, (STORIES | KEPT)[story])
            assert teller.restores, story


@settings(unshrunk, max_examples=rounds(4))
@given(story=drawn.stories)
def test_any_story_goes_on_after_a_restore_as_it_went_on_without(
    server: Server, story: Story
) -> None:
    with TemporaryDirectory() as folder, rewinding(server, Path(folder)) as teller:
        teller.tell(BEGIN, story)
