-- Registers of past transfers that somebody uploaded to the pages, until they are imported.

-- One row a register. What its file is called and what its columns mean is sealed in `told`, and so
-- is every piece, under a key of the day of the upload (class staging), with which the row dies.
-- Beside it stand a state and numbers alone. Staging, never events.
CREATE TABLE ledger.registers (
    register   uuid        PRIMARY KEY,
    actor      text        COLLATE "C" NOT NULL CHECK (actor ~ '^[0-9a-f]{32}$'),
    begun_at   timestamptz NOT NULL,
    changed_at timestamptz NOT NULL CHECK (changed_at >= begun_at),
    -- uploading, uploaded, checking, checked, recording, recorded.
    state      text        COLLATE "C" NOT NULL CHECK (state ~ '^[a-z]{1,16}$'),
    bytes      bigint      NOT NULL CHECK (bytes >= 0),
    key_id     bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    told       bytea       NOT NULL CHECK (octet_length(told) <= 1048576),
    -- The last row that is done, and how many there are; NULL: nobody knows yet.
    rows_done  bigint      NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
    rows_all   bigint      CHECK (rows_all >= 0),
    -- Counts by code, as JSON.
    counts     text        NOT NULL DEFAULT '{}' CHECK (octet_length(counts) <= 65536),
    -- Why it could not be read: a code, and a row or a column as the sheet names it.
    error      text        CHECK (octet_length(error) <= 8192)
) WITH (fillfactor = 50);
CREATE INDEX registers_key ON ledger.registers (key_id);
CREATE INDEX registers_begun ON ledger.registers (begun_at);

-- The file in pieces, and the problems that were found, a page of them each.
CREATE TABLE ledger.register_pieces (
    register uuid    NOT NULL REFERENCES ledger.registers ON DELETE CASCADE,
    kind     text    COLLATE "C" NOT NULL CHECK (kind IN ('file', 'problems')),
    number   integer NOT NULL CHECK (number >= 0),
    sealed   bytea   NOT NULL CHECK (octet_length(sealed) <= 1048576),
    PRIMARY KEY (register, kind, number)
);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.registers ALTER COLUMN told SET STORAGE EXTERNAL;
ALTER TABLE ledger.register_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;

REVOKE ALL ON ledger.registers, ledger.register_pieces
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, INSERT, DELETE,
      UPDATE (changed_at, state, bytes, told, rows_done, rows_all, counts, error)
    ON ledger.registers TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON ledger.register_pieces TO ledger_writer;
-- A row goes with its key, and its pieces with the row.
GRANT SELECT, DELETE ON ledger.registers TO ledger_purger;
GRANT SELECT ON ledger.registers TO ledger_reader;
