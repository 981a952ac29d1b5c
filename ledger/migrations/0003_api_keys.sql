-- API keys. A secret is stored as its SHA-256 only: it has 256 random bits, so a slow password
-- hash would add nothing. The rules of api/auth/keys.py stand here once more, for every writer.
-- Only the owner makes and revokes keys (`ledger keys …`): a process that serves requests can
-- read them and note the day of their last use, and cannot give itself another key.
CREATE TABLE ledger.api_keys (
    id            text        COLLATE "C" PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    secret_sha256 bytea       NOT NULL CHECK (octet_length(secret_sha256) = 32),
    label         text        COLLATE "C" NOT NULL CHECK (label ~ '^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$'),
    scopes        text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    source_prefix text        COLLATE "C" CHECK (source_prefix ~ '^[!-~]+$' AND octet_length(source_prefix) <= 256),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at    timestamptz,
    last_used_day date,
    CHECK (NOT ('admin:config' = ANY (scopes) AND cardinality(scopes) > 1)),
    CHECK (source_prefix IS NOT NULL OR NOT (scopes && ARRAY['events:write', 'events:read.own']))
);

REVOKE ALL ON ledger.api_keys
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, UPDATE (last_used_day) ON ledger.api_keys TO ledger_writer;
