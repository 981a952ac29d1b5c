-- Bulk transfers under way: what was announced, and the parts that came in, until they are recorded.

-- One row a bulk transfer. What it says (source, id, the transfer without its persons) is sealed in
-- `told`; beside it stand a state and numbers alone. The key is of the day on which it was begun
-- (class staging); once the commit has begun to append, it is the record's own, so that what is left
-- to append lives as long as the record does. The row dies with its key. Staging, never events.
CREATE TABLE ledger.bulk_transfers (
    bulk       uuid        PRIMARY KEY,
    -- Of every event of the commit, whoever goes on with it.
    command    uuid        NOT NULL UNIQUE,
    actor      text        COLLATE "C" NOT NULL CHECK (actor ~ '^[0-9a-f]{32}$'),
    begun_at   timestamptz NOT NULL,
    changed_at timestamptz NOT NULL CHECK (changed_at >= begun_at),
    -- uploading, committing, committed, aborted.
    state      text        COLLATE "C" NOT NULL CHECK (state ~ '^[a-z]{1,16}$'),
    -- As announced.
    lines      bigint      NOT NULL CHECK (lines > 0),
    parts      integer     NOT NULL CHECK (parts > 0),
    key_id     bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    -- NULL: it was aborted, and nothing but the numbers is left.
    told       bytea       CHECK (octet_length(told) <= 4194304),
    CONSTRAINT bulk_transfers_told CHECK ((told IS NULL) = (state = 'aborted'))
) WITH (fillfactor = 50);
CREATE INDEX bulk_transfers_key ON ledger.bulk_transfers (key_id);
CREATE INDEX bulk_transfers_open ON ledger.bulk_transfers (begun_at) WHERE state = 'committing';

-- A part that is there whole. Sent again it is another upload, which takes the place of the first;
-- its hash is sealed: of a part with one person it would confirm a guess.
CREATE TABLE ledger.bulk_parts (
    bulk   uuid    NOT NULL REFERENCES ledger.bulk_transfers ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 1),
    upload uuid    NOT NULL,
    lines  integer NOT NULL CHECK (lines > 0),
    sealed bytea   NOT NULL CHECK (octet_length(sealed) <= 4096),
    PRIMARY KEY (bulk, number)
);

-- The persons of an upload in pieces; under the command stand the chunks that are to be appended.
CREATE TABLE ledger.bulk_pieces (
    bulk   uuid    NOT NULL REFERENCES ledger.bulk_transfers ON DELETE CASCADE,
    upload uuid    NOT NULL,
    number integer NOT NULL CHECK (number >= 0),
    sealed bytea   NOT NULL CHECK (octet_length(sealed) <= 4194304),
    PRIMARY KEY (bulk, upload, number)
);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.bulk_transfers ALTER COLUMN told SET STORAGE EXTERNAL;
ALTER TABLE ledger.bulk_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;

REVOKE ALL ON ledger.bulk_transfers, ledger.bulk_parts, ledger.bulk_pieces
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, INSERT, DELETE, UPDATE (changed_at, state, key_id, told)
    ON ledger.bulk_transfers TO ledger_writer;
GRANT SELECT, INSERT, DELETE, UPDATE (upload, lines, sealed) ON ledger.bulk_parts TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON ledger.bulk_pieces TO ledger_writer;
-- A row goes with its key, and its parts and pieces with the row.
GRANT SELECT, DELETE ON ledger.bulk_transfers TO ledger_purger;
GRANT SELECT ON ledger.bulk_transfers TO ledger_reader;
