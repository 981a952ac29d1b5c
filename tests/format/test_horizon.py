"""Whatever the days bring, a backup within the horizon opens; beyond it the dead do not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.epoch import FixedMasters, MasterMissingError, closed
from ledger.crypto.epoch_names import week_of
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.errors import CorruptRecordError
from tests.format.ring_table import Clock, InterruptedRunError, Table
from tests.format.ring_world import FIRST, HORIZON, NEXT, World
from tests.rounds import rounds

SHORT: Final = timedelta(days=9)


@dataclass(frozen=True)
class Backup:
    """The ring as a backup of that day holds it."""

    day: date
    rows: tuple[KeyRow, ...]
    idle: dict[str, date]

    @property
    def epochs(self) -> set[str]:
        return {row.epoch for row in self.rows}


class Days:
    """A ledger from day to day, and the backups that it still keeps."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.today = FIRST
        self.backups: list[Backup] = []

    def back_up(self) -> None:
        table = self.world.table
        self.backups.append(Backup(self.today, tuple(table.rows), dict(table.idle)))

    def rotate(self) -> None:
        self.world.rotate(self.today, horizon=SHORT)

    def rotate_and_be_cut_off(self) -> None:
        left = iter(range(1))

        def end(_: KeyRow, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise InterruptedRunError

        self.world.table.before_replacing = end
        try:
            self.rotate()
        except InterruptedRunError:
            pass
        finally:
            self.world.table.before_replacing = lambda _: None

    def put_a_master_there_by_hand(self) -> None:
        self.world.masters.create(week_of(self.today), lambda _: None)

    def add_keys(self) -> None:
        day = self.today + timedelta(days=1_000)
        for key_class in ("record", "access"):
            self.world.keys.key_for(key_class, day=day)

    def let_keys_die(self) -> None:
        del self.world.table.rows[::3]

    def restore(self) -> None:
        """An older state comes back; what was backed up since belongs to a ledger given up."""
        del self.backups[-3:]
        if self.backups:
            table = self.world.table
            table.rows = list(self.backups[-1].rows)
            table.idle = dict(self.backups[-1].idle)
            self.world.keys = KeyRing(table, self.world.masters, "demo", Clock())

    def rest(self) -> None:
        pass

    def find_a_key_under_an_older_master(self) -> None:
        """As a process leaves it that has not seen the newest one; a backup has it, then a run."""
        names = self.world.masters.names()
        rows = self.world.table.rows
        if rows:
            older = {name: self.world.masters.exported(name) for name in names[:-1] or names}
            key = self.world.keys.unwrapped(rows[-1])
            rows[-1] = closed(key, "demo", FixedMasters(older))
        self.back_up()
        self.rotate()


ACTS: Final = (
    Days.rotate,
    Days.rotate,
    Days.rotate,
    Days.rotate_and_be_cut_off,
    Days.put_a_master_there_by_hand,
    Days.add_keys,
    Days.let_keys_die,
    Days.find_a_key_under_an_older_master,
    Days.restore,
    Days.rest,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@settings(max_examples=rounds(100), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from((0, 1, 3, 9)), st.sampled_from(ACTS)), min_size=4, max_size=30
    )
)
def test_every_backup_within_the_horizon_opens(acts: list[tuple[int, object]]) -> None:
    with TemporaryDirectory() as folder:
        days = Days(Path(folder))
        days.rotate()
        days.add_keys()
        for passed, act in acts:
            days.back_up()
            days.today += timedelta(days=passed)
            days.back_up()
            assert callable(act)
            act(days)
            there = set(days.world.masters.names())
            assert set(days.world.epochs()) <= there
            for backup in days.backups:
                assert days.today - backup.day > SHORT or backup.epochs <= there


@settings(max_examples=rounds(15), deadline=None)
@given(st.lists(st.sampled_from((Days.add_keys, Days.let_keys_die)), min_size=40, max_size=40))
def test_with_a_run_a_day_nothing_opens_one_epoch_and_one_horizon_later(
    acts: list[object],
) -> None:
    with TemporaryDirectory() as folder:
        days = Days(Path(folder))
        days.rotate()
        for act in acts:
            assert callable(act)
            act(days)
            days.back_up()
            days.today += timedelta(days=1)
            days.rotate()
            for backup in days.backups:
                if days.today - backup.day <= SHORT + timedelta(days=7):
                    continue
                old = KeyRing(days.world.table, days.world.masters, "demo", Clock())
                for row in backup.rows:
                    with pytest.raises(MasterMissingError):
                        old.unwrapped(row)


def test_a_key_that_is_found_under_an_idle_master_begins_its_horizon_anew(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(2)
    world.rotate(NEXT)
    stale = FixedMasters({"2026-W48": world.masters.exported("2026-W48")})
    world.table.rows[0] = closed(world.keys.unwrapped(world.table.rows[0]), "demo", stale)
    found = NEXT + timedelta(days=20)
    assert world.rotate(found).rewrapped == 2
    assert world.rotate(found + HORIZON).destroyed == ()
    assert "2026-W48" in world.rotate(found + HORIZON + timedelta(days=1)).destroyed


def test_a_master_that_was_put_there_by_hand_ends_no_epoch_before_a_run_does(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(2)
    world.masters.create("2026-W49", lambda _: None)
    backup = list(world.table.rows)
    late = NEXT + HORIZON + timedelta(days=8)
    done = world.rotate(late)
    assert (done.rewrapped, done.destroyed) == (2, ())
    assert done.waiting["2026-W48"] == late + HORIZON + timedelta(days=1)
    old = KeyRing(Table(backup), world.masters, "demo", Clock())
    assert len(old.open([row.key_id for row in backup])) == 2


def test_a_run_that_could_not_end_for_weeks_takes_no_backup_with_it(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(3)
    broken = world.table.rows[0]
    spoiled = replace(broken, wrapped=bytes(60))
    world.table.rows[0] = spoiled
    for days in range(0, 50, 7):
        with pytest.raises(CorruptRecordError):
            world.rotate(NEXT + timedelta(days=days))
    world.table.rows[world.table.rows.index(spoiled)] = broken
    mended = NEXT + timedelta(days=49)
    done = world.rotate(mended)
    assert done.destroyed == ()
    assert done.waiting["2026-W48"] == mended + HORIZON + timedelta(days=1)
