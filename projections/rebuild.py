"""Rebuild beside the old one, then switch; and verify: the index against a full scan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, starmap
from typing import Any, LiteralString, cast

import psycopg

from ledger.crypto.pseudonyms import LedgerSecret
from projections import belated, entries, findings, findings_compared, months
from projections.follower import (
    BATCH_BYTES_MAX,
    FactsAfter,
    Follower,
    Opened,
    findings_of,
    has_belated,
    names_of,
    position_of,
    serving,
)

_Row = entries.Pair | entries.Named

_EMPTY: dict[str, LiteralString] = {
    "a": "TRUNCATE projections.entries_a, projections.reliances_a, projections.namings_a,"
    " projections.months_a, projections.carried_a, projections.gone_a,"
    " projections.findings_a, projections.findings_keys_a, projections.belated_a",
    "b": "TRUNCATE projections.entries_b, projections.reliances_b, projections.namings_b,"
    " projections.months_b, projections.carried_b, projections.gone_b,"
    " projections.findings_b, projections.findings_keys_b, projections.belated_b",
}
_RESET: LiteralString = (
    "UPDATE projections.progress SET position = 0, names = NULL, findings = NULL, belated = false"
    " WHERE slot = %s"
)
_LOCK_ALL: LiteralString = "SELECT slot FROM projections.progress ORDER BY slot FOR UPDATE"
_VIEWS: dict[str, tuple[LiteralString, ...]] = {
    "a": (
        (
            "CREATE OR REPLACE VIEW projections.entries AS"
            " SELECT principal_key, position, name_key FROM projections.entries_a"
        ),
        (
            "CREATE OR REPLACE VIEW projections.namings AS"
            " SELECT principal_key, position, name_key FROM projections.namings_a"
        ),
        (
            "CREATE OR REPLACE VIEW projections.reliances AS"
            " SELECT notice_key, position FROM projections.reliances_a"
        ),
        (
            "CREATE OR REPLACE VIEW projections.gone AS"
            " SELECT month, transfers FROM projections.gone_a"
        ),
        (
            "CREATE OR REPLACE VIEW projections.findings AS"
            " SELECT position, code, standing, is_unlawful, mark, sources"
            " FROM projections.findings_a"
        ),
        "CREATE OR REPLACE VIEW projections.belated AS SELECT position FROM projections.belated_a",
    ),
    "b": (
        (
            "CREATE OR REPLACE VIEW projections.entries AS"
            " SELECT principal_key, position, name_key FROM projections.entries_b"
        ),
        (
            "CREATE OR REPLACE VIEW projections.namings AS"
            " SELECT principal_key, position, name_key FROM projections.namings_b"
        ),
        (
            "CREATE OR REPLACE VIEW projections.reliances AS"
            " SELECT notice_key, position FROM projections.reliances_b"
        ),
        (
            "CREATE OR REPLACE VIEW projections.gone AS"
            " SELECT month, transfers FROM projections.gone_b"
        ),
        (
            "CREATE OR REPLACE VIEW projections.findings AS"
            " SELECT position, code, standing, is_unlawful, mark, sources"
            " FROM projections.findings_b"
        ),
        "CREATE OR REPLACE VIEW projections.belated AS SELECT position FROM projections.belated_b",
    ),
}
_RETIRE: LiteralString = "UPDATE projections.progress SET serving = false WHERE serving"
_SERVE: LiteralString = "UPDATE projections.progress SET serving = true WHERE slot = %s"
_SCAN: dict[tuple[str, str], LiteralString] = {
    ("a", "entries"): "SELECT principal_key, position, name_key FROM projections.entries_a"
    " WHERE position > %s AND position <= %s",
    ("b", "entries"): "SELECT principal_key, position, name_key FROM projections.entries_b"
    " WHERE position > %s AND position <= %s",
    ("a", "namings"): "SELECT principal_key, position, name_key FROM projections.namings_a"
    " WHERE position > %s AND position <= %s",
    ("a", "reliances"): "SELECT notice_key, position FROM projections.reliances_a"
    " WHERE position > %s AND position <= %s",
    ("b", "namings"): "SELECT principal_key, position, name_key FROM projections.namings_b"
    " WHERE position > %s AND position <= %s",
    ("b", "reliances"): "SELECT notice_key, position FROM projections.reliances_b"
    " WHERE position > %s AND position <= %s",
}

# One rebuild at a time, whoever asks for it, and none while rows of expired events are deleted.
REBUILD_LOCK = 0x70706C01
VERIFY_BATCH = 2_000
_LAST = 2**62


def rebuild(follower: Follower, connection: psycopg.Connection) -> int:
    """Build the slot that does not serve from nothing, switch to it, and empty the old one.

    Returns the position at the switch. The old slot serves until then and is followed meanwhile by
    whoever follows it.
    """
    connection.execute("SELECT pg_advisory_lock(%s)", (REBUILD_LOCK,))
    connection.commit()
    try:
        old = serving(connection)
        new = "b" if old == "a" else "a"
        with connection.transaction():
            connection.execute(_EMPTY[new])
            connection.execute(_RESET, (new,))
        beside = Follower(
            follower.connect,
            follower.facts_after,
            follower.opened,
            follower.carried,
            follower.secret,
            slot=new,
            batch_max=follower.batch_max,
            bytes_max=follower.bytes_max,
        )
        while beside.step(connection):
            pass
        while not _switch(connection, old, new):
            beside.step(connection)
        with connection.transaction():
            connection.execute(_EMPTY[old])
            connection.execute(_RESET, (old,))
        return position_of(connection, new)
    finally:
        connection.rollback()
        connection.execute("SELECT pg_advisory_unlock(%s)", (REBUILD_LOCK,))
        connection.commit()


def _switch(connection: psycopg.Connection, old: str, new: str) -> bool:
    """Let `new` serve if it is not behind `old`: no reader may see the position move back."""
    with connection.transaction():
        connection.execute(_LOCK_ALL)
        if position_of(connection, new) < position_of(connection, old):
            return False
        for view in _VIEWS[new]:
            connection.execute(view)
        connection.execute(_RETIRE)
        connection.execute(_SERVE, (new,))
    return True


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is missing or should not be there, or says something else.

    Attributes:
        key: a keyed hash; of counts by month: key id, month, number; of findings: a code; of
            belated events: `event`.
        position: of the row; of the counts by month: up to which was counted.
    """

    table: str
    kind: str
    key: str
    position: int


