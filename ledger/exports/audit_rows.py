"""The rows that an audit reads: all of one moment, and put into an empty database again.

Nothing that the ledger secret made is among them: neither MACs nor keyed hashes of persons. Who
loads them makes those anew, under a secret of their own.

Source: decision 0130.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.crypto.row_macs import RowMac
from ledger.errors import CorruptRecordError, PositionHoleError
from ledger.exclusions.rows import DraftRow
from ledger.format.envelope import Header, KeyRow, LookupRow
from ledger.format.header import Prove, read_header
from ledger.retention.proved_expiries import unproven
from ledger.store.connections import Connections, refusal
from ledger.store.event_macs import EventMac, EventMacs
from ledger.store.keys import key_mac, live_rows
from ledger.store.queries import NAMES_KEY

_EVENTS: LiteralString = (
    """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.mac,
           ARRAY(SELECT s.part FROM ledger.sealed_parts AS s
                  WHERE s.partition = e.partition AND s.position = e.notification_id AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
                  ORDER BY s.n)
      FROM ledger.events AS e ORDER BY e.notification_id
"""
)
_HEAD: LiteralString = "SELECT position FROM ledger.head"
_DRAFT: LiteralString = "SELECT stream, token, key_id, sealed, number FROM ledger.exclusions"
_EVENTS_AT_ONCE: Final = 20
"""Letters are megabytes: so many are read ahead."""
_KEYS_AT_ONCE: Final = 500

_MOVE_HEAD: LiteralString = "UPDATE ledger.head SET position = %s"
_COPY_EVENTS: LiteralString = """
    COPY ledger.events (notification_id, originator_id, originator_version, topic, state, command,
                        partition, mac) FROM STDIN
"""
_COPY_PARTS: LiteralString = """
    COPY ledger.sealed_parts (partition, position, n, part, key_id) FROM STDIN
"""
_COPY_KEYS: LiteralString = """
    COPY ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped, mac) FROM STDIN
"""
_ENSURE_PARTITION: LiteralString = "SELECT ledger.ensure_partition(%s)"
_PUT_DRAFT: LiteralString = """
    INSERT INTO ledger.exclusions (stream, token, key_id, sealed, number)
    VALUES (%s, %s, %s, %s, %s)
"""
# Their proofs are under the secret of the ledger that they come from, which checked them.
_BELIEVE: LiteralString = "UPDATE ledger.proven_expiries SET after = %s"
_PUT_LOOKUPS: LiteralString = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id) VALUES (%s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with all that is sealed of it.

    Attributes:
        header: as it is hashed.
        parts: the sealed part, then the documents; none once the key is destroyed.
    """

    header: bytes
    parts: Sequence[bytes]


class AuditSnapshot:
    """A ledger as of one moment. Belongs to one thread, and to `audit_snapshot`.

    Attributes:
        head: position of the last event.
        draft: what was excluded then; None: nothing ever was.
    """

    def __init__(self, connection: psycopg.Connection, macs: EventMacs, prove: Prove) -> None:
        self._connection, self._macs = connection, macs
        [first] = unproven(connection, prove)[:1] or [0]
        if first:
            raise CorruptRecordError("this records-expired has no proof", first)
        row = connection.execute(_HEAD).fetchone()
        self.head = 0 if row is None else cast("int", row[0])
        cursor = connection.cursor(binary=True, row_factory=args_row(DraftRow))
        self.draft: DraftRow | None = cursor.execute(_DRAFT).fetchone()

    def events(self) -> Iterator[StoredEvent]:
        """All events, in their order.

        Raises:
            ForgedEventError: the ledger did not append one.
            PositionHoleError: a position is missing.
        """
        position = 0
        with self._connection.cursor(name="audit") as cursor:
            cursor.itersize = _EVENTS_AT_ONCE
            cursor.execute(_EVENTS, binary=True)
            for position, (at, *place, parts) in enumerate(cursor, 1):
                if at != position:
                    raise PositionHoleError(f"position {position} is missing")
                self._macs.check(self._connection, [(at, *place)])
                yield StoredEvent(place[3], parts)
        if position != self.head:
            raise PositionHoleError(f"position {position + 1} is missing")

    def keys(self, ids: Iterable[bytes], mac: RowMac) -> Iterator[KeyRow]:
        """The rows of those of the keys that live.

        Args:
            mac: `LedgerSecret.row_mac`.
        """
        in_order = sorted(ids)
        for begin in range(0, len(in_order), _KEYS_AT_ONCE):
            yield from live_rows(self._connection, in_order[begin : begin + _KEYS_AT_ONCE], mac)


