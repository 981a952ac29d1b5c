"""Which transfers have findings, and which of these are to be handled: rows of a work list.

A row is a function of the whole transfer, as its events stand now: a correction, a retraction, a
settlement or the death of a key makes its transfer be folded anew. Transfers without findings, and
nearly all are, are known by the event that records them and cost nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.emitters.sources import is_within
from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import fact_of, with_verdicts
from ledger.format.events import (
    RECORDED_TYPES,
    ExpiredEvent,
    Fact,
    PrincipalsAppended,
    RecordCarriedForward,
    RecordsExpired,
    TransferCompleted,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.store.columns import bigints, byteas, integers, texts, uuids
from ledger.streams.carried_records import is_expired
from ledger.transfers import transfer
from projections.entries import SLOTS

Carried = Callable[[Sequence[UUID], int | None], list[OpenEvent]]
"""(streams, up to which position) → their events, what is dead as living copies carry it."""

ALL: Final = ""
"""In place of a code: the transfer's row, whatever its findings are."""
SETTLED, OTHER, OPEN = 0, 1, 2
"""What is to be done: nothing; something, but about another code; something about this one."""

READ_AT_ONCE: Final = 200
"""Transfers that are read in one go: each may have a thousand persons."""
_SOURCES_KNOWN_MAX: Final = 10_000

_RECORDED: Final = frozenset(RECORDED_TYPES)
_CHUNK: Final = PrincipalsAppended.TYPE
_LATER: Final = frozenset(
    one.TYPE
    for one in (
        TransferCompleted,
        TransferCorrected,
        TransferReclassified,
        TransferRetracted,
        TransferFindingsSettled,
        RecordCarriedForward,
    )
)
# Lines are canonical JSON: in a text the quotes would be escaped.
_OWN_FINDING: Final = b'"findings":["'

_EXPIRING: LiteralString = """
    SELECT DISTINCT e.originator_id
      FROM {keys} AS k JOIN ledger.events AS e ON e.notification_id = k.position
     WHERE k.key_id = ANY(%b)
"""
_TAKE: LiteralString = "DELETE FROM {findings} WHERE position = ANY(%b)"
_TAKE_KEYS: LiteralString = "DELETE FROM {keys} WHERE position = ANY(%b)"
_PUT: LiteralString = """
    INSERT INTO {findings} (position, code, standing, is_unlawful, mark, sources)
    SELECT r.position, r.code, r.standing, r.unlawful <> 0, r.mark,
           string_to_array(r.sources, ',')::uuid[]
      FROM unnest(%b, %b, %b, %b, %b, %b)
           AS r (position, code, standing, unlawful, mark, sources)
"""
_PUT_KEYS: LiteralString = """
    INSERT INTO {keys} (key_id, position) SELECT * FROM unnest(%b, %b)
"""
_OF_SLOT: Final[dict[tuple[str, LiteralString], sql.Composed]] = {
    (slot, statement): sql.SQL(statement).format(
        findings=sql.Identifier("projections", f"findings_{slot}"),
        keys=sql.Identifier("projections", f"findings_keys_{slot}"),
    )
    for slot in SLOTS
    for statement in (_EXPIRING, _TAKE, _TAKE_KEYS, _PUT, _PUT_KEYS)
}


@dataclass(frozen=True, slots=True, order=True)
class FindingRow:
    """A transfer with findings, or one of its codes.

    Attributes:
        position: where the transfer was recorded.
        code: `ALL` of the transfer's own row.
        status: `SETTLED`, `OTHER` or `OPEN`.
        is_unlawful: of the transfer.
        mark: 16 bytes, see `FindingHashes.mark`; sources: see `FindingHashes.sources`.
    """

    position: int
    code: str
    status: int
    is_unlawful: bool
    mark: bytes
    sources: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FindingRows:
    """What transfers say now: all rows of those that were looked at.

    Attributes:
        positions: of the transfers that were looked at.
        keys: (key id, position of a transfer with rows) for each key that seals an event of it.
    """

    positions: tuple[int, ...] = ()
    rows: tuple[FindingRow, ...] = ()
    keys: tuple[tuple[bytes, int], ...] = ()


class FindingHashes:
    """The keyed hashes of the rows: who reads the database learns neither marks nor sources."""

    def __init__(self, secret: LedgerSecret) -> None:
        self._secret = secret
        self._known: dict[str, tuple[bytes, ...]] = {}

    @property
    def version(self) -> str:
        """Rows that were made under another version find nothing."""
        return f"1/{self._secret.versions['lookup']}"

    def mark(self, position: int, *, is_marked: bool) -> bytes:
        """16 bytes that say whether an emitter marked the transfer recorded at `position`."""
        place = position.to_bytes(8, "big")
        return self._secret.lookup_key("finding-mark", place, b"1" if is_marked else b"0")

    def source(self, prefix: str) -> bytes:
        """16 bytes for a source, or a prefix of one."""
        return self._secret.lookup_key("finding-source", prefix.encode())

    def sources(self, source: str) -> tuple[bytes, ...]:
        """Those of all prefixes that the source is within, itself among them; sorted."""
        known = self._known.get(source)
        if known is None:
            prefixes = (source[:end] for end in range(1, len(source) + 1))
            known = tuple(sorted(self.source(one) for one in prefixes if is_within(source, one)))
            if len(self._known) < _SOURCES_KNOWN_MAX:
                self._known[source] = known
        return known


