"""The event store: a recorder of the eventsourcing library, over the ledger's tables.

The library's own test cases hold it. What differs from its recorder: positions are dense, streams
count from 1 without a gap, nothing is sent again after a lost answer unless the command ids say so.

Source: eventsourcing 9.5, `eventsourcing.persistence`.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, LiteralString, TypeVar, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Subscription,
)
from psycopg.rows import args_row
from typing_extensions import override

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    ForgedEventError,
    LedgerError,
    PositionHoleError,
    StoreUnavailableError,
    StreamMovedError,
)
from ledger.format.envelope import Append, SealedEvent, StoredFact
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import Connections, is_lost, refusal
from ledger.store.event_macs import EventMacs, EventRow
from ledger.store.queries import PARTS_BETWEEN
from ledger.store.reads import Queries, Snapshot

_EVENTS: LiteralString = """
    SELECT originator_id, originator_version, topic, state
      FROM ledger.events
     WHERE originator_id = %b AND originator_version > %b AND originator_version <= %b
     ORDER BY originator_version
     LIMIT %b
"""
_EVENTS_DOWN: LiteralString = """
    SELECT originator_id, originator_version, topic, state
      FROM ledger.events
     WHERE originator_id = %b AND originator_version > %b AND originator_version <= %b
     ORDER BY originator_version DESC
     LIMIT %b
"""
_NOTIFICATIONS: LiteralString = """
    SELECT originator_id, originator_version, topic, state, notification_id
      FROM ledger.events
     WHERE notification_id >= %b AND notification_id <= %b
     ORDER BY notification_id
     LIMIT %b
"""
_NOTIFICATIONS_OF_TOPICS: LiteralString = """
    SELECT originator_id, originator_version, topic, state, notification_id
      FROM ledger.events
     WHERE notification_id >= %b AND notification_id <= %b AND topic = ANY(%b)
     ORDER BY notification_id
     LIMIT %b
"""
_EVENTS_AFTER: LiteralString = """
    SELECT notification_id, originator_id, originator_version, topic, state, mac
      FROM ledger.events
     WHERE notification_id > %b
     ORDER BY notification_id
     LIMIT %b
