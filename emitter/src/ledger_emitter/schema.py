"""The tables of the outbox. Instants are milliseconds since 1970; `totals` is kept by triggers."""

from typing import Final

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
