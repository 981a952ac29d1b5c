-- Answers to commands under an Idempotency-Key, sealed for whoever asks again. Drafts, never events:
-- a row is found by its key_id and dies with that key (class draft).
CREATE TABLE ledger.answers (
    -- Keyed hash of who asks, which end point, which key: none of them stands here in clear.
    place       bytea       PRIMARY KEY CHECK (octet_length(place) = 16),
    -- Keyed hash of the request: the same key with other content is told.
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 16),
    -- Random. Whoever carries the request out takes it, so that the log tells whether it stands.
    command     uuid        NOT NULL,
    -- Of the request that runs, and since when.
    claim       uuid        NOT NULL,
    claimed_at  timestamptz NOT NULL,
    -- It was taken over from one that may have been carried out.
    again       boolean     NOT NULL DEFAULT false,
    -- failed: nobody knows whether it stands; refused: it does not.
    state       text        COLLATE "C" NOT NULL
                CHECK (state IN ('running', 'failed', 'refused', 'done')),
    key_id      bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    sealed      bytea       CHECK (octet_length(sealed) <= 16777216),
    CHECK ((state = 'done') = (sealed IS NOT NULL))
);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.answers ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX answers_key ON ledger.answers (key_id);

GRANT SELECT ON ledger.answers TO ledger_reader;
GRANT SELECT, INSERT ON ledger.answers TO ledger_writer;
GRANT UPDATE (fingerprint, command, claim, claimed_at, again, state, key_id, sealed)
    ON ledger.answers TO ledger_writer;
GRANT SELECT, DELETE ON ledger.answers TO ledger_purger;
