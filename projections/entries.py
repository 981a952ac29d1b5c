"""The thin index: which events hold a line of which person, and which transfers name a notice.

Rows are (key, position), and of a person the name that the event gives it, as a keyed hash. One row
more of each event that has a transfer's whole record says whether its emitter marked it under Order
11 (`LedgerSecret.mark_key`).
`rows` is pure; `write` puts them into one slot. Those of persons are held as COPY sends them: a
bulk transfer has a million, and their bytes are in the order of their keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import KEY_BYTES, LedgerSecret
from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import raw_principals, speaks_of_a_transfer
from ledger.format.events import PrincipalRenamed
from ledger.values import Json, PrincipalRef, principal_of

SLOTS = ("a", "b")

_COPY_ENTRIES: dict[str, LiteralString] = {
    "a": "COPY projections.entries_a (principal_key, position, name_key)"
    " FROM STDIN (FORMAT BINARY)",
    "b": "COPY projections.entries_b (principal_key, position, name_key)"
    " FROM STDIN (FORMAT BINARY)",
}
_COPY_RELIANCES: dict[str, LiteralString] = {
    "a": "COPY projections.reliances_a (notice_key, position) FROM STDIN (FORMAT BINARY)",
    "b": "COPY projections.reliances_b (notice_key, position) FROM STDIN (FORMAT BINARY)",
}
_INSERT_ENTRIES: dict[str, LiteralString] = {
    "a": "INSERT INTO projections.entries_a (principal_key, position, name_key)"
    " SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[])",
    "b": "INSERT INTO projections.entries_b (principal_key, position, name_key)"
    " SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[])",
}
_INSERT_RELIANCES: dict[str, LiteralString] = {
    "a": "INSERT INTO projections.reliances_a SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
    "b": "INSERT INTO projections.reliances_b SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
}
_COPY_NAMINGS: dict[str, LiteralString] = {
    "a": "COPY projections.namings_a (principal_key, position, name_key)"
    " FROM STDIN (FORMAT BINARY)",
    "b": "COPY projections.namings_b (principal_key, position, name_key)"
    " FROM STDIN (FORMAT BINARY)",
}
_INSERT_NAMINGS: dict[str, LiteralString] = {
    "a": "INSERT INTO projections.namings_a (principal_key, position, name_key)"
    " SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[])",
    "b": "INSERT INTO projections.namings_b (principal_key, position, name_key)"
    " SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[])",
}
# Below this many rows one INSERT costs less than the three round trips of COPY.
COPY_FROM_ROWS = 100


# How many fields, and the length of a key; that of a position; of a name, or that there is none.
_KEY: Final = b"\x00\x00\x00\x10"
_PAIR: Final = b"\x00\x02" + _KEY
_NAMED: Final = b"\x00\x03" + _KEY
_POSITION: Final = b"\x00\x00\x00\x08"
_NAMELESS: Final = b"\xff\xff\xff\xff"
# Where they begin and end in a packed row.
_POSITION_AT: Final = KEY_BYTES + len(_POSITION)
_NAME: Final = _POSITION_AT + 8

Pair = tuple[bytes, int]
"""16 bytes of a key, and a position."""
Named = tuple[bytes, int, bytes | None]
"""A person, a position, and the name that the event there gives the person."""


@dataclass(frozen=True, slots=True)
class IndexRows:
    """Index rows, sorted by key: half the work for the B-tree (storage notes, section A).

    Attributes:
        packed: one for each person and event, see `packed`.
        reliances: one for each notice and event.
        marks: one for each event with a whole record, as `packed`; `with_marks` puts them there.
        namings: the names that no row of `packed` can say: of renames, and second ones.
    """

    packed: Sequence[bytes]
    reliances: tuple[Pair, ...]
    namings: tuple[tuple[bytes, int, bytes], ...] = ()
    marks: Sequence[bytes] = ()

    @property
    def entries(self) -> tuple[Named, ...]:
        """The rows of persons as values."""
        return tuple(map(unpacked, self.packed))

    def without_names(self) -> "IndexRows":
        """The same for a slot that has no names, or others."""
        packed = [row[:_NAME] + _NAMELESS for row in self.packed]
        return replace(self, packed=packed, namings=())

    def with_marks(self) -> "IndexRows":
        """The same for a slot that says which transfers are marked."""
        if not self.marks:
            return self
        return replace(self, packed=sorted([*self.packed, *self.marks]), marks=())


def merged(parts: Sequence[IndexRows]) -> IndexRows:
    """The rows of events that follow each other, from those of some after the other."""
    found = sorted(chain.from_iterable(one.packed for one in parts))
    reliances = sorted(chain.from_iterable(one.reliances for one in parts))
    namings = sorted(chain.from_iterable(one.namings for one in parts))
    marks = [*chain.from_iterable(one.marks for one in parts)]
    return IndexRows(found, tuple(reliances), tuple(namings), marks)


def rows(events: Iterable[OpenEvent], secret: LedgerSecret) -> IndexRows:
    """The index rows of `events`; an event without content has none (its key is dead).

    What a copy carries has rows at the copy's own position: they live as long as the copy does.
    """
    found: list[bytes] = []
    marks: list[bytes] = []
    reliances: set[Pair] = set()
    namings: set[tuple[bytes, int, bytes]] = set()
    name_keys: dict[str, bytes] = {}  # names repeat; folding one takes longer than its hash

    def name_key(name: str) -> bytes:
        found = name_keys.get(name)
        if found is None:
            found = name_keys[name] = secret.name_key(name)
        return found

    # Rows of one key keep the order of the positions.
    each = {event.position: event for event in sorted(events, key=attrgetter("position"))}
    for position, event in each.items():
        content = event.content
        if content is None:
            continue
        if event.header.type == PrincipalRenamed.TYPE:
            who, name = _renamed(content.record)
            key = secret.principal_key(who.scheme, who.id)
            namings.add((key, position, secret.name_key(name)))
        if not speaks_of_a_transfer(event.header):
            continue
        principals = raw_principals(content)
        keys = secret.principal_keys(principals)
        names = [name_key(one["name"]) if "name" in one else None for one in principals]
        if any(names):
            own = dict(zip(keys, names, strict=True))
            if len(own) < len(keys):
                own, others = _each_once(zip(keys, names, strict=True))
                namings |= {(key, position, name) for key, name in others}
            found += [packed((key, position, name)) for key, name in own.items()]
        else:
            alone = _placed(position) + _NAMELESS
            found += [key + alone for key in set(keys)]
        if content.record is not None and "order_11" in content.record:
            is_marked = content.record["order_11"] != "0"
            mark = secret.mark_key(event.header.stream, is_marked=is_marked)
            marks.append(packed((mark, position, None)))
        notice_id = _notice_id(content.record)
        if notice_id is not None:
            reliances.add((secret.lookup_key("notice", notice_id.encode()), position))
    found.sort()
    return IndexRows(found, tuple(sorted(reliances)), tuple(sorted(namings)), marks)


def _each_once(
    pairs: Iterable[tuple[bytes, bytes | None]],
) -> tuple[dict[bytes, bytes | None], set[tuple[bytes, bytes]]]:
    """Each person of one event with the name of her row, the lowest; and all her other names."""
    rows: dict[bytes, bytes | None] = {}
    others: set[tuple[bytes, bytes]] = set()
    for key, name in pairs:
        known = rows.get(key)
        if known is None:
            rows[key] = name
        elif name is not None and name != known:
            rows[key] = min(name, known)
            others.add((key, max(name, known)))
    return rows, others


def _notice_id(record: object) -> str | None:
    sealed = cast("dict[str, Json] | None", record)
    stated = sealed.get("input") if sealed else None
    found = stated.get("notice_id") if isinstance(stated, dict) else None
    return found if isinstance(found, str) else None


def _renamed(record: object) -> tuple[PrincipalRef, str]:
    sealed = cast("dict[str, Json]", record)
    return principal_of(cast("dict[str, Json]", sealed["principal"])), cast("str", sealed["name"])


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, batch: IndexRows) -> None:
    """Write the rows into `slot`, inside the caller's transaction."""
    if len(batch.packed) < COPY_FROM_ROWS:
        _insert(cursor, _INSERT_ENTRIES[slot], batch.entries)
    else:
        _copy(cursor, _COPY_ENTRIES[slot], _NAMED, batch.packed)
    if len(batch.reliances) < COPY_FROM_ROWS:
        _insert(cursor, _INSERT_RELIANCES[slot], batch.reliances)
    else:
        pairs = [key + _placed(position) for key, position in batch.reliances]
        _copy(cursor, _COPY_RELIANCES[slot], _PAIR, pairs)
    if len(batch.namings) < COPY_FROM_ROWS:
        _insert(cursor, _INSERT_NAMINGS[slot], batch.namings)
    else:
        _copy(cursor, _COPY_NAMINGS[slot], _NAMED, list(map(packed, batch.namings)))


