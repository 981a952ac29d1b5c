"""The file of the outbox: one SQLite database that several processes and threads may use at once.

WAL with synchronous=FULL: whatever was committed survives a power cut. One connection a process. It
is closed before a fork and opened anew after it, on both sides: in a child SQLite would take the
parent's locks for its own, and the parent would then put away a log that the child still writes.
"""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from ledger_emitter.errors import (
    OutboxExposedError,
    OutboxFormatError,
    OutboxUnavailableError,
)

APPLICATION_ID: Final = 0x504C454F
"""`PLEO`, in the header of the file."""

VERSION: Final = 1

SCHEMA: Final = """
CREATE TABLE items (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    content BLOB NOT NULL,
    put_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    acknowledged_at INTEGER,
    status TEXT,
    position INTEGER,
    UNIQUE (source, id)
) STRICT;
CREATE INDEX waiting ON items (number) WHERE acknowledged_at IS NULL;
CREATE INDEX deferred ON items (due_at) WHERE acknowledged_at IS NULL AND due_at > 0;
CREATE INDEX acknowledged ON items (acknowledged_at) WHERE acknowledged_at IS NOT NULL;

CREATE TABLE refused (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    content BLOB NOT NULL,
    put_at INTEGER NOT NULL,
    refused_at INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('rejected', 'conflict')),
    code TEXT NOT NULL,
    problem TEXT NOT NULL,
    settled_at INTEGER
) STRICT;
CREATE INDEX refused_by_key ON refused (source, id);
CREATE INDEX refused_open ON refused (number) WHERE settled_at IS NULL;

CREATE TABLE held (
    source TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    since INTEGER NOT NULL,
    probe_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sending (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    state TEXT NOT NULL CHECK (state IN ('sending', 'retrying', 'paused')),
    code TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    since INTEGER,
    next_try_at INTEGER
) STRICT;
INSERT INTO sending VALUES (1, 'sending', '', 0, NULL, NULL);

CREATE TABLE totals (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    waiting INTEGER NOT NULL CHECK (waiting >= 0),
    waiting_bytes INTEGER NOT NULL CHECK (waiting_bytes >= 0),
    pruned_to INTEGER NOT NULL
) STRICT;
INSERT INTO totals VALUES (1, 0, 0, 0);

CREATE TRIGGER item_put AFTER INSERT ON items WHEN NEW.acknowledged_at IS NULL BEGIN
    UPDATE totals SET waiting = waiting + 1, waiting_bytes = waiting_bytes + length(NEW.content);
END;
CREATE TRIGGER item_gone AFTER DELETE ON items WHEN OLD.acknowledged_at IS NULL BEGIN
    UPDATE totals SET waiting = waiting - 1, waiting_bytes = waiting_bytes - length(OLD.content);
END;
CREATE TRIGGER item_acknowledged AFTER UPDATE OF acknowledged_at ON items
WHEN OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL BEGIN
    UPDATE totals SET waiting = waiting - 1, waiting_bytes = waiting_bytes - length(OLD.content);
END;
CREATE TRIGGER item_replayed AFTER UPDATE OF acknowledged_at ON items
WHEN OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS NULL BEGIN
    UPDATE totals SET waiting = waiting + 1, waiting_bytes = waiting_bytes + length(OLD.content);
END;
"""


BUSY_S_MAX: Final = 10.0
"""How long a statement waits for another process's transaction; ours take milliseconds."""

_SQLITE_MIN: Final = (3, 37)
"""The first with STRICT tables."""

_OPENING: Final = threading.Lock()
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: to the platter, not to the drive's cache
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten: it is personal data
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA trusted_schema = OFF",
)


class Storage:
    """The database of one outbox, for one process and all its threads.

    Args:
        path: where it is, or will be; on a local file system.

    Raises:
        OutboxExposedError: somebody else may read it.
        OutboxFormatError: it is something else.
        OutboxUnavailableError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < _SQLITE_MIN:
            raise OutboxUnavailableError("SQLite is older than 3.37")
        self.path: Final = path
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        with self._mine():
            pass
        _ALIVE.add(self)

    def close(self) -> None:
        """Let go of the file; what was committed stays."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def hold(self) -> None:
        """Before a fork: wait for what is being written, and leave nothing open."""
        self._turn.acquire()
        self.close()

    def go_on(self) -> None:
        """After a fork, on both sides; whoever needs a connection opens it."""
        self._turn.release()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """One state of the database, however many statements look at it."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """All of what is written, or nothing; on disk when the block is left.

        Raises:
            OutboxUnavailableError: nothing was written.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def shorten_the_log(self) -> None:
        """Move the log into the database, so that what was deleted stands in neither of them."""
        with self._mine() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        with self._mine() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _mine(self) -> Generator[sqlite3.Connection]:
        with self._turn:
            try:
                if self._connection is None:
                    self._connection = _opened(self.path)
                yield self._connection
            except sqlite3.Error as error:
                # SQLite's own words: they name tables and columns, never values.
                raise OutboxUnavailableError(f"SQLite: {error}") from None


def _opened(path: Path) -> sqlite3.Connection:
    with _OPENING:
        _secure(path)
        connection = sqlite3.connect(
            path, timeout=BUSY_S_MAX, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _secure(path: Path) -> None:
    """Make the file for its owner alone, or see that it is.

    A file that is there is not opened here: closing it would let go of the locks that SQLite holds
    on it in this process. The files that SQLite puts beside it get the same permissions from it.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            raise OutboxExposedError(mode) from None
        return
    except OSError as error:
        raise OutboxUnavailableError(f"the file cannot be made: {error.strerror}") from None
    os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: sqlite3.Connection) -> None:
    _begin_the_log(connection)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if _number(connection, "PRAGMA user_version") != VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            _make_tables(connection)
        finally:
            # Another process may have made them meanwhile.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    if _number(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise OutboxFormatError("the file is no outbox")


def _begin_the_log(connection: sqlite3.Connection) -> None:
    """Two processes that open a new file at once: one must wait, and SQLite does not do it here."""
    deadline = time.monotonic() + BUSY_S_MAX
    while True:
        try:
            with closing(connection.execute("PRAGMA journal_mode = WAL")) as cursor:
                if cursor.fetchone() != ("wal",):
                    raise OutboxUnavailableError("the file system does not allow SQLite's WAL")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname == "SQLITE_NOTADB":
                raise OutboxFormatError("the file is no outbox") from None
            if time.monotonic() > deadline or "BUSY" not in error.sqlite_errorname:
                raise
            time.sleep(0.02)
        else:
            return


def _make_tables(connection: sqlite3.Connection) -> None:
    version = _number(connection, "PRAGMA user_version")
    if version == VERSION:
        return
    if version or _number(connection, "SELECT count(*) FROM sqlite_schema"):
        raise OutboxFormatError("the file is no outbox, or one of another version")
    for statement in _statements(SCHEMA):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """One at a time: `executescript` would commit before it begins."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _number(connection: sqlite3.Connection, question: str) -> int:
    with closing(connection.execute(question)) as cursor:
        number: int = cursor.fetchone()[0]
        return number


_ALIVE: Final[weakref.WeakSet[Storage]] = weakref.WeakSet()
_FORKING: Final = threading.Lock()
_HELD: Final[list[Storage]] = []


def _before_fork() -> None:
    _FORKING.acquire()
    _HELD.extend(_ALIVE)
    for one in _HELD:
        one.hold()
    _OPENING.acquire()


def _after_fork() -> None:
    _OPENING.release()
    for one in _HELD:
        one.go_on()
    _HELD.clear()
    _FORKING.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
