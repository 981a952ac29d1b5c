-- What colleagues call whoever acts at the desk: beside the ledger, never in it.

-- One row a person, made anew at each sign-in: pseudonym, name and roles are sealed together under a
-- key of a day (class draft), with which the row dies. Without the keys the table names nobody, and
-- not even which pseudonyms stand in it.
CREATE TABLE ledger.officer_names (
    -- Keyed hash of the actor.
    place        bytea       PRIMARY KEY CHECK (octet_length(place) = 16),
    signed_in_at timestamptz NOT NULL,
    key_id       bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    sealed       bytea       NOT NULL CHECK (octet_length(sealed) <= 2048)
);
CREATE INDEX officer_names_key ON ledger.officer_names (key_id);

REVOKE ALL ON ledger.officer_names
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
-- How many die with a key is counted by who reads; what is sealed, nobody reads but the writer.
GRANT SELECT (place, key_id) ON ledger.officer_names TO ledger_reader;
GRANT SELECT, INSERT, DELETE, UPDATE (signed_in_at, key_id, sealed) ON ledger.officer_names
    TO ledger_writer;
GRANT SELECT (place, key_id), DELETE ON ledger.officer_names TO ledger_purger;
