"""Rejected items, kept sealed until somebody repairs or discards them.

Nothing that an emitter sent is lost because a pipeline was wrong. An item that is sent again is
kept once and counted. Discarding takes two persons; the table itself refuses one.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, LiteralString, cast
from uuid import UUID

import orjson
import psycopg

from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import LedgerSecret, random_stream
from ledger.emitters.id_set import TransferKey
from ledger.errors import CorruptRecordError, Defect, NotFoundError, SeparationOfDutiesError
from ledger.lifetimes import quarantine_day
from ledger.quarantine.item_text import UNOPENED, VALUES_MAX, parts_of, values_at_most
from ledger.quarantine.marks import is_unread, may_be_marked, text_is_unread, text_may_be_marked
from ledger.quarantine.rejected_rows import (
    BYTES_MAX,
    ONE,
    SELECTED,
    WAITING,
    RejectedRow,
    WaitingRow,
    believed,
    bounded,
    every,
    is_altered,
    is_settled,
    is_unreadable_waiting,
    locked,
    oldest_waiting,
    put,
    rows_of,
    unflagged,
    waiting_rows,
)
from ledger.quarantine.rows import item_key, settle, settled_by, waiting_of
from ledger.quarantine.spellings import (
    MatchingItem,
    MatchingItems,
    ReadItem,
    person_spellings,
    spellings_of,
    values_of,
)
from ledger.store.connections import Connections
from ledger.values import Json, PrincipalRef

log: Final = logging.getLogger(__name__)

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
PAGE_MAX = 101
"""Items of a page; it ends before, where they have more than `BYTES_MAX`."""
EXAMINED_MAX = 2_020
EXAMINED_VALUES_MAX = 100_000
"""Items, and their values, that are read to find those of one person.

With `BYTES_MAX`: of more, nobody looks at the newest.
"""

_KEEP: LiteralString = """
    INSERT INTO ledger.quarantine (id, content_key, received_at, key_id, sealed, codes, restricted,
                                   item_key, unreadable)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (content_key) WHERE state IN ('open', 'discard_proposed')
    DO UPDATE SET attempts = quarantine.attempts + 1
    RETURNING id
"""
_OPEN: LiteralString = bounded(
    "state IN ('open', 'discard_proposed') AND (received_at, id) > (%s, %s)"
    " AND (%s OR restricted IS NOT TRUE)",
    "received_at, id",
)
# Whether an item without a flag is marked, only its content tells: it is not counted.
_WAITING: LiteralString = """
    SELECT count(*) FROM ledger.quarantine
     WHERE state IN ('open', 'discard_proposed') AND (%s OR restricted IS FALSE)
"""
_RECEIVED: LiteralString = (
    SELECTED
    + """
     WHERE state = 'repaired' AND position = ANY(%s)
"""
)
_DONE_BY: LiteralString = (
    SELECTED
    + """
     WHERE id = %s AND ((state = 'discard_proposed' AND proposed_by = %s) OR resolved_by = %s)
