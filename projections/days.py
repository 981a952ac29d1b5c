"""What the ledger holds of each day, by source: a count and the product of the keys (source, id).

A row a day and prefix of a source, moved on by the follower: a close is compared in one look,
whatever the day has. The recording event alone counts, as it was recorded: corrections and the
death of keys change nothing, so a row never shrinks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.clock import day_in_japan
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.daily_close import DAYS_MAX, DayHoldings, day_of
from ledger.emitters.id_set import BYTES, EMPTY, MODULUS, element, joined
from ledger.emitters.sources import is_within
from ledger.errors import BrokenWorldError
from ledger.format.envelope import OpenEvent
from ledger.format.events import RECORDED_TYPES
from ledger.store.columns import ArrayColumn, bigints, byteas, texts, uuids
from ledger.store.connections import Connections
from projections.entries import SLOTS

_RECORDED: Final = frozenset(RECORDED_TYPES)
_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")
"""A scheme alone, below which nobody is registered (`api.auth.is_prefix`)."""
_SOURCES_KNOWN_MAX: Final = 10_000

_THERE: LiteralString = """
    SELECT d.source, d.day, d.transfers, d.product
      FROM unnest(%b, %b::text[]) AS asked (source, day)
      JOIN {days} AS d ON d.source = asked.source AND d.day = asked.day::date
"""
_PUT: LiteralString = """
    INSERT INTO {days} AS d (source, day, transfers, product)
    SELECT source, day::date, transfers, product FROM unnest(%b, %b, %b, %b)
                AS r (source, day, transfers, product)
        ON CONFLICT (source, day) DO UPDATE
       SET transfers = excluded.transfers, product = excluded.product
"""
_SCAN: LiteralString = "SELECT source, day, transfers, product FROM {days} WHERE day > %s"
_OF_SLOT: Final[dict[tuple[str, LiteralString], sql.Composed]] = {
    (slot, statement): sql.SQL(statement).format(days=sql.Identifier("projections", f"days_{slot}"))
    for slot in SLOTS
    for statement in (_THERE, _PUT, _SCAN)
}
# One statement, so position, version and row are of one moment.
_HELD: LiteralString = """
    SELECT p.position, p.days, d.transfers, d.product
      FROM projections.progress AS p
      LEFT JOIN projections.days AS d ON d.source = %s AND d.day = %s
     WHERE p.serving
"""
_COUNTS: LiteralString = """
    SELECT d.source, d.day, d.transfers
      FROM projections.days AS d
      JOIN projections.progress AS p ON p.serving AND p.days = %s
     WHERE d.source = ANY(%s) AND d.day >= %s
"""
_COUNTS_OF: LiteralString = """
    SELECT DISTINCT d.source, d.day, d.transfers
      FROM unnest(%b, %b::text[], %b::text[]) AS asked (source, first, last)
      JOIN projections.progress AS p ON p.serving AND p.days = %b
      JOIN projections.days AS d
        ON d.source = asked.source AND d.day BETWEEN asked.first::date AND asked.last::date
"""

Place = tuple[bytes, date]
"""A keyed hash of a source or of a prefix of one, and a day."""


@dataclass(slots=True)
class Sum:
    """Transfers of one place.

    Attributes:
        product: of their keys, see `ledger.emitters.id_set`.
    """

    count: int = 0
    product: int = EMPTY

    def add(self, other: "Sum") -> None:
        """With the transfers of `other`, which are other ones."""
        self.count += other.count
        if self.product == EMPTY:  # most places have one transfer in a batch
            self.product = other.product
        else:
            self.product = joined(self.product, other.product)


@dataclass(slots=True)
class SourceHashes:
    """The keyed hashes of sources: who reads the database learns none."""

    secret: LedgerSecret
    _known: dict[str, tuple[bytes, ...]] = field(default_factory=dict[str, tuple[bytes, ...]])

    @property
    def version(self) -> str:
        """Rows that were made under another version find nothing."""
        return f"1/{self.secret.versions['lookup']}"

    def source(self, prefix: str) -> bytes:
        """16 bytes for a source, or a prefix of one."""
        return self.secret.lookup_key("day-source", prefix.encode())

    def blind(self, place: Place) -> int:
        """By what a row's product is multiplied: else it would confirm a guess of the only key."""
        source, day = place
        key = self.secret.lookup_key("day-blind", source, day.isoformat().encode())
        return element(key.hex(), "")

    def sources(self, source: str) -> tuple[bytes, ...]:
        """Those of all prefixes below which it lies, itself among them, without bare schemes."""
        known = self._known.get(source)
        if known is None:
            ends = range(1, len(source) + 1)
            prefixes = (source[:end] for end in ends if is_within(source, source[:end]))
            known = tuple(self.source(one) for one in prefixes if not _BARE.fullmatch(one))
            if len(self._known) < _SOURCES_KNOWN_MAX:
                self._known[source] = known
        return known


def sums(events: Iterable[OpenEvent], hashes: SourceHashes) -> dict[Place, Sum]:
    """What the events add. What cannot be opened any more is of a day that nobody compares."""
    own: dict[tuple[str, date], Sum] = {}
    for event in events:
        header, content = event.header, event.content
        if header.type not in _RECORDED or header.version != 1 or content is None:
            continue
        day, record = day_of(header.facts), content.record
        if day is None or record is None:
            continue
        source, id_ = cast("str", record["source"]), cast("str", record["id"])
        own.setdefault((source, day), Sum()).add(Sum(1, element(source, id_)))
    found: dict[Place, Sum] = {}
    for (source, day), one in own.items():
        for key in hashes.sources(source):
            found.setdefault((key, day), Sum()).add(one)
    return found


