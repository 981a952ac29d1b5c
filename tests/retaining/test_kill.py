"""kill -9 in the middle of a purge: whoever starts anew ends it as if nothing had happened."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ledger.backup.table_state import find_live_keys
from ledger.clock import day_in_japan
from ledger.retention.expiry import KEYS_PER_EVENT_MAX
from tests.database import Database, Server, cloned_database
from tests.journals import ROW_MAC, journal_in
from tests.retaining.busy import fill
from tests.retaining.endings import Ending, ending
from tests.retaining.keeper import keeper
from tests.retaining.lives import END_S_MAX, life, timed
from tests.retaining.purging import AT, MOMENTS
from tests.rounds import rounds

SEED: Final = 20_270_510
KILLS: Final = rounds(30)
KILLS_MAX: Final = 150
"""On a machine that is much busier at one time than at another, most of them come too late."""
PURGE_DAY: Final = day_in_japan(AT)
CUT_OFF_MIN: Final = 6
"""So many of them must have ended a run before its end, or the machine is too slow to tell."""

DROPS_MAX: Final = 5
"""Times at which an empty partition that somebody uses may stay."""

STEPS_MIN: Final = 4
"""At so many different steps: a plan, its copies and the batches are cut off from each other."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A ledger on the day of a purge, from which others are copied.

    Attributes:
        server: whose databases are copies of it.
        before: its last position.
        undisturbed: what the purge leaves when nobody is killed.
        seconds: how long that stands at each step (`Life.steps`).
        classes: how many keys of each class die.
    """

    server: Server
    before: int
    undisturbed: Ending
    seconds: list[float]
    classes: Counter[str]


@pytest.fixture(scope="module")
def origin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with cloned_database(server) as database:
        with keeper(database) as kept:
            fill(kept)
            before = kept.inside.head()
            classes = Counter(
                key.key_class for key in kept.inside.house.expiry_queries.due(PURGE_DAY)
            )
        source = replace(server, template=database.name)
        # The first life pays for what all others find warm.
        journal = tmp_path_factory.mktemp("first")
        with cloned_database(source) as copy, life(copy, journal, before) as one:
            one.ends()
            steps = one.steps()
        journal = tmp_path_factory.mktemp("undisturbed")
        with cloned_database(source) as copy:
            with life(copy, journal, before) as one:
                seconds = timed(one, steps)
            undisturbed = ending(copy, journal, before)
        yield Origin(source, before, undisturbed, seconds, classes)


def test_the_purge_has_much_of_everything_to_do(origin: Origin) -> None:
    assert origin.classes.total() > 100
    classes = {"record", "no-duty", "series", "link", "directive", "quarantine", "held"}
    assert set(origin.classes) == classes
    left = origin.undisturbed
    assert len(left.expired) > 3
    assert sum(map(len, left.expired)) == origin.classes.total()
    assert all(len(keys) <= KEYS_PER_EVENT_MAX for keys in left.expired)
    assert len(left.tables["copies"]) > 30
    assert {row[1] for row in left.tables["copies"]} == {"held", "record"}
    assert len(left.tables["index"]) > 30
    assert not left.tables["parts of the dead"]
    assert not left.tables["quarantine"]
    assert not left.open


def test_killed_at_any_moment_it_is_ended_by_the_next_as_if_undisturbed(
    origin: Origin, tmp_path: Path
) -> None:
    dice = random.Random(SEED)  # noqa: S311 -- when to kill, nothing secret
    cut_off: Counter[int] = Counter()
    for number in range(KILLS_MAX):
        if number >= KILLS and cut_off.total() >= CUT_OFF_MIN and len(cut_off) >= STEPS_MIN:
            break
        # Each step has its share, however slow the machine is just now.
        step = number % len(origin.seconds)
        with cloned_database(origin.server) as database:
            journal = tmp_path / f"{number}"
            with life(database, journal, origin.before) as one:
                one.await_step(step)
                # The first time at once: what was measured may be longer than it takes now.
                if number >= len(origin.seconds):
                    one.process.join(dice.random() * origin.seconds[step])
                one.process.kill()
                one.process.join()
                if one.process.exitcode == -signal.SIGKILL:
                    cut_off[one.steps()] += 1
            ended(origin, database, journal)
    assert cut_off.total() >= CUT_OFF_MIN, cut_off
    assert len(cut_off) >= STEPS_MIN, cut_off


@pytest.mark.parametrize("number", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_beside_the_journal_it_is_ended_by_the_next_as_if_undisturbed(
    origin: Origin, tmp_path: Path, moment: str, number: int
) -> None:
    batches = origin.undisturbed.expired
    number %= len(batches)
    batch = set(batches[number])
    with cloned_database(origin.server) as database:
        with life(database, tmp_path, origin.before, (moment, number)) as one:
            one.process.join(END_S_MAX)
            assert one.process.exitcode == -signal.SIGKILL
        journal = journal_in(tmp_path)
        earlier = origin.undisturbed.erased - {key for keys in batches for key in keys}
        assert journal.erased() == earlier | {key for keys in batches[:number] for key in keys}
        assert journal.intended() == (set() if moment == "before the intent" else batch)
        with psycopg.connect(database.admin) as admin:
            standing = find_live_keys(admin, batch, ROW_MAC)
        assert standing == (set() if moment == "after the commit" else batch)
        ended(origin, database, tmp_path)


def ended(origin: Origin, database: Database, journal: Path) -> None:
    """Let another process go on, and compare."""
    with life(database, journal, origin.before) as another:
        another.ends()
    left = ending(database, journal, origin.before)
    for _ in range(DROPS_MAX):
        # What somebody uses stays until the next time, and the statement of one who was killed goes
        # on for a moment. It is empty, for its parts are those of the undisturbed one.
        if left.tables["partitions"] <= origin.undisturbed.tables["partitions"]:
            break
        with life(database, journal, origin.before) as another:
            another.ends()
        left = ending(database, journal, origin.before)
    for name, rows in origin.undisturbed.tables.items():
        assert left.tables[name] == rows, name
    assert left == origin.undisturbed
