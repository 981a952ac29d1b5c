"""The thin index: which events hold a line of which person, and which transfers name a notice.

Rows are (key, position), and of a person the name that the event gives it, as a keyed hash. `rows`
is pure; `write` puts them into one slot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.drafts import stated_in
from ledger.envelope import Header, OpenEvent
from ledger.events import PrincipalRenamed
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


Pair = tuple[bytes, int]
"""16 bytes of a key, and a position."""
Named = tuple[bytes, int, bytes | None]
"""A person, a position, and the name that the event there gives the person."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Index rows, sorted by key: half the work for the B-tree (storage notes, section A).

    Attributes:
        entries: one for each person and event.
        reliances: one for each notice and event.
        namings: the names that no row of `entries` can say: of renames, and second ones.
    """

    entries: tuple[Named, ...]
    reliances: tuple[Pair, ...]
    namings: tuple[tuple[bytes, int, bytes], ...] = ()

    def without_names(self) -> "Rows":
        """The same for a slot that has no names, or others."""
        entries = tuple((key, position, None) for key, position, _ in self.entries)
        return replace(self, entries=entries, namings=())


def merged(parts: Sequence[Rows]) -> Rows:
    """The rows of events that follow each other, from those of some after the other."""
    entries = sorted(chain.from_iterable(one.entries for one in parts), key=itemgetter(0))
    reliances = sorted(chain.from_iterable(one.reliances for one in parts))
    namings = sorted(chain.from_iterable(one.namings for one in parts))
    return Rows(tuple(entries), tuple(reliances), tuple(namings))


def rows(events: Iterable[OpenEvent], secret: LedgerSecret) -> Rows:
    """The index rows of `events`; an event without content has none (its key is dead).

    What a copy carries has rows at the copy's own position: they live as long as the copy does.
    """
    entries: list[Named] = []
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
        principals = stated_in(content)
        keys = secret.principal_keys(principals)
        said = [name_key(one["name"]) if "name" in one else None for one in principals]
        own = dict(zip(keys, said, strict=True))
        if len(own) < len(keys):
            own, others = _each_once(zip(keys, said, strict=True))
            namings |= {(key, position, name) for key, name in others}
        entries += [(key, position, name) for key, name in own.items()]
        notice_id = _notice_id(content.record)
        if notice_id is not None:
            reliances.add((secret.lookup_key("notice", notice_id.encode()), position))
    entries.sort(key=itemgetter(0))
    return Rows(tuple(entries), tuple(sorted(reliances)), tuple(sorted(namings)))


def _each_once(
    said: Iterable[tuple[bytes, bytes | None]],
) -> tuple[dict[bytes, bytes | None], set[tuple[bytes, bytes]]]:
    """Each person of one event with the name of her row, the lowest; and all her other names."""
    rows: dict[bytes, bytes | None] = {}
    others: set[tuple[bytes, bytes]] = set()
    for key, name in said:
        known = rows.get(key)
        if known is None:
            rows[key] = name
        elif name is not None and name != known:
            rows[key] = min(name, known)
            others.add((key, max(name, known)))
    return rows, others


def speaks_of_a_transfer(header: Header) -> bool:
    """Whether it holds a transfer's record or persons; a copy does, though its header is bare."""
    return header.statement is not None or header.lines_count > 0 or header.copies is not None


def _notice_id(record: object) -> str | None:
    sealed = cast("dict[str, Json] | None", record)
    stated = sealed.get("input") if sealed else None
    found = stated.get("notice_id") if isinstance(stated, dict) else None
    return found if isinstance(found, str) else None


def _renamed(record: object) -> tuple[PrincipalRef, str]:
    sealed = cast("dict[str, Json]", record)
    return principal_of(cast("dict[str, Json]", sealed["principal"])), cast("str", sealed["name"])


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, batch: Rows) -> None:
    """Write the rows into `slot`, inside the caller's transaction."""
    _write(cursor, _COPY_ENTRIES[slot], _INSERT_ENTRIES[slot], batch.entries)
    _write(cursor, _COPY_RELIANCES[slot], _INSERT_RELIANCES[slot], batch.reliances)
    _write(cursor, _COPY_NAMINGS[slot], _INSERT_NAMINGS[slot], batch.namings)


def _write(
    cursor: psycopg.Cursor[tuple[object, ...]],
    copy_sql: LiteralString,
    insert_sql: LiteralString,
    found: Sequence[Pair] | Sequence[Named],
) -> None:
    if not found:
        return
    if len(found) < COPY_FROM_ROWS:
        cursor.execute(
            insert_sql, [list(map(_adapted, column)) for column in zip(*found, strict=True)]
        )
        return
    # Binary COPY by hand: fields with their lengths, one buffer (PostgreSQL manual, COPY).
    header = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    with cursor.copy(copy_sql) as copy:
        copy.write(header + _body(found) + b"\xff\xff")


# How many fields, and the length of a key; that of a position; of a name, or that there is none.
_KEY: Final = b"\x00\x00\x00\x10"
_PAIR: Final = b"\x00\x02" + _KEY
_NAMED: Final = b"\x00\x03" + _KEY
_POSITION: Final = b"\x00\x00\x00\x08"
_NAMELESS: Final = b"\xff\xff\xff\xff"


def _body(found: Sequence[Pair] | Sequence[Named]) -> bytes:
    """The rows: how many fields, and each with its length before it."""
    # Many persons stand at one position.
    at = {one: _POSITION + one.to_bytes(8, "big") for one in {row[1] for row in found}}
    if len(found[0]) == 2:  # noqa: PLR2004 -- a pair
        pairs = cast("Sequence[Pair]", found)
        return _PAIR + _PAIR.join([key + at[one] for key, one in pairs])
    rows = cast("Sequence[Named]", found)
    alone = {one: text + _NAMELESS for one, text in at.items()}
    return _NAMED + _NAMED.join(
        [
            key + alone[one] if name is None else key + at[one] + _KEY + name
            for key, one, name in rows
        ]
    )


def _adapted(value: bytes | int | None) -> UUID | int | None:
    return UUID(bytes=value) if isinstance(value, bytes) else value