"""
)

_Row = tuple[UUID, bytes, datetime, bytes, bytes, list[str], bool, bytes | None, bool]


@dataclass(frozen=True, slots=True)
class MalformedItem:
    """An item to keep.

    Attributes:
        item: as it came in: any JSON.
        within: the source prefix of who sent it; a repair stays within.
        defects: what is wrong with it, at least one.
    """

    item: Json
    within: str | None
    defects: tuple[Defect, ...]


@dataclass(frozen=True)
class RejectedItem:
    """A rejected item.

    Attributes:
        text: the item as it came in, as JSON; None once its key is dead, or if it does not open.
        within: the source prefix of who sent it; None in these cases.
        defects: what was wrong with it.
        attempts: how often it was sent.
        state: `open` or `discard_proposed`.
        restricted: it may have been sent with a mark under Order 11, see `may_be_marked`; or its
            content is not there, and nobody flagged it.
        is_unopened: its key lives, and its content does not open, or is gone: it is damaged, or
            somebody wrote to it. Its one defect says so.
    """

    id: UUID
    received_at: datetime
    text: bytes | None
    within: str | None
    defects: tuple[Defect, ...]
    attempts: int
    state: str
    proposed_by: str | None
    restricted: bool
    is_unopened: bool = False

    @cached_property
    def item(self) -> Json:
        """As it came in, parsed when it is asked for; None once its key is dead."""
        return None if self.text is None else cast("Json", orjson.loads(self.text))


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """Items that wait.

    Attributes:
        beyond: the first one after them; None: no more wait.
    """

    items: tuple[RejectedItem, ...]
    beyond: RejectedItem | None = None


class Quarantine:
    """Keeps, lists, repairs and discards. Thread-safe."""

    def __init__(self, connections: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        self._connections = connections
        self._keys = keys
        self._secret = secret
        self._reading = threading.Lock()
        # Of items that still wait; as good as gone once the key ring gives out no key of theirs.
        self._read: dict[UUID, ReadItem] = {}
        self._unflagged: dict[UUID, bool] = {}
        self._logged: set[UUID] = set()

    def keep(self, malformed: Sequence[MalformedItem], at: datetime) -> list[UUID]:
        """Keep rejected items; return their ids, the first one's for one that waits already.

        Raises:
            StoreUnavailableError: the database cannot be reached; send the items again.
        """
        key = self._keys.key_for("quarantine", day=quarantine_day(at))
        rows = [self._row(one, at, key) for one in malformed]

        def insert(connection: psycopg.Connection) -> list[UUID]:
            with connection.transaction(), connection.cursor() as cursor:
                # In one order everywhere, so that two requests never wait for each other.
                ids = {
                    row[0]: _id(cursor.execute(_KEEP, row).fetchone())
                    for row in sorted(rows, key=lambda row: row[1])
                }
            return [ids[row[0]] for row in rows]

        # Once more after a lost connection: at the worst an attempt is counted twice.
        return self._connections.read(insert)

    def _row(self, one: MalformedItem, at: datetime, key: DataKey) -> _Row:
        # Not the canonical JSON of events: a malformed item may hold any member, number or null.
        item = orjson.dumps(one.item, option=orjson.OPT_SORT_KEYS)
        plain = orjson.dumps(
            {
                "item": one.item,
                "within": one.within,
                "defects": [
                    {"pointer": d.pointer, "code": d.code, "detail": d.detail} for d in one.defects
                ],
            }
        )
        rejected = random_stream()
        content_key = self._secret.lookup_key("quarantine", (one.within or "").encode(), item)
        sealed = seal_blob(key, "quarantine", rejected, plain)
        codes = sorted({defect.code for defect in one.defects})
        flags = (may_be_marked(one.item), item_key(self._secret, one.item), is_unread(one.item))
        return (rejected, content_key, at, key.id, sealed, codes, *flags)

    def waiting_of(self, keys: Sequence[TransferKey]) -> frozenset[TransferKey]:
        """Those of the keys (source, id) whose items wait, whoever sent them."""
        return waiting_of(self._connections, self._secret, keys)

    def page(
        self, after: tuple[datetime, UUID] | None, limit: int, *, includes_hidden: bool = True
    ) -> RejectedPage:
        """Items that wait, oldest first, beyond `after` (received_at, id); at least one, if any do.

        A page is cut after what is not shown is gone, so that its end tells of nothing else.

        Args:
            limit: at most `PAGE_MAX`.
            includes_hidden: restricted ones too.
        """
        limit = min(limit, PAGE_MAX)
        found: list[RejectedItem] = []
        size = 0
        for one in self._waiting(after, limit + 1, includes_hidden=includes_hidden):
            size += _size(one)
            if len(found) == limit or (found and size > BYTES_MAX):
                return RejectedPage(tuple(found), one)
            found.append(one)
        return RejectedPage(tuple(found))

    def matching(
        self,
        refs: Iterable[PrincipalRef],
        names: Iterable[str],
        until: datetime | None = None,
    ) -> MatchingItems:
        """The items that wait and name who has one of the identifiers or names, oldest first.

        They are read up to `EXAMINED_MAX`, `EXAMINED_VALUES_MAX` and `BYTES_MAX`. One that has more
        than `VALUES_MAX` by itself is not parsed: it may name anybody. What was sent with a mark
        under Order 11 is passed over, as if it were not there; so is what could not be read, of
        which nobody knows whether it was, but that any waits. An item whose key is dead names
        nobody.

        Args:
            until: what cannot be compared, or is not read, counts where it was received by then;
                None: whenever.
        """
        is_unreadable = is_unreadable_waiting(
            self._connections, until
        ) or self._is_unflagged_unreadable(until)
        spellings = person_spellings(self._secret, refs, names)
        rows = oldest_waiting(self._connections, EXAMINED_MAX + 1)
        found: list[MatchingItem] = []
        size = values = 0
        for row, one in self._read_of(rows[:EXAMINED_MAX]):
            size += row.size
            values += one.values if one.values <= VALUES_MAX else 0
            if values > EXAMINED_VALUES_MAX or size > BYTES_MAX:
                # All of which come later than this one.
                is_exhaustive = _is_later(row, until)
                return MatchingItems(tuple(found), is_exhaustive, is_unreadable)
            if one.spellings is None:
                is_unreadable = is_unreadable or not _is_later(row, until)
            elif one.may_name(spellings):
                found.append(MatchingItem(row.id, row.received_at, one.codes))
        is_exhaustive = all(_is_later(row, until) for row in rows[EXAMINED_MAX:])
        return MatchingItems(tuple(found), is_exhaustive, is_unreadable)

    def _is_unflagged_unreadable(self, until: datetime | None) -> bool:
        """Whether one waits that was kept before rows had the flag; each is opened once."""
        return any(map(self._is_unread, unflagged(self._connections, until)))

    def _is_unread(self, rejected: UUID) -> bool:
        known = self._unflagged.get(rejected)
        if known is None:
            rows = rows_of(self._connections, ONE, (rejected,))
            known = any(_is_unread(self._rejected(row)) for row in rows)
            self._unflagged[rejected] = known
        return known

    def _read_of(self, rows: Sequence[WaitingRow]) -> Iterator[tuple[WaitingRow, ReadItem]]:
        """What is remembered of these items; those of which nothing is are opened as they come."""
        self._read = {row.id: one for row in rows if (one := self._read.get(row.id))}
        keys = self._keys.open({row.key_id for row in rows})
        opened: dict[UUID, RejectedRow] = {}
        for n, row in enumerate(rows):
            if row.key_id not in keys:
                continue
            one = self._read.get(row.id)
            if one is None:
                if row.id not in opened:
                    # This one in any case: another look may remember it meanwhile.
                    unread = [each.id for each in rows[n + 1 :] if each.id not in self._read]
                    opened = waiting_rows(self._connections, [row.id, *unread])
                one = self._remembered(opened.pop(row.id)) if row.id in opened else None
            if one is not None and not one.restricted:
                yield row, one

    def _remembered(self, row: RejectedRow) -> ReadItem | None:
        item = self._rejected(row)
        if item.is_unopened:
            return ReadItem((), 0, restricted=False)
        if item.text is None:
            return None
        values = values_at_most(item.text)
        is_read = values <= VALUES_MAX and not item.restricted
        codes = tuple(dict.fromkeys(one.code for one in item.defects))
        with self._reading:  # looks at several cases read each item once
            one = self._read.get(row.id)
            if one is None:
                spellings = spellings_of(item.item) if is_read else None
                values = max(values, 0 if spellings is None else values_of(spellings))
                one = self._read[row.id] = ReadItem(codes, values, item.restricted, spellings)
            return one

    def _waiting(
        self, after: tuple[datetime, UUID] | None, count: int, *, includes_hidden: bool
    ) -> Iterator[RejectedItem]:
        """Items that wait, oldest first; `count` and `BYTES_MAX` of them are read at once."""
        after = after or (_BEGINNING, UUID(int=0))
        limits = includes_hidden, count, BYTES_MAX
        while rows := rows_of(self._connections, _OPEN, (*after, *limits)):
            after = (rows[-1].received_at, rows[-1].id)
            for row in rows:
                one = self._rejected(row)
                if includes_hidden or not one.restricted:
                    yield one

    def waiting(self, *, includes_hidden: bool = True) -> int:
        """How many items wait, restricted ones among them or not."""
        row = self._connections.read(lambda c: c.execute(_WAITING, (includes_hidden,)).fetchone())
        return cast("int", row[0]) if row is not None else 0

    def one(self, rejected: UUID) -> RejectedItem:
        """The waiting item of that id.

        Raises:
            NotFoundError: no such item waits.
        """
        rows = rows_of(self._connections, ONE, (rejected,))
        if not rows:
            raise NotFoundError
        return self._rejected(rows[0])

    def _rejected(self, row: RejectedRow) -> RejectedItem:
        row = believed(row, self._secret.row_mac)
        key = self._keys.open([row.key_id]).get(row.key_id)
        restricted = row.restricted
        text: bytes | None = None
        within: str | None = None
        defects: tuple[Defect, ...] = ()
        plain = None if key is None else self._opened(key, row)
        if key is not None and plain is None:
            defects = (UNOPENED,)
        elif plain is not None:
            text, members = parts_of(plain)
            within = cast("str | None", members["within"])
            # Of items that were kept before, the flag says less than their content.
            restricted = restricted is True or text_may_be_marked(text)
            defects = tuple(
                Defect(one["pointer"], one["code"], one["detail"])
                for one in cast("list[dict[str, str]]", members["defects"])
            )
        return RejectedItem(
            row.id,
            row.received_at,
            text,
            within,
            defects,
            row.attempts,
            row.state,
            row.proposed_by,
            restricted is not False,
            is_unopened=key is not None and plain is None,
        )

    def _opened(self, key: DataKey, row: RejectedRow) -> bytes | None:
        """What was sealed; None, told in the log once, where it does not open or is gone."""
        try:
            return open_blob(key, "quarantine", row.id, row.sealed or b"")
        except CorruptRecordError:
            if row.id not in self._logged:
                self._logged.add(row.id)
                log.error("a rejected item does not open: %s", str(row.id))  # noqa: TRY400 -- no more to tell
            return None

    def repaired(self, rejected: UUID, actor: str, position: int) -> None:
        """The item was recorded in a repaired form at `position`; its content is let go."""
        settle(self._connections, self._secret, rejected, position, actor)

    def received(self, positions: Collection[int]) -> dict[int, datetime]:
        """Where items were recorded in a repaired form → when they had been received."""
        if not positions:
            return {}
        rows, mac = rows_of(self._connections, _RECEIVED, ([*positions],)), self._secret.row_mac
        return {
            one.position: one.received_at
            for one in rows
            if one.position is not None and is_settled(one, mac)
        }

    def done_by(self, rejected: UUID, actor: str) -> tuple[str, int | None] | None:
        """What `actor` did last to the item: its state, and where a repaired one is recorded.

        For whoever did not learn what became of a request; None: nothing of theirs stands.
        """
        rows, mac = (
            rows_of(self._connections, _DONE_BY, (rejected, actor, actor)),
            self._secret.row_mac,
        )
        done = [one for one in rows if is_settled(one, mac) or believed(one, mac).proposed_by]
        return (done[0].state, done[0].position) if done else None

    def wrong(self) -> Iterator[tuple[UUID, str]]:
        """Items that somebody wrote to who does not hold the ledger secret; id, and what is wrong.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        for row in every(self._connections):
            if is_altered(row, self._secret.row_mac):
                yield row.id, f"it is {row.state} by nobody of the ledger: its MAC is wrong"
            elif (row.sealed is not None or row.state in WAITING) and not self._opens(row):
                yield row.id, "its content does not open"

    def _opens(self, row: RejectedRow) -> bool:
        key = self._keys.open([row.key_id]).get(row.key_id)
        if key is None:  # unless both were destroyed since
            return not rows_of(self._connections, ONE, (row.id,))
        return self._opened(key, row) is not None

    def settled_by(self, rejected: UUID, *, includes_hidden: bool) -> tuple[str, str] | None:
        """How an item ended and by whom, see `ledger.quarantine.rows.settled_by`."""
        found = self._connections, self._secret, rejected
        return settled_by(*found, includes_hidden=includes_hidden)

    def discard(self, rejected: UUID, actor: str, earlier: Collection[str] = ()) -> str:
        """Propose to discard the item, or, as a second person, discard it.

        Returns the state: `discard_proposed` or `discarded`.

        Args:
            earlier: actors under which the same person acted in older versions (decision 0104).

        Raises:
            NotFoundError: no such item waits.
            SeparationOfDutiesError: the same person asked twice.
        """
        actors, mac = [actor, *earlier], self._secret.row_mac

        def advance(connection: psycopg.Connection) -> str:
            with connection.transaction():
                row = locked(connection, rejected, mac)
                if row is None:
                    raise NotFoundError
                if row.proposed_by in actors:
                    raise SeparationOfDutiesError
                if row.proposed_by is None:
                    row = replace(row, state="discard_proposed", proposed_by=actor)
                else:
                    row = replace(row, state="discarded", resolved_by=actor)
                put(connection, row, mac)
                return row.state

        return self._connections.read(advance)


def _is_unread(one: RejectedItem) -> bool:
    return one.is_unopened or (one.text is not None and text_is_unread(one.text))


def _is_later(row: WaitingRow, until: datetime | None) -> bool:
    return until is not None and row.received_at > until


def _size(one: RejectedItem) -> int:
    return 0 if one.text is None else len(one.text)


def _id(row: tuple[object, ...] | None) -> UUID:
    assert row is not None, "an insert that returns its id returns a row"
    return cast("UUID", row[0])