@dataclass(frozen=True, slots=True)
class Log:
    """How the events are read: see `Follower`."""

    facts_after: FactsAfter
    opened: Opened
    carried: findings.Carried


def differences(
    connection: psycopg.Connection,
    log: Log,
    secret: LedgerSecret,
    progress: Callable[[int], None] = lambda _position: None,
    bytes_max: int = BATCH_BYTES_MAX,
) -> Iterator[Difference]:
    """Compare the serving slot with a full scan of the events, and name every difference.

    Flat in memory: it goes through the log in batches of `VERIFY_BATCH` events, or of `bytes_max`
    of sealed parts.
    """
    slot = serving(connection)
    reached = position_of(connection, slot)
    names = names_of(connection, slot)
    has_names = names == secret.names_version
    if reached and not has_names:
        yield Difference("names", "outdated", names or "none", reached)
    hashes, version = findings.Hashes(secret), findings_of(connection, slot)
    if reached and version != hashes.version:
        yield Difference("findings", "outdated", version or "none", reached)
    has_late = has_belated(connection, slot)
    if reached and not has_late:
        yield Difference("belated", "outdated", "none", reached)
    position = 0
    while position < reached:
        facts = log.facts_after(position, min(VERIFY_BATCH, reached - position), bytes_max)
        upto = facts[-1].position
        events = log.opened(facts)
        wanted = entries.rows(events, secret)
        if not has_names:
            wanted = wanted.without_names()
        part = _Part(connection, slot, position, upto, has_names)
        yield from chain(
            part.compared("entries", wanted.entries),
            part.compared("namings", wanted.namings),
            part.compared("reliances", wanted.reliances),
        )
        if version == hashes.version:
            compared = findings_compared.differing(connection, slot, events, log.carried, hashes)
            yield from starmap(_difference, compared)
        if has_late:
            late = belated.differing(connection, slot, events)
            yield from (Difference("belated", kind, "event", place) for kind, place in late)
        position = upto
        progress(position)
    yield from _beyond(connection, slot)
    yield from _miscounted(connection, slot)


def _beyond(connection: psycopg.Connection, slot: str) -> Iterator[Difference]:
    """Rows that stand beyond the slot's own position, both as of one moment: it moves meanwhile."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = position_of(connection, slot)
        found = [
            Difference(table, "unexpected", row[0].hex, row[1])
            for table in ("entries", "namings", "reliances")
            for row in connection.execute(_SCAN[slot, table], (reached, _LAST))
        ]
        found += starmap(_difference, findings_compared.beyond(connection, slot, reached, _LAST))
        further = belated.scan(connection, slot, reached, _LAST)
        found += [Difference("belated", "unexpected", "event", place) for place in further]
    yield from found


def _difference(kind: str, table: str, key: str, position: int) -> "Difference":
    return Difference(table, kind, key, position)


def _miscounted(connection: psycopg.Connection, slot: str) -> Iterator[Difference]:
    """How the counts by month differ, all as of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = position_of(connection, slot)
        rows = months.differing(connection, slot, reached)
    for kind, table, key_id, month, position, transfers in rows:
        parts = (key_id.hex() if key_id else "", month, "" if transfers is None else str(transfers))
        yield Difference(table, kind, " ".join(filter(None, parts)), position or reached)


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of a stretch of the log, in one slot.

    Attributes:
        has_names: whether names are compared; those of another version are of no use to anybody.
    """

    connection: psycopg.Connection
    slot: str
    after: int
    upto: int
    has_names: bool

    def compared(self, table: str, wanted: Sequence[_Row]) -> Iterator[Difference]:
        cursor = self.connection.execute(_SCAN[self.slot, table], (self.after, self.upto))
        there = {self._plain(row) for row in cursor}
        self.connection.rollback()
        if table == "namings" and not self.has_names:
            return
        for row in sorted(set(wanted) - there, key=str):
            yield Difference(table, "missing", row[0].hex(), row[1])
        for row in sorted(there - set(wanted), key=str):
            yield Difference(table, "unexpected", row[0].hex(), row[1])

    def _plain(self, row: tuple[Any, ...]) -> _Row:
        """The row as `projections.entries` makes it."""
        key, position, *names = row
        said = [name.bytes if name is not None and self.has_names else None for name in names]
        return cast("_Row", (key.bytes, position, *said))
