"""The weekly change: interrupted anywhere and repeated, it ends as the undisturbed run."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.crypto.epoch import (
    FixedMasters,
    KeyWorkRefusedError,
    MasterLostError,
    MasterMissingError,
    closed,
    demo_masters,
)
from ledger.crypto.epoch_names import week_of
from ledger.crypto.escrow import copy_of
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow
from ledger.crypto.rotation import rotated
from ledger.errors import CorruptRecordError
from tests.format.ring_world import FIRST, HORIZON, NEXT, Clock, InterruptedRunError, Table, World
from tests.rounds import rounds


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_new_week_gets_a_master_a_copy_and_all_living_keys(world: World) -> None:
    first = world.rotate(FIRST)
    assert (first.made, first.copied, first.rewrapped) == (True, ("2026-W48",), 0)
    ids = world.add_keys(3)
    again = world.rotate(FIRST + timedelta(days=6))
    assert (again.made, again.copied, again.rewrapped) == (False, (), 0)
    done = world.rotate(NEXT)
    assert (done.current, done.made, done.copied) == ("2026-W49", True, ("2026-W49",))
    assert (done.rewrapped, done.left, done.destroyed) == (3, {}, ())
    assert done.waiting == {"2026-W48": NEXT + HORIZON + timedelta(days=1)}
    assert world.epochs() == {"2026-W49"}
    assert world.ids() == set(ids)
    assert world.escrow.epochs() == world.masters.names() == ["2026-W48", "2026-W49"]


def test_a_master_is_destroyed_with_its_copy_when_the_last_backup_of_its_time_is_gone(
    world: World,
) -> None:
    world.rotate(FIRST)
    world.add_keys(2)
    backup = list(world.table.rows)
    # The next master was made on the Wednesday of its week: until then the first one was in use.
    made = NEXT + timedelta(days=2)
    world.rotate(made)
    last = made + HORIZON
    for weeks in range(1, 6):
        world.rotate(NEXT + weeks * timedelta(days=7))
    assert world.rotate(last).destroyed == ()
    done = world.rotate(last + timedelta(days=1))
    assert done.destroyed == ("2026-W48",)
    assert "2026-W48" not in {*world.masters.names(), *world.escrow.epochs()}
    # What an old copy of the table holds is unreadable now; the living ring is not touched.
    old = KeyRing(Table(backup), world.masters, "demo", Clock())
    with pytest.raises(MasterMissingError, match="2026-W48"):
        old.open([row.key_id for row in backup])
    assert world.ids() == {row.key_id for row in backup}


def test_a_master_that_still_wraps_a_living_key_is_not_destroyed(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(2)
    world.rotate(NEXT)
    stale = FixedMasters({"2026-W48": world.masters.exported("2026-W48")})
    other = KeyRing(world.table, stale, "demo", Clock())
    key = world.keys.unwrapped(world.table.rows[0])
    world.table.rows[0] = closed(key, "demo", stale)

    def wrap_again(old: KeyRow) -> None:
        """A process that still has the old master alone wraps the key anew whenever it is read."""
        if old.key_id == key.id:
            place = world.table.rows.index(old)
            world.table.rows[place] = other.rewrapped(old, day=old.day)

    world.table.before_replacing = wrap_again
    late = NEXT + HORIZON + timedelta(days=8)
    done = world.rotate(late)
    assert (done.left, done.destroyed) == ({"2026-W48": 1}, ())
    assert "2026-W48" in world.masters.names()
    world.table.before_replacing = lambda _: None
    # A backup of this very day holds the key under the old master: its time ends only now.
    assert world.rotate(late).destroyed == ()
    assert world.rotate(late + HORIZON).destroyed == ()
    gone = world.rotate(late + HORIZON + timedelta(days=1)).destroyed
    assert gone == ("2026-W48", "2026-W49")


def test_a_row_that_changes_meanwhile_is_taken_again(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(3)
    series = world.keys.key_for("series", owner=UUID(int=7))
    moved: list[KeyRow] = []

    def move_day(old: KeyRow) -> None:
        """Somebody moves the day of the series while its row is being wrapped anew."""
        if old.key_id == series.id and not moved:
            new = world.keys.rewrapped(old, day=date(2040, 1, 1))
            moved.append(new)
            world.table.rows[world.table.rows.index(old)] = new

    world.table.before_replacing = move_day
    done = world.rotate(NEXT)
    assert (done.rewrapped, done.left) == (3, {})
    assert moved[0] in world.table.rows
    assert world.epochs() == {"2026-W49"}


@settings(max_examples=rounds(40), deadline=None)
@given(st.integers(0, 12), st.integers(0, 12))
def test_a_run_that_ends_anywhere_goes_on_where_it_ended(first: int, second: int) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.rotate(FIRST)
        ids = world.add_keys(10)
        for limit in (first, second):
            left = iter(range(limit))

            def end(_: KeyRow, left: Iterator[int] = left) -> None:
                if next(left, None) is None:
                    raise InterruptedRunError

            world.table.before_replacing = end
            try:
                world.rotate(NEXT)
            except InterruptedRunError:
                assert world.ids() == set(ids)
        world.table.before_replacing = lambda _: None
        assert world.rotate(NEXT).left == {}
        assert world.epochs() == {"2026-W49"}
        assert world.ids() == set(ids)


CLOCKS: dict[str, tuple[date, bool, str]] = {
    "set back a week": (FIRST - timedelta(days=1), False, "2026-W48 has begun"),
    "set back, confirmed": (FIRST - timedelta(days=1), True, "2026-W48 has begun"),
    "two years ahead": (FIRST + timedelta(days=730), False, "newest epoch is 2026-W48"),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_that_looks_wrong_changes_nothing(world: World, clock: str) -> None:
    today, confirmed, reason = CLOCKS[clock]
    world.rotate(FIRST)
    world.add_keys(1)
    before = list(world.table.rows)
    with pytest.raises(KeyWorkRefusedError, match=reason):
        world.rotate(today, confirmed=confirmed)
    assert (world.table.rows, world.masters.names()) == (before, ["2026-W48"])


@pytest.mark.parametrize("keys", [0, 1])
def test_a_lost_master_is_not_made_anew_over_its_copy(world: World, keys: int) -> None:
    world.rotate(FIRST)
    world.add_keys(keys)
    lost = world.folder / "epochs" / "2026-W48"
    content = lost.read_bytes()
    lost.unlink()
    world.masters.create("2026-W47", lambda _: None)
    with pytest.raises(MasterLostError, match="2026-W48 is lost") as refused:
        world.rotate(FIRST)
    assert "ledger keys escrow --recover 2026-W48" in str(refused.value)
    assert "move" not in str(refused.value)
    assert [file.name for file in lost.parent.iterdir()] == ["2026-W47"]
    assert world.escrow.epochs() == ["2026-W47", "2026-W48"]
    lost.write_bytes(content)
    assert world.rotate(FIRST).made is False


def test_a_missing_master_of_a_living_key_stops_the_run_before_anything_dies(world: World) -> None:
    world.rotate(FIRST)
    world.add_keys(1)
    world.rotate(NEXT)
    for row in list(world.table.rows):
        world.table.rows[world.table.rows.index(row)] = replace(row, epoch="2026-W40")
    with pytest.raises(MasterMissingError, match="2026-W40"):
        world.rotate(NEXT + HORIZON + timedelta(days=10))
    assert "2026-W48" in world.masters.names()


def test_a_copy_that_cannot_be_written_leaves_no_new_master(world: World) -> None:
    world.rotate(FIRST)
    (world.folder / "escrow" / f"{copy_of('2026-W49')}.check").mkdir()
    with pytest.raises(KeyWorkRefusedError, match="escrow"):
        world.rotate(NEXT)
    assert world.masters.names() == ["2026-W48"]


def test_an_epoch_with_another_name_ends_with_the_first_week(world: World) -> None:
    world.masters.create("first", lambda _: None)
    world.add_keys(2)
    assert world.epochs() == {"first"}
    done = world.rotate(FIRST)
    assert (done.copied, done.rewrapped) == (("first", "2026-W48"), 2)
    assert done.waiting == {"first": FIRST + HORIZON + timedelta(days=1)}
    assert world.rotate(FIRST + timedelta(days=36)).destroyed == ("first",)


def test_the_masters_of_the_environment_do_not_rotate(world: World) -> None:
    keys = KeyRing(world.table, demo_masters(), "demo", Clock())
    with pytest.raises(KeyWorkRefusedError, match="environment"):
        rotated(keys, world.table, FIRST, HORIZON, escrow=None)


# -- whatever the days bring, a backup within the horizon opens; beyond it the dead do not ---------

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


def test_a_run_that_ended_between_a_master_and_its_copy_destroys_the_copy_next_time(
    world: World,
) -> None:
    world.rotate(FIRST)
    world.rotate(NEXT)
    world.masters.destroy("2026-W48")
    done = world.rotate(NEXT + HORIZON + timedelta(days=8))
    assert done.destroyed == ("2026-W48",)
    assert "2026-W48" not in world.escrow.epochs()


def test_a_rotation_after_a_long_silence_goes_on_when_the_clock_is_confirmed(world: World) -> None:
    world.rotate(FIRST)
    late = FIRST + timedelta(days=730)
    assert world.rotate(late, confirmed=True).current == week_of(late)


def test_a_copy_without_its_check_is_nobodys_to_replace(world: World) -> None:
    world.rotate(FIRST)
    (world.folder / "epochs" / "2026-W48").unlink()
    world.masters.create("2026-W47", lambda _: None)
    (world.folder / "escrow" / f"{copy_of('2026-W48')}.check").unlink()
    with pytest.raises(MasterLostError):
        world.rotate(FIRST)
    assert world.escrow.epochs() == ["2026-W47", "2026-W48"]
