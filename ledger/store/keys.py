"""The key ring's table. A key that has no row is dead.

A row is believed by its MAC under the ledger secret. One without the right MAC is as if it were not
there: it opens nothing, is in nobody's way, and `ledger fsck` names it. It binds what never changes
of a row; that the rest was spoilt shows where the key does not open.

Source: decision 0120.
"""

import hmac
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.crypto.row_macs import RowMac
from ledger.errors import BrokenWorldError
from ledger.format.envelope import KeyRow
from ledger.store.connections import Connections

_OF_DAY: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped, number, mac
      FROM ledger.data_keys
     WHERE key_class = %b AND day = %b AND owner IS NULL
     ORDER BY number
"""
_OF_OWNER: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped, number, mac
      FROM ledger.data_keys
     WHERE key_class = %b AND owner = %b
     ORDER BY number
"""
_BY_ID: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped, number, mac
      FROM ledger.data_keys
     WHERE key_id = ANY(%b)
"""
_ADD: LiteralString = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, number, mac)
    VALUES (%b, %b, %b, %b, %b, %b, %b::integer, %b)
    ON CONFLICT DO NOTHING
"""
# The old bytes are the guard: whoever wraps anew, or moves the day, does so from what stands.
_REPLACE: LiteralString = """
    UPDATE ledger.data_keys SET day = %b, epoch = %b, wrapped = %b
     WHERE key_id = %b AND wrapped = %b
"""
_OF_OTHER_EPOCHS: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped, number, mac
      FROM ledger.data_keys
     WHERE key_id > %b AND epoch <> %b
     ORDER BY key_id LIMIT %b
"""
_OF_EPOCH: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped, number, mac
      FROM ledger.data_keys
     WHERE key_id > %b AND epoch = %b
     ORDER BY key_id LIMIT %b
"""
_EPOCHS: LiteralString = "SELECT DISTINCT epoch FROM ledger.data_keys ORDER BY epoch"

_TABLE: Final = "data-keys"
_PAGE_ROWS: Final = 500

# Each round means that another process added the key and a third one destroyed it in between.
_ROUNDS_MAX = 8

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _StoredKey:
    """A row with what is stored beside the key."""

    key_id: bytes
    key_class: str
    day: date | None
    owner: UUID | None
    epoch: str
    wrapped: bytes
    number: int
    mac: bytes | None

    @property
    def row(self) -> KeyRow:
        return KeyRow(self.key_id, self.key_class, self.day, self.owner, self.epoch, self.wrapped)


def key_mac(row: KeyRow, mac: RowMac) -> bytes:
    """The MAC of a row of the key ring: over its id, its class and whose or which day's it is.

    The day of an object's key moves, and each rotation wraps a key anew; neither is bound.
    """
    if row.owner is not None:
        place: tuple[str | None, bytes | None] = (None, row.owner.bytes)
    else:
        place = (None if row.day is None else row.day.isoformat(), None)
    return mac(_TABLE, (row.key_id, row.key_class, *place))


class KeyRows:
    """`ledger.crypto.keyring.KeyTable` in PostgreSQL. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role writer; of a role that only reads, if nothing is added.
        mac: `LedgerSecret.row_mac`.
    """

    def __init__(self, connections: Connections, mac: RowMac) -> None:
        self._connections = connections
        self._mac = mac

    def find(self, key_class: str, day: date | None, owner: UUID | None) -> KeyRow | None:
        """The row of the owner's key when `owner` is given, else of that class and day."""
        stored = self._connections.read(lambda c: _find_stored(c, key_class, day, owner))
        return next(iter(self._believed(stored)), None)

    def get(self, ids: Collection[bytes]) -> list[KeyRow]:
        """The rows of these ids; a dead key has none."""
        return self._believed(self._connections.read(lambda c: _by_id(c, ids)))

    def find_live(self, ids: Collection[bytes]) -> set[bytes]:
        """Those of `ids` that have a row."""
        return {row.key_id for row in self.get(ids)} if ids else set()

    def add(self, row: KeyRow) -> KeyRow:
        """Add the row; return the one that stands if another process was first.

        Repeating an addition whose answer was lost is harmless: its own row then stands first.
        """
        columns = (row.key_id, row.key_class, row.day, row.owner, row.epoch, row.wrapped)
        mac = key_mac(row, self._mac)

        def added(connection: psycopg.Connection) -> KeyRow:
            number = 0
            for _ in range(_ROUNDS_MAX):
                values = (*columns, number, mac)
                if connection.execute(_ADD, values, prepare=True).rowcount:
                    return row
                # Of class held one owner has several: which one stands the id alone tells.
                stored = _find_stored(connection, row.key_class, row.day, row.owner)
                there = self._believed([*_by_id(connection, [row.key_id]), *stored])
                if there:
                    return there[0]
                taken = {one.number for one in stored}
                number = next(free for free in count() if free not in taken)
            raise BrokenWorldError("a data key can be neither added nor found")

        return self._connections.read(added)

    def replace(self, old: KeyRow, new: KeyRow) -> bool:
        """See `replace_key`."""
        return replace_key(self._connections, old, new)

    def of_other_epochs(self, epoch: str, after: bytes, limit: int) -> list[KeyRow]:
        """The next rows beyond the id `after` that another master than `epoch` wraps, by id."""
        return self._page(_OF_OTHER_EPOCHS, epoch, after, limit)

    def counts(self) -> dict[str, int]:
        """How many rows each epoch's master wraps; epochs that wrap none are absent."""
        # No epoch has an empty name, so these are all rows.
        pages = self._pages(_OF_OTHER_EPOCHS, "")
        return dict(Counter(row.epoch for page in pages for row in self._believed(page)))

    def one_of_each_epoch(self) -> list[KeyRow]:
        """A row of each epoch that wraps any."""
        epochs = self._connections.read(lambda c: c.execute(_EPOCHS).fetchall())
        pages = [self._page(_OF_EPOCH, epoch, b"", _PAGE_ROWS) for (epoch,) in epochs]
        return [page[0] for page in pages if page]

    def foreign(self) -> Iterator[KeyRow]:
        """The rows that are not believed."""
        for page in self._pages(_OF_OTHER_EPOCHS, ""):
            yield from (one.row for one in page if not _is_believed(one, self._mac))

    def _page(self, query: LiteralString, epoch: str, after: bytes, limit: int) -> list[KeyRow]:
        """The believed rows of the first page that has any."""
        for page in self._pages(query, epoch, after, limit):
            rows = self._believed(page)
            if rows:
                return rows
        return []

    def _pages(
        self, query: LiteralString, epoch: str, after: bytes = b"", limit: int = _PAGE_ROWS
    ) -> Iterator[list[_StoredKey]]:
        while page := self._connections.read(_read_by(query, (after, epoch, limit))):
            yield page
            after = page[-1].key_id

    def _believed(self, stored: Iterable[_StoredKey]) -> list[KeyRow]:
        rows, foreign_ids = list[KeyRow](), list[bytes]()
        for one in stored:
            if _is_believed(one, self._mac):
                rows.append(one.row)
            else:
                foreign_ids.append(one.key_id)
        if foreign_ids:
            _log.error(
                "rows of the key ring are not the ledger's and are passed over: see `ledger fsck`",
                extra={"count": len(foreign_ids), "key": foreign_ids[0].hex()},
            )
        return rows


