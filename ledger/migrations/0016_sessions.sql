-- Who is signed in to the pages, and what they have begun to type.

-- One row a session. The cookie's value stands here as its SHA-256 only, and the person's name is
-- sealed under a key made of that value: who reads the table can neither take a session over nor
-- learn who it was. Account and the provider's session are keyed hashes, to end sessions by them.
CREATE TABLE ledger.sessions (
    handle           bytea       PRIMARY KEY CHECK (octet_length(handle) = 32),
    actor            text        COLLATE "C" NOT NULL CHECK (actor ~ '^[0-9a-f]{32}$'),
    account          bytea       NOT NULL CHECK (octet_length(account) = 16),
    provider_session bytea       CHECK (octet_length(provider_session) = 16),
    roles            text[]      NOT NULL CHECK (cardinality(roles) > 0),
    begun_at         timestamptz NOT NULL,
    seen_at          timestamptz NOT NULL CHECK (seen_at >= begun_at),
    -- When the person proved to the provider who they are; NULL: it did not say.
    proved_at        timestamptz,
    name_sealed      bytea       NOT NULL CHECK (octet_length(name_sealed) <= 1024)
) WITH (fillfactor = 70);
CREATE INDEX sessions_account ON ledger.sessions (account);
CREATE INDEX sessions_provider ON ledger.sessions (provider_session)
    WHERE provider_session IS NOT NULL;

REVOKE ALL ON ledger.sessions
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, INSERT, DELETE, UPDATE (seen_at) ON ledger.sessions TO ledger_writer;

-- A form that somebody has begun to fill in: one a person and form, sealed under a key of its day
-- (class draft), with which it dies. Drafts, never events.
CREATE TABLE ledger.form_drafts (
    -- Keyed hash of who types, and in which form.
    place   bytea       PRIMARY KEY CHECK (octet_length(place) = 16),
    kept_at timestamptz NOT NULL,
    key_id  bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    sealed  bytea       NOT NULL CHECK (octet_length(sealed) <= 1048576)
);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.form_drafts ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX form_drafts_key ON ledger.form_drafts (key_id);

REVOKE ALL ON ledger.form_drafts
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT ON ledger.form_drafts TO ledger_reader;
GRANT SELECT, INSERT, DELETE, UPDATE (kept_at, key_id, sealed) ON ledger.form_drafts
    TO ledger_writer;
GRANT SELECT, DELETE ON ledger.form_drafts TO ledger_purger;
