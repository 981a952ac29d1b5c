-- API keys that are bound to a key pair of their holder, and proofs that were used (RFC 9449,
-- decision 0105).

-- The thumbprint of the public key (RFC 7638); NULL: bound to none, as every key of before. The MAC
-- of the row covers it.
ALTER TABLE ledger.api_keys
    ADD COLUMN dpop_jkt text CHECK (dpop_jkt ~ '^[A-Za-z0-9_-]{43}$');

-- A proof is accepted once, whichever process it comes to. Its row goes when its time is over.
CREATE TABLE ledger.used_proofs (
    digest bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    until  timestamptz NOT NULL
);
CREATE INDEX used_proofs_by_until ON ledger.used_proofs (until);

REVOKE ALL ON ledger.used_proofs
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
-- UPDATE for the locks of rows that are deleted alone.
GRANT SELECT, INSERT, DELETE, UPDATE (until) ON ledger.used_proofs TO ledger_writer;