@contextmanager
def audit_snapshot(reader: Connections, macs: EventMacs, prove: Prove) -> Generator[AuditSnapshot]:
    """The ledger as of now, whatever is recorded or destroyed meanwhile.

    Args:
        reader: of the role reader.
        prove: `LedgerSecret.expiry_proof`.

    Raises:
        CorruptRecordError: a `records-expired` is not proven.
        StoreUnavailableError: the database cannot be reached.
    """
    with reader.connection() as connection:
        try:
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                yield AuditSnapshot(connection, macs, prove)
        except psycopg.Error as error:
            raise refusal(connection, error) from None


class RowLoader:
    """Puts what `AuditSnapshot` gave into an empty ledger: keys first, then events.

    Args:
        connection: of the owner.
        row_mac, event_mac: of the secret of the ledger that is filled.
    """

    def __init__(
        self, connection: psycopg.Connection, row_mac: RowMac, event_mac: EventMac
    ) -> None:
        self._connection, self._row_mac, self._event_mac = connection, row_mac, event_mac
        self._position = 0

    def put_keys(self, rows: Iterable[KeyRow]) -> None:
        """The living keys, wrapped under a master of the ledger that is filled."""
        with self._connection.cursor() as cursor, cursor.copy(_COPY_KEYS) as copy:
            for one in rows:
                place = (one.key_id, one.key_class, one.day, one.owner)
                copy.write_row((*place, one.epoch, one.wrapped, key_mac(one, self._row_mac)))

    def put_draft(self, row: DraftRow) -> None:
        """What was excluded."""
        values = (row.stream, row.token, row.key_id, row.sealed, row.number)
        self._connection.execute(_PUT_DRAFT, values)

    def put_events(self, events: Iterable[StoredEvent], partitions: Mapping[bytes, int]) -> None:
        """The next events, in one transaction.

        Args:
            partitions: key → partition of what is sealed under it, of the living keys.
        """
        rows = [(one, read_header(one.header)) for one in events]
        for number in {partitions.get(header.sealed_key or b"") for _, header in rows} - {None}:
            self._connection.execute(_ENSURE_PARTITION, (number,))
        begin, self._position = self._position, self._position + len(rows)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_MOVE_HEAD, (self._position,))
            with cursor.copy(_COPY_EVENTS) as copy:
                for position, (one, header) in enumerate(rows, begin + 1):
                    copy.write_row(self._event(position, one, header, partitions))
            with cursor.copy(_COPY_PARTS) as copy:
                for position, (one, header) in enumerate(rows, begin + 1):
                    number = partitions.get(header.sealed_key or b"")
                    for n, part in enumerate(one.parts):
                        copy.write_row((number or 0, position, n, part, header.sealed_key))
            cursor.execute(_BELIEVE, (self._position,))

    def _event(
        self, position: int, one: StoredEvent, header: Header, partitions: Mapping[bytes, int]
    ) -> tuple[int, UUID, int, str, bytes, UUID, int | None, bytes]:
        mac = self._event_mac(header.stream, header.version, header.type, one.header)
        place = (position, header.stream, header.version, header.type, one.header)
        return (*place, header.command, partitions.get(header.sealed_key or b""), mac)

    def put_lookups(self, rows: Iterable[LookupRow]) -> None:
        """The rows by which streams are found."""
        values = [(one.kind, one.key, one.stream, one.key_id) for one in rows]
        with self._connection.cursor() as cursor:
            cursor.executemany(_PUT_LOOKUPS, values)