def live_rows(connection: psycopg.Connection, ids: Collection[bytes], mac: RowMac) -> list[KeyRow]:
    """The believed rows of these ids.

    Args:
        mac: `LedgerSecret.row_mac`.
    """
    stored = _by_id(connection, ids) if ids else []
    return [one.row for one in stored if _is_believed(one, mac)]


def epochs_in_use(connection: psycopg.Connection, mac: RowMac | None) -> list[str]:
    """Names of the epoch masters that wrap keys of the ledger's.

    Args:
        mac: `LedgerSecret.row_mac`; None: without the secret, every epoch that a row names.
    """
    names = [name for (name,) in connection.execute(_EPOCHS)]
    return names if mac is None else [name for name in names if _wraps_any(connection, name, mac)]


def _wraps_any(connection: psycopg.Connection, epoch: str, mac: RowMac) -> bool:
    after = b""
    while page := _read_by(_OF_EPOCH, (after, epoch, _PAGE_ROWS))(connection):
        if any(_is_believed(one, mac) for one in page):
            return True
        after = page[-1].key_id
    return False


def replace_key(connections: Connections, old: KeyRow, new: KeyRow) -> bool:
    """Put `new`, the same key with another day or epoch, in the place of `old`.

    Args:
        connections: of the role purger.

    Returns:
        Whether it did; False: `old` no longer stands, so nothing was changed.

    Raises:
        ValueError: the rows are of different keys.
        BrokenWorldError: the day of that key does not move there.
        StoreUnavailableError: the database cannot be reached.
    """
    if (old.key_id, old.key_class, old.owner) != (new.key_id, new.key_class, new.owner):
        raise ValueError("a key is replaced by itself only")

    def replaced(connection: psycopg.Connection) -> bool:
        columns = (new.day, new.epoch, new.wrapped, old.key_id, old.wrapped)
        if connection.execute(_REPLACE, columns).rowcount:
            return True
        # The answer of a first try may have been lost.
        return [one.row for one in _by_id(connection, [new.key_id])] == [new]

    return connections.read(replaced)


def _is_believed(stored: _StoredKey, mac: RowMac) -> bool:
    # Without one it is of before MACs: no login adds such a row (ledger migration 0041).
    return stored.mac is None or hmac.compare_digest(stored.mac, key_mac(stored.row, mac))


def _read_by(
    query: LiteralString, values: tuple[bytes, str, int]
) -> Callable[[psycopg.Connection], list[_StoredKey]]:
    return lambda connection: _cursor(connection).execute(query, values).fetchall()


def _cursor(connection: psycopg.Connection) -> psycopg.Cursor[_StoredKey]:
    return connection.cursor(binary=True, row_factory=args_row(_StoredKey))


def _by_id(connection: psycopg.Connection, ids: Collection[bytes]) -> list[_StoredKey]:
    return _cursor(connection).execute(_BY_ID, (list(ids),), prepare=True).fetchall()


def _find_stored(
    connection: psycopg.Connection, key_class: str, day: date | None, owner: UUID | None
) -> list[_StoredKey]:
    cursor = _cursor(connection)
    if owner is not None:
        return cursor.execute(_OF_OWNER, (key_class, owner), prepare=True).fetchall()
    return cursor.execute(_OF_DAY, (key_class, day), prepare=True).fetchall()
