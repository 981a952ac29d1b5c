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