def destroyed(events: Iterable[OpenEvent]) -> set[date]:
    """Days of transfers that nothing opens any more: a rebuild cannot count them."""
    headers = (one.header for one in events if one.content is None)
    found = (day_of(one.facts) for one in headers if one.type in _RECORDED)
    return {day for day in found if day is not None}


def write(
    cursor: psycopg.Cursor[tuple[object, ...]],
    slot: str,
    added: Mapping[Place, Sum],
    hashes: SourceHashes,
) -> None:
    """Add a batch to the rows of `slot`, inside the caller's transaction, which holds the slot."""
    if not added:
        return
    places = sorted(added)
    values = (_keys(places), _days(places))
    there = dict(map(_row, cursor.execute(_OF_SLOT[slot, _THERE], values).fetchall()))
    for place in places:
        if place not in there:
            there[place] = Sum(0, hashes.blind(place))
        there[place].add(added[place])
    columns = (
        _keys(places),
        _days(places),
        bigints([there[one].count for one in places]),
        byteas([there[one].product.to_bytes(BYTES, "big") for one in places]),
    )
    cursor.execute(_OF_SLOT[slot, _PUT], columns)


def _keys(places: Sequence[Place]) -> ArrayColumn:
    return uuids([UUID(bytes=key) for key, _ in places])


def _days(places: Sequence[Place]) -> ArrayColumn:
    return texts([day.isoformat() for _, day in places])


def _row(row: tuple[object, ...]) -> tuple[Place, Sum]:
    source, day, count, product = cast("tuple[UUID, date, int, bytes]", row)
    return (source.bytes, day), Sum(count, int.from_bytes(product, "big"))


def scan(connection: psycopg.Connection, slot: str, after: date) -> dict[Place, Sum]:
    """The rows of days beyond `after`, as they are: their products are blinded."""
    return dict(map(_row, connection.execute(_OF_SLOT[slot, _SCAN], (after,)).fetchall()))


def oldest_day(event: OpenEvent) -> date:
    """The day beyond which rows are compared when `event` is the last one: see `DAYS_MAX`."""
    return day_in_japan(event.header.at) - timedelta(days=DAYS_MAX)


def compare(
    expected: Mapping[Place, Sum], there: Mapping[Place, Sum], hashes: SourceHashes
) -> Iterator[tuple[str, Place]]:
    """(`missing` or `unexpected`, place) of each row that is another one.

    Args:
        expected: as events say; there: as `scan` gives them.
    """
    for place in sorted(expected.keys() | there.keys()):
        if place not in expected:
            yield "unexpected", place
            continue
        row = Sum(0, hashes.blind(place))
        row.add(expected[place])
        if row != there.get(place):
            yield "missing", place


class DayReader:
    """Reads what the ledger holds of days. Thread-safe."""

    def __init__(self, connections: Connections, secret: LedgerSecret) -> None:
        self._connections = connections
        self._hashes = SourceHashes(secret)

    def holdings(self, source: str, day: date) -> DayHoldings:
        """What is held of a day from a source and what lies below it, as of one position."""
        values = (UUID(bytes=self._hashes.source(source)), day)
        row = self._connections.read(lambda c: c.execute(_HELD, values).fetchone())
        if row is None:
            raise BrokenWorldError("no slot of the read side serves")
        position, version, count, product = cast("tuple[int, str | None, int | None, bytes]", row)
        if version != self._hashes.version:
            return DayHoldings(position, None, EMPTY)
        if count is None:
            return DayHoldings(position, 0, EMPTY)
        open_by = pow(self._hashes.blind((values[0].bytes, day)), -1, MODULUS)
        return DayHoldings(position, count, joined(int.from_bytes(product, "big"), open_by))

    def counts(self, sources: Sequence[str], first: date) -> dict[tuple[str, date], int]:
        """(source, day) → transfers held, of the days from `first` on; nothing where none are."""
        keys = {UUID(bytes=self._hashes.source(one)): one for one in sources}
        values = (self._hashes.version, list(keys), first)
        rows = self._connections.read(lambda c: c.execute(_COUNTS, values).fetchall())
        return {
            (keys[cast("UUID", source)], cast("date", day)): cast("int", count)
            for source, day, count in rows
        }

    def counts_of(self, spans: Sequence[tuple[str, DayPeriod]]) -> dict[tuple[str, date], int]:
        """(source, day) → transfers held, of the days of each source's spans."""
        keys = {UUID(bytes=self._hashes.source(one)): one for one, _ in spans}
        values = (
            uuids([UUID(bytes=self._hashes.source(one)) for one, _ in spans]),
            texts([days.first.isoformat() for _, days in spans]),
            texts([days.last.isoformat() for _, days in spans]),
            self._hashes.version,
        )
        rows = self._connections.read(lambda c: c.execute(_COUNTS_OF, values).fetchall())
        return {
            (keys[cast("UUID", source)], cast("date", day)): cast("int", count)
            for source, day, count in rows
        }
