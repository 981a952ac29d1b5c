-- Exports that were asked for at the doors: until they are made, and the bags until they are fetched.

-- One row an export. What was asked for and what was made is sealed in `told`, and so is every piece
-- of the bag, under a key of the day on which it was asked for (class staging), with which the row
-- dies. Beside it stand a state and numbers of the log alone. Staging, never events.
CREATE TABLE ledger.exports (
    export     uuid        PRIMARY KEY,
    -- Of the event that puts it on record: made again, it is put on record once.
    command    uuid        NOT NULL UNIQUE,
    actor      text        COLLATE "C" NOT NULL CHECK (actor ~ '^[0-9a-f]{32}$'),
    asked_at   timestamptz NOT NULL,
    changed_at timestamptz NOT NULL CHECK (changed_at >= asked_at),
    -- waiting, making, packed, ready, failed.
    state      text        COLLATE "C" NOT NULL CHECK (state ~ '^[a-z]{1,16}$'),
    attempts   integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Events that were read, and how many there are; NULL: nobody knows yet.
    done       bigint      NOT NULL DEFAULT 0 CHECK (done >= 0),
    of_all     bigint      CHECK (of_all >= 0),
    -- Why it could not be made: a code.
    error      text        COLLATE "C" CHECK (error ~ '^[A-Z0-9_]{1,40}$'),
    key_id     bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    told       bytea       NOT NULL CHECK (octet_length(told) <= 1048576)
) WITH (fillfactor = 50);
CREATE INDEX exports_key ON ledger.exports (key_id);
CREATE INDEX exports_asked ON ledger.exports (asked_at, export);
CREATE INDEX exports_open ON ledger.exports (asked_at) WHERE state IN ('waiting', 'making', 'packed');

-- The bag as one zip file, in pieces.
CREATE TABLE ledger.export_pieces (
    export uuid    NOT NULL REFERENCES ledger.exports ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    sealed bytea   NOT NULL CHECK (octet_length(sealed) <= 1048576),
    PRIMARY KEY (export, number)
);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.exports ALTER COLUMN told SET STORAGE EXTERNAL;
ALTER TABLE ledger.export_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;

REVOKE ALL ON ledger.exports, ledger.export_pieces
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, INSERT, DELETE,
      UPDATE (changed_at, state, attempts, done, of_all, error, told)
    ON ledger.exports TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON ledger.export_pieces TO ledger_writer;
-- A row goes with its key, and its pieces with the row.
GRANT SELECT, DELETE ON ledger.exports TO ledger_purger;
GRANT SELECT ON ledger.exports TO ledger_reader;
