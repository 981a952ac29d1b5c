"""The weekly change of the epoch master, and the destruction of old ones.

A run may be interrupted at any moment and repeated: the master is made only once and its escrow
copy stands before anything is wrapped under it; a row is wrapped anew only if it is still as it was
read. A master is destroyed only when no row named it at the end of any run for a whole horizon: a
backup of a day before that may hold keys, living ones too, that nothing else opens.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from ledger.crypto.epoch import EpochMasters, KeyWorkRefusedError, MasterLostError
from ledger.crypto.epoch_names import WEEK, in_order, monday_of, week_of
from ledger.crypto.escrow import Escrow, copy_of
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import KeyRow

PAGE_ROWS: Final = 500
PASSES_MAX: Final = 5
"""How often the ring is gone through while other processes still wrap under an old master."""

SILENCE_MAX: Final = 8 * WEEK
"""A clock that stands further beyond the newest epoch is believed only with a confirmation."""


class RingRows(Protocol):
    """The key ring's table, gone through as a whole: the rows that the ledger made (0120)."""

    def of_other_epochs(self, epoch: str, after: bytes, limit: int) -> list[KeyRow]:
        """The next rows beyond the id `after` that another master than `epoch` wraps, by id."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many rows each epoch's master wraps; epochs that wrap none are absent."""
        ...

    def foreign(self) -> Iterator[KeyRow]:
        """The rows that the ledger did not make; no other method gives or counts any of them."""
        ...

    def replace(self, old: KeyRow, new: KeyRow) -> bool:
        """Put `new` in the place of `old` if that still stands as it was read; whether it did."""
        ...

    def in_use(self, epochs: Collection[str]) -> None:
        """Note that keys are wrapped under these epochs' masters; it stands when this returns."""
        ...

    def idle_since(self, epochs: Collection[str], today: date) -> Mapping[str, date]:
        """Note that these epochs, and no others, wrap nothing any more.

        Returns for each the first day of which that was noted, and never the contrary since: today
        when there is no word of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a run did.

    Attributes:
        current: the epoch whose master wraps new keys.
        made: whether its master was made in this run.
        copied: escrow copies that were written.
        rewrapped: rows that were wrapped anew.
        left: rows that older masters still wrap, by epoch: a next run takes them.
        destroyed: epochs whose master and copy were destroyed.
        waiting: epochs that wrap nothing, whose master waits for its backups to go → the first day
            on which a run destroys it.
    """

    current: str
    made: bool
    copied: tuple[str, ...]
    rewrapped: int
    left: Mapping[str, int]
    destroyed: tuple[str, ...]
    waiting: Mapping[str, date]


def rotated(
    keys: KeyRing,
    rows: RingRows,
    today: date,
    horizon: timedelta,
    *,
    escrow: Escrow | None,
    confirmed: bool = False,
) -> Rotation:
    """Make the week's master, wrap all living keys anew, destroy masters beyond the horizon.

    One run at a time: the caller holds a lock.

    Args:
        keys: the ring, with its masters.
        today: the day in Japan.
        horizon: how long backups and WAL files are kept.
        escrow: where copies go; None only where masters have another second place.
        confirmed: an operator says that the clock is right.

    Raises:
        KeyWorkRefusedError: the clock looks wrong, masters or copies cannot be written, or the
            week's master is lost: nothing was made.
        BrokenWorldError: the master of a living key is not there, or a row does not open. While
            one does not, no master is destroyed: it may be the one that opened it.
        MastersUnavailableError, StoreUnavailableError: what was done stands; run it again.
    """
    masters = keys.masters
    before = masters.names()
    _check_clock(before, today, confirmed=confirmed)
    copied = [] if escrow is None else list(_copied(masters, before, escrow))
    week = week_of(today)

    if week not in before and week in rows.counts():
        raise MasterLostError(week)

    def keep(master: bytes) -> None:
        if escrow is not None and _store_copy(escrow, week, master):
            copied.append(week)

    masters.create(week, keep)
    current = masters.current()
    moved = _all_rewrapped(keys, rows, current)
    wrapping = rows.counts()
    # A copy whose master is gone is an epoch too.
    known = {*masters.names(), *(escrow.epochs() if escrow is not None else ())}
    idle = known - wrapping.keys() - {current}
    last_needed = {
        name: day + horizon for name, day in rows.idle_since(idle, today).items() if name in idle
    }
    destroyed = tuple(name for name in in_order(last_needed) if last_needed[name] < today)
    if destroyed:
        _check_opens(keys, rows)
        _destroy(destroyed, masters, escrow)
    return Rotation(
        current=current,
        made=week not in before,
        copied=tuple(copied),
        rewrapped=moved,
        left={name: count for name, count in wrapping.items() if name != current},
        destroyed=destroyed,
        waiting={
            name: last_needed[name] + timedelta(days=1)
            for name in in_order(last_needed)
            if name not in destroyed
        },
    )


def _destroy(names: Iterable[str], masters: EpochMasters, escrow: Escrow | None) -> None:
    for name in names:
        # The copy last: what is interrupted is found again by it.
        masters.destroy(name)
        if escrow is not None:
            escrow.destroy(copy_of(name))


def _check_opens(keys: KeyRing, rows: RingRows) -> None:
    """Pass when every key opens, whatever epoch its row names: a row may name a wrong one."""
    after = b""
    while page := rows.of_other_epochs("", after, PAGE_ROWS):  # no epoch has an empty name
        for row in page:
            keys.unwrapped(row)
        after = page[-1].key_id


def _check_clock(names: list[str], today: date, *, confirmed: bool) -> None:
    """Refuse a clock that was set back, and one that was set far ahead."""
    newest = max((day for name in names if (day := monday_of(name)) is not None), default=None)
    if newest is None:
        return
    if newest > today:
        raise KeyWorkRefusedError(
            f"the clock looks wrong: it says {today}, and the epoch {week_of(newest)} has begun"
        )
    if today - newest > SILENCE_MAX and not confirmed:
        raise KeyWorkRefusedError(
            f"the clock looks wrong: it says {today}, and the newest epoch is {week_of(newest)}; "
            "if the clock is right, say so with --clock-is-right"
        )


def _copied(masters: EpochMasters, names: list[str], escrow: Escrow) -> Iterator[str]:
    for name in names:
        master = masters.exported(name)
        if master is not None and escrow.keep(copy_of(name), master):
            yield name


def _store_copy(escrow: Escrow, week: str, master: bytes) -> bool:
    """Keep the copy of a new master, unless another one was made of that name before."""
    if escrow.holds_another(copy_of(week), master):
        raise MasterLostError(week)
    return escrow.keep(copy_of(week), master)


def _all_rewrapped(keys: KeyRing, rows: RingRows, current: str) -> int:
    """Go through the ring until nothing is left that another master wraps; how many rows moved."""
    moved, used = 0, set[str]()
    for _ in range(PASSES_MAX):
        after, found = b"", 0
        while page := rows.of_other_epochs(current, after, PAGE_ROWS):
            # Before they move: backups that were taken since the last run hold them as they are.
            if fresh := {row.epoch for row in page} - used:
                rows.in_use(fresh)
                used |= fresh
            moved += sum(rows.replace(row, keys.rewrapped(row, day=row.day)) for row in page)
            found += len(page)
            after = page[-1].key_id
        if not found:
            break
    return moved
