"""The thin index: which events hold a line of which person, and which transfers name a notice.

Rows are (key, position) and nothing else. `rows` is pure; `write` puts them into one slot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.drafts import principals_in
from ledger.envelope import Header, OpenEvent
from ledger.values import Json

SLOTS = ("a", "b")

_COPY_ENTRIES: dict[str, LiteralString] = {
    "a": "COPY projections.entries_a (principal_key, position) FROM STDIN (FORMAT BINARY)",
    "b": "COPY projections.entries_b (principal_key, position) FROM STDIN (FORMAT BINARY)",
}
_COPY_RELIANCES: dict[str, LiteralString] = {
    "a": "COPY projections.reliances_a (notice_key, position) FROM STDIN (FORMAT BINARY)",
    "b": "COPY projections.reliances_b (notice_key, position) FROM STDIN (FORMAT BINARY)",
}
_INSERT_ENTRIES: dict[str, LiteralString] = {
    "a": "INSERT INTO projections.entries_a SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
    "b": "INSERT INTO projections.entries_b SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
}
_INSERT_RELIANCES: dict[str, LiteralString] = {
    "a": "INSERT INTO projections.reliances_a SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
    "b": "INSERT INTO projections.reliances_b SELECT unnest(%s::uuid[]), unnest(%s::bigint[])",
}
# Below this many rows one INSERT costs less than the three round trips of COPY.
COPY_FROM_ROWS = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """Index rows, sorted by key: half the work for the B-tree (storage notes, section A)."""

    entries: tuple[tuple[bytes, int], ...]
    reliances: tuple[tuple[bytes, int], ...]


def rows(events: Iterable[OpenEvent], secret: LedgerSecret) -> Rows:
    """The index rows of `events`; an event without content has none (its key is dead).

    What a copy carries has rows at the copy's own position: they live as long as the copy does.
    """
    entries: set[tuple[bytes, int]] = set()
    reliances: set[tuple[bytes, int]] = set()
    for event in events:
        content = event.content
        if content is None or not _speaks_of_a_transfer(event.header):
            continue
        for principal in principals_in(content):
            key = secret.principal_key(principal.scheme, principal.id)
            entries.add((key, event.position))
        notice_id = _notice_id(content.record)
        if notice_id is not None:
            key = secret.lookup_key("notice", notice_id.encode())
            reliances.add((key, event.position))
    return Rows(tuple(sorted(entries)), tuple(sorted(reliances)))


def _speaks_of_a_transfer(header: Header) -> bool:
    """Whether it holds a transfer's record or persons; a copy does, though its header is bare."""
    return header.statement is not None or header.lines_count > 0 or header.copies is not None


def _notice_id(record: object) -> str | None:
    sealed = cast("dict[str, Json] | None", record)
    stated = sealed.get("input") if sealed else None
    found = stated.get("notice_id") if isinstance(stated, dict) else None
    return found if isinstance(found, str) else None


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, batch: Rows) -> None:
    """Write the rows into `slot`, inside the caller's transaction."""
    _write(cursor, _COPY_ENTRIES[slot], _INSERT_ENTRIES[slot], batch.entries)
    _write(cursor, _COPY_RELIANCES[slot], _INSERT_RELIANCES[slot], batch.reliances)


def _write(
    cursor: psycopg.Cursor[tuple[object, ...]],
    copy_sql: LiteralString,
    insert_sql: LiteralString,
    pairs: Sequence[tuple[bytes, int]],
) -> None:
    if not pairs:
        return
    if len(pairs) < COPY_FROM_ROWS:
        cursor.execute(
            insert_sql,
            ([UUID(bytes=key) for key, _ in pairs], [position for _, position in pairs]),
        )
        return
    # Binary COPY by hand: two fields of 16 and 8 bytes, one buffer (PostgreSQL manual, COPY).
    body = b"".join(
        [
            b"\x00\x02\x00\x00\x00\x10" + key + b"\x00\x00\x00\x08" + position.to_bytes(8, "big")
            for key, position in pairs
        ]
    )
    header = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    with cursor.copy(copy_sql) as copy:
        copy.write(header + body + b"\xff\xff")