def _insert(
    cursor: psycopg.Cursor[tuple[object, ...]],
    statement: LiteralString,
    found: Sequence[Pair] | Sequence[Named],
) -> None:
    if found:
        columns = zip(*found, strict=True)
        cursor.execute(statement, [list(map(_adapted, column)) for column in columns])


def _copy(
    cursor: psycopg.Cursor[tuple[object, ...]],
    statement: LiteralString,
    begin: bytes,
    found: Sequence[bytes],
) -> None:
    """Binary COPY by hand, one buffer (PostgreSQL manual, COPY).

    Args:
        begin: of each row: how many fields, and the length of the first.
    """
    header = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    with cursor.copy(statement) as copy:
        copy.write(header + begin + begin.join(found) + b"\xff\xff")


def _placed(position: int) -> bytes:
    return _POSITION + position.to_bytes(8, "big")


def packed(row: Named) -> bytes:
    """A row of a person as COPY sends it, from its key on (PostgreSQL manual, COPY).

    16 bytes of the key, the position and the name, each with its length before it.
    """
    key, position, name = row
    return key + _placed(position) + (_NAMELESS if name is None else _KEY + name)


def unpacked(row: bytes) -> Named:
    """What `packed` packed."""
    position = int.from_bytes(row[_POSITION_AT:_NAME], "big")
    return row[:KEY_BYTES], position, row[_NAME + len(_KEY) :] or None


def _adapted(value: bytes | int | None) -> UUID | int | None:
    return UUID(bytes=value) if isinstance(value, bytes) else value
