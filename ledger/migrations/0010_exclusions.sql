-- What is excluded under Order 11 and stands: one sealed draft of a fixed size, and its daily event.

-- One row at most, written anew at each change and once a day whether or not anything changed, so
-- that neither its size nor the time of its writing tells anything.
CREATE TABLE ledger.exclusions (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    -- Of the daily events; random.
    stream uuid    NOT NULL,
    -- Random, another one at each writing: two writers do not write over each other.
    token  uuid    NOT NULL,
    key_id bytea   NOT NULL CHECK (octet_length(key_id) = 32),
    sealed bytea   NOT NULL CHECK (octet_length(sealed) BETWEEN 8192 AND 4194332)
) WITH (fillfactor = 10);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.exclusions ALTER COLUMN sealed SET STORAGE EXTERNAL;

GRANT SELECT ON ledger.exclusions TO ledger_reader;
GRANT SELECT, INSERT ON ledger.exclusions TO ledger_writer;
GRANT UPDATE (token, key_id, sealed) ON ledger.exclusions TO ledger_writer;

CREATE INDEX events_exclusions ON ledger.events (notification_id)
    WHERE topic = 'exclusions-sealed';