def changed(
    connection: psycopg.Connection,
    slot: str,
    events: Sequence[OpenEvent],
    carried: Carried,
    hashes: FindingHashes,
) -> FindingRows:
    """What the transfers say now that a batch of events touches.

    Args:
        events: dense; everything before them is in the slot.
        carried: reads those that do not lie in the batch as wholes.
    """
    touched = dict.fromkeys(one.header.stream for one in events if _touches(one))
    destroyed_keys = sorted({key for one in events for key in _destroyed_keys(one)})
    if destroyed_keys:
        values = (byteas(destroyed_keys),)
        rows = connection.execute(_OF_SLOT[slot, _EXPIRING], values, prepare=False).fetchall()
        touched |= dict.fromkeys(cast("UUID", row[0]) for row in rows)
        connection.rollback()
    if not touched:
        return FindingRows()
    whole = dict(_complete_streams(events, touched))
    others = [one for one in touched if one not in whole]
    return rows_of_streams(
        chain(whole.values(), read(others, carried, events[-1].position)), hashes
    )


def read(
    streams: Sequence[UUID], carried: Carried, up_to: int | None
) -> Iterator[Sequence[OpenEvent]]:
    """The events of each stream, read some streams at a time."""
    for begin in range(0, len(streams), READ_AT_ONCE):
        found: dict[UUID, list[OpenEvent]] = {}
        for event in carried(streams[begin : begin + READ_AT_ONCE], up_to):
            found.setdefault(event.header.stream, []).append(event)
        yield from found.values()


def rows_of_streams(streams: Iterable[Sequence[OpenEvent]], hashes: FindingHashes) -> FindingRows:
    """The rows of transfers.

    Args:
        streams: all events of each stream, in the order of the log.
    """
    positions: list[int] = []
    rows: list[FindingRow] = []
    keys: list[tuple[bytes, int]] = []
    for events in streams:
        positions.append(events[0].position)
        own = rows_of(events, hashes)
        rows += own
        if own:
            sealed = {one.header.sealed_key for one in events} - {None}
            keys += [(cast("bytes", key), own[0].position) for key in sealed]
    return FindingRows(tuple(sorted(positions)), tuple(sorted(rows)), tuple(sorted(keys)))


def rows_of(events: Sequence[OpenEvent], hashes: FindingHashes) -> tuple[FindingRow, ...]:
    """The rows of one transfer; none where no finding stands, or it is no transfer."""
    if not events[0].header.facts.get("basis"):
        return ()
    facts = cast("list[Fact[TransferEvent | ExpiredEvent]]", [fact_of(one) for one in events])
    state = transfer.fold(None, facts)
    return () if state is None else rows_of_state(state, hashes)


def rows_of_state(state: transfer.State, hashes: FindingHashes) -> tuple[FindingRow, ...]:
    """The rows of one transfer as it stands; none where no finding stands."""
    if state.effective_position is None or not state.findings:
        return ()
    assert state.entry is not None, "findings stand, so its key lives"
    assert state.record is not None, "findings stand, so its key lives"
    own = [line.verdict for line in state.lines.values() if line.verdict is not None]
    is_unlawful = not all(one.lawful for one in (state.record.verdict, *own))
    open_codes = set(state.open_findings)
    position = state.first_position
    mark = hashes.mark(position, is_marked=state.entry.order_11 != 0)
    sources = hashes.sources(state.entry.source)

    def row(code: str, status: int) -> FindingRow:
        return FindingRow(position, code, status, is_unlawful, mark, sources)

    other_status = OTHER if open_codes else SETTLED
    return (
        row(ALL, OPEN if open_codes else SETTLED),
        *(row(code, OPEN if code in open_codes else other_status) for code in state.findings),
    )


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, found: FindingRows) -> None:
    """Put what was found in the place of what stands, inside the caller's transaction."""
    if not found.positions:
        return
    values = (bigints(found.positions),)
    cursor.execute(_OF_SLOT[slot, _TAKE], values)
    cursor.execute(_OF_SLOT[slot, _TAKE_KEYS], values)
    if not found.rows:
        return
    rows = found.rows
    columns = (
        bigints([one.position for one in rows]),
        texts([one.code for one in rows]),
        integers([one.status for one in rows]),
        integers([int(one.is_unlawful) for one in rows]),
        uuids([UUID(bytes=one.mark) for one in rows]),
        texts([",".join(key.hex() for key in one.sources) for one in rows]),
    )
    cursor.execute(_OF_SLOT[slot, _PUT], columns)
    keys = (byteas([key for key, _ in found.keys]), bigints([place for _, place in found.keys]))
    cursor.execute(_OF_SLOT[slot, _PUT_KEYS], keys)


def _touches(event: OpenEvent) -> bool:
    """Whether the rows of its transfer may be other ones after it."""
    header, content = event.header, event.content
    if header.type in _LATER:
        return True
    if header.type not in _RECORDED or content is None:
        return False  # what is dead has no row, unless a copy carries it: that is an event, too
    return bool(header.facts.get("findings")) or any(_OWN_FINDING in one for one in content.lines)


def _destroyed_keys(event: OpenEvent) -> tuple[bytes, ...]:
    return event.header.keys if event.header.type == RecordsExpired.TYPE else ()


def _complete_streams(
    events: Sequence[OpenEvent], touched: Mapping[UUID, None]
) -> Iterator[tuple[UUID, list[OpenEvent]]]:
    """The streams that lie in the batch as wholes, and alive: they need not be read again.

    Of a chunk as `Streams.judged` gives it.
    """
    found: dict[UUID, list[OpenEvent]] = {}
    for event in events:
        if event.header.stream in touched:
            found.setdefault(event.header.stream, []).append(event)
    for stream, own in found.items():
        is_whole = own[0].header.version == 1
        if is_whole and not any(is_expired(one) or one.header.copies for one in own):
            read = (with_verdicts(one) if one.header.type == _CHUNK else one for one in own)
            yield stream, [one for one in read if one is not None]
