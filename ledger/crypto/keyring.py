"""The key ring: gives out data keys, makes new ones, forgets the dead.

The table is the truth; a key that is not in it is dead. What is given out may be up to five minutes
old, so whoever appends checks in its transaction that the key still stands.

Source: `docs/reference/event-format.md`, section 5.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from ledger.crypto.encoding import ledger_prefix
from ledger.crypto.epoch import EpochMasters, closed, opened
from ledger.crypto.keys import (
    KEY_CLASSES,
    OWNED_CLASSES,
    SEVERAL_CLASSES,
    DataKey,
    KeyRow,
    key_id_of,
)

CACHE_AGE_MAX = timedelta(minutes=5)
KEY_BYTES = 32
# A cached key is about 0.5 kB; this many cover a rebuild's working set and stay below 64 MB.
CACHED_KEYS_MAX = 100_000


class KeyTable(Protocol):
    """The key ring's table."""

    def find(self, key_class: str, day: date | None, owner: UUID | None) -> KeyRow | None:
        """The row of the owner's key when `owner` is given, else of that class and day."""
        ...

    def get(self, ids: Collection[bytes]) -> list[KeyRow]:
        """The rows of these ids; a dead key has none."""
        ...

    def add(self, row: KeyRow) -> KeyRow:
        """Add the row; return the one that stands if another process was first."""
        ...


_Place = tuple[str, date | UUID]


class KeyRing:
    """Data keys by class and day, by owner, and by id. Thread-safe if the table is."""

    def __init__(
        self,
        table: KeyTable,
        masters: EpochMasters,
        ledger: str,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        ledger_prefix(ledger)
        self._table = table
        self._masters = masters
        self._ledger = ledger
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._by_id: dict[bytes, tuple[datetime, DataKey]] = {}
        self._by_place: dict[_Place, tuple[datetime, DataKey]] = {}

    @property
    def masters(self) -> EpochMasters:
        """What wraps the keys of this ring."""
        return self._masters

    def key_for(
        self, key_class: str, *, day: date | None = None, owner: UUID | None = None
    ) -> DataKey:
        """The living key of that class and day of death, or of that owner; made when there is none.

        Args:
            day: day of death; with an owner, the day a new key begins with (None: open).
            owner: the object, for the classes that have one key per object.

        Raises:
            ValueError: no such class, a day or an owner is missing, or an owner has several.
            BrokenWorldError: the key's epoch master is not there.
            MastersUnavailableError: the masters cannot be reached.
        """
        if key_class not in KEY_CLASSES or (owner is not None) != (key_class in OWNED_CLASSES):
            raise ValueError(f"a key of class {key_class} belongs to an owner, or to a day")
        if key_class in SEVERAL_CLASSES:
            raise ValueError(f"an owner has several keys of class {key_class}")
        by = day if owner is None else owner
        if by is None:
            raise ValueError("a key without an owner has a day of death")
        place: _Place = (key_class, by)
        known = self._by_place.get(place)
        now = self._clock()
        if known is not None and _is_fresh(known[0], now):
            return known[1]
        row = self._table.find(key_class, day if owner is None else None, owner)
        if row is None:
            row = self._table.add(self._new_row(key_class, day, owner))
        key = self.unwrapped(row)
        self._remember(now, [key])
        with self._lock:
            self._by_place[place] = (now, key)
        return key

    def added(self, key_class: str, owner: UUID) -> DataKey:
        """A new key of that owner, beside those that it has.

        Raises:
            ValueError: an owner has one key of that class.
            BrokenWorldError: the current epoch master is not there.
            MastersUnavailableError: the masters cannot be reached.
        """
        if key_class not in SEVERAL_CLASSES:
            raise ValueError(f"an owner has one key of class {key_class}")
        key = self.unwrapped(self._table.add(self._new_row(key_class, None, owner)))
        self._remember(self._clock(), [key])
        return key

    def open(self, ids: Iterable[bytes]) -> dict[bytes, DataKey]:
        """The living keys among `ids`; an id that is not in the answer is dead.

        Raises:
            BrokenWorldError: the epoch master of a living key is not there.
            MastersUnavailableError: the masters cannot be reached.
        """
        now = self._clock()
        found: dict[bytes, DataKey] = {}
        missing_ids: set[bytes] = set()
        for key_id in ids:
            known = self._by_id.get(key_id)
            if known is not None and _is_fresh(known[0], now):
                found[key_id] = known[1]
            else:
                missing_ids.add(key_id)
        if missing_ids:
            keys = [self.unwrapped(row) for row in self._table.get(missing_ids)]
            self._remember(now, keys)
            found.update((key.id, key) for key in keys)
        return found

    def find_live(self, ids: Collection[bytes]) -> set[bytes]:
        """Those of `ids` that have a row now, whatever is remembered; the dead are forgotten."""
        found = {row.key_id for row in self._table.get(ids)}
        remembered = [key_id for key_id in ids if key_id not in found and key_id in self._by_id]
        if remembered:
            self.forget(remembered)
        return found

    def forget(self, ids: Iterable[bytes]) -> None:
        """Drop keys from memory: they died, or their day moved."""
        gone = set(ids)
        with self._lock:
            for key_id in gone:
                self._by_id.pop(key_id, None)
            for place in [p for p, (_, key) in self._by_place.items() if key.id in gone]:
                del self._by_place[place]

    def unwrapped(self, row: KeyRow) -> DataKey:
        """The data key of `row`, opened anew and not remembered.

        Raises:
            MasterMissingError: its epoch master is not there.
            CorruptRecordError: the row was changed, or its id is not the key's.
            MastersUnavailableError: the masters cannot be reached.
        """
        return opened(row, self._ledger, self._masters)

    def rewrapped(self, row: KeyRow, *, day: date | None) -> KeyRow:
        """The row under the current epoch master, with `day` as its day of death.

        Raises:
            ValueError: the day of a key without an owner never moves.
        """
        if row.owner is None and day != row.day:
            raise ValueError("only the day of an object's key moves")
        return closed(replace(self.unwrapped(row), day=day), self._ledger, self._masters)

    def _new_row(self, key_class: str, day: date | None, owner: UUID | None) -> KeyRow:
        secret = self._random(KEY_BYTES)
        key = DataKey(key_id_of(secret, self._ledger), secret, key_class, day, owner)
        return closed(key, self._ledger, self._masters)

    def _remember(self, now: datetime, keys: Iterable[DataKey]) -> None:
        with self._lock:
            if len(self._by_id) > CACHED_KEYS_MAX:
                self._by_id.clear()
            if len(self._by_place) > CACHED_KEYS_MAX:
                self._by_place.clear()
            for key in keys:
                self._by_id[key.id] = (now, key)


def _is_fresh(read_at: datetime, now: datetime) -> bool:
    # A clock that was set back must not keep dead keys alive: what was read in the future is stale.
    return timedelta() <= now - read_at < CACHE_AGE_MAX