"""
_LAST = 2**63 - 1

# A reader that nobody wakes looks again this often.
POLL_SECONDS = 0.05
_PAGE = 500

T = TypeVar("T")


class LedgerRecorder(Queries, ApplicationRecorder):
    """The event store: what appends events and reads them. Thread-safe.

    The methods of the library take and give bare events: headers without sealed parts, which any
    reader may see. The product appends many commands at once, each with its sealed parts.

    Args:
        connections: of a role that may read the write side; of the writer, to append.
        macs: of the ledger's events: each event that is read with its sealed part is checked, and
            `ForgedEventError` raised where one is not the ledger's. None: nothing is checked, and
            nothing can be appended.
    """

    def __init__(self, connections: Connections, macs: EventMacs | None = None) -> None:
        super().__init__(macs)
        self.connections = connections
        self._appender = None if macs is None else Appender(connections, macs.mac)

    def append(self, appends: Sequence[Append]) -> list[AppendedBatch | LedgerError]:
        """See `Appender.append`.

        Raises:
            ProgrammingError: this recorder has no MACs.
        """
        if self._appender is None:
            raise ProgrammingError("nothing is appended without the ledger secret")
        return self._appender.append(appends)

    def facts_after(
        self, position: int, limit: int, bytes_max: int | None = None
    ) -> list[StoredFact]:
        """The notifications after `position` with their sealed parts, at most `limit`, dense.

        Args:
            bytes_max: the fact whose sealed part reaches it is the last one (None: no bound), so
                one fact at least is given, and at most one sealed part beyond it.

        Raises:
            ForgedEventError: one of them is not the ledger's. Those before it are given first.
            PositionHoleError: a position is missing.
            StoreUnavailableError: the database cannot be reached.
        """
        found = self._events_after(position, limit)
        if not found:
            return []
        values = (position + 1, found[-1][0], _or_last(bytes_max))
        rows = self.connections.read(
            lambda c: c.cursor(binary=True).execute(PARTS_BETWEEN, values, prepare=True).fetchall()
        )
        parts = dict(cast("list[tuple[int, bytes]]", rows))
        if bytes_max is not None and sum(map(len, parts.values())) >= bytes_max:
            last = max(parts)
            found = [one for one in found if one[0] <= last]
        # Positions rise and none stands twice, so the last one tells whether all are there.
        if found[-1][0] != position + len(found):
            expected = enumerate(found, position + 1)
            hole = next(there for there, one in expected if one[0] != there)
            raise PositionHoleError(f"position {hole} is missing")
        return [StoredFact(*one[:5], parts.get(one[0])) for one in found]

    def _events_after(self, position: int, limit: int) -> list[EventRow]:
        """The next events; up to the first that is forged, unless that is the next one."""

        def read(connection: psycopg.Connection) -> list[EventRow]:
            cursor = connection.cursor(binary=True).execute(
                _EVENTS_AFTER, (position, limit), prepare=True
            )
            rows = cast("list[EventRow]", cursor.fetchall())
            forged = None if self.macs is None else next(self.macs.forged(connection, rows), None)
            if forged is None:
                return rows
            if rows[0][0] == forged:
                raise ForgedEventError(forged)
            return [one for one in rows if one[0] < forged]

        return self.connections.read(read)

    @contextmanager
    def snapshot(self) -> Generator[Snapshot]:
        """A moment of the ledger, held until the end of the block. Keep it short.

        Raises:
            StoreUnavailableError: the database cannot be reached, or went away meanwhile.
        """
        with self.connections.connection() as connection:
            yield Snapshot(connection, self.macs)
            try:
                connection.execute("COMMIT")
            except psycopg.Error as error:
                if not is_lost(connection):
                    raise refusal(connection, error) from None

    @override
    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # the library's signature
    ) -> Sequence[int] | None:
        """Append the events together, or none of them.

        Args:
            stored_events: of any streams; in each the versions go on from its last one.
            **kwargs: `command`, a UUID: the command they belong to; a new one unless given. The
                same command again inserts nothing and returns the first positions.

        Returns:
            Their positions, dense and rising; None without events.

        Raises:
            IntegrityError: a stream has moved on, or is not yet where the events would go on.
            OperationalError: the database cannot be reached.
            ProgrammingError: an event that cannot be stored, or this recorder has no MACs.
        """
        if not stored_events:
            return None
        command = cast("UUID | None", kwargs.get("command")) or random_uuid()
        events = tuple(
            SealedEvent(
                stream=_uuid(event.originator_id),
                version=event.originator_version,
                type=event.topic,
                command=command,
                header=event.state,
            )
            for event in stored_events
        )
        try:
            [result] = self.append([Append(events)])
        except StoreUnavailableError as error:
            raise OperationalError(str(error)) from error
        if isinstance(result, AppendedBatch):
            return result.positions
        raise _library_error(result)

    @override
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream with gt < version ≤ lte."""
        statement: LiteralString = _EVENTS_DOWN if desc else _EVENTS
        low = 0 if gt is None else gt
        values = (_uuid(originator_id), low, _or_last(lte), _or_last(limit))
        return self._select(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(StoredEvent))
                .execute(statement, values, prepare=True)
                .fetchall()
            )
        )

    @override
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events in position order from `start` up to `stop`, at most `limit`."""
        low = 0 if start is None else start + (not inclusive_of_start)
        return self._select(lambda c: _notifications(c, low, limit, stop, topics))

    @override
    def max_notification_id(self) -> int | None:
        """The last position; None in an empty ledger."""
        try:
            return self.head() or None
        except StoreUnavailableError as error:
            raise OperationalError(str(error)) from error

    @override
    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Events beyond `gt` as they come; polls, for nothing notifies."""
        return PollingSubscription(self, gt, topics)

    @override
    def _ask(self, work: Callable[[psycopg.Connection], T]) -> T:
        return self.connections.read(work)

    def _select(self, work: Callable[[psycopg.Connection], T]) -> T:
        try:
            return self._ask(work)
        except StoreUnavailableError as error:
            raise OperationalError(str(error)) from error


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Pages through the events, and looks again when it has seen them all."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._page: list[Notification] = []
        self._stopped = Event()

    @override
    def stop(self) -> None:
        """Stop; a waiting iteration ends at once."""
        super().stop()
        self._stopped.set()

    @override
    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if not self._page:
                self._page = list(
                    self._recorder.select_notifications(
                        start=self._last_notification_id or 0,
                        limit=_PAGE,
                        topics=self._topics,
                        inclusive_of_start=False,
                    )
                )
                self._page.reverse()
            if self._page:
                notification = self._page.pop()
                self._last_notification_id = notification.id
                return notification
            self._stopped.wait(POLL_SECONDS)
        raise StopIteration


def _notifications(
    connection: psycopg.Connection,
    start: int,
    limit: int,
    stop: int | None = None,
    topics: Sequence[str] = (),
) -> list[Notification]:
    statement: LiteralString = _NOTIFICATIONS_OF_TOPICS if topics else _NOTIFICATIONS
    chosen = [list(topics)] if topics else []
    cursor = connection.cursor(binary=True, row_factory=args_row(_notification))
    cursor.execute(statement, (start, _or_last(stop), *chosen, limit), prepare=True)
    return cursor.fetchall()


def _notification(  # the columns as they are selected; the library's class has its id last too
    originator_id: UUID, originator_version: int, topic: str, state: bytes, position: int
) -> Notification:
    return Notification(originator_id, originator_version, topic, state, position)


def _or_last(bound: int | None) -> int:
    return _LAST if bound is None else bound


def _uuid(originator_id: UUID | str) -> UUID:
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)


def _library_error(error: LedgerError) -> Exception:
    if isinstance(error, StreamMovedError):
        return IntegrityError(str(error))
    return ProgrammingError(str(error))
