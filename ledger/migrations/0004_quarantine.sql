-- Rejected items, sealed for 90 days: an emitter's mistake loses nothing. A draft, never an event.
CREATE TABLE ledger.quarantine (
    id          uuid        PRIMARY KEY,
    -- Keyed hash of the content: an item that is sent again while it waits is kept once.
    content_key bytea       NOT NULL CHECK (octet_length(content_key) = 16),
    received_at timestamptz NOT NULL,
    key_id      bytea       NOT NULL CHECK (octet_length(key_id) = 32),
    sealed      bytea,
    codes       text[]      COLLATE "C" NOT NULL CHECK (cardinality(codes) > 0),
    attempts    integer     NOT NULL DEFAULT 1 CHECK (attempts > 0),
    state       text        COLLATE "C" NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'repaired', 'discard_proposed', 'discarded')),
    proposed_by text        COLLATE "C",
    resolved_by text        COLLATE "C",
    position    bigint,
    CHECK (proposed_by IS DISTINCT FROM resolved_by OR proposed_by IS NULL OR state = 'repaired'),
    CHECK (state <> 'discarded' OR (proposed_by IS NOT NULL AND resolved_by IS NOT NULL)),
    CHECK (state <> 'repaired' OR position IS NOT NULL)
);
CREATE UNIQUE INDEX quarantine_content ON ledger.quarantine (content_key)
    WHERE state IN ('open', 'discard_proposed');
CREATE INDEX quarantine_open ON ledger.quarantine (received_at, id)
    WHERE state IN ('open', 'discard_proposed');
CREATE INDEX quarantine_key ON ledger.quarantine (key_id);

GRANT SELECT ON ledger.quarantine TO ledger_reader;
GRANT SELECT, INSERT ON ledger.quarantine TO ledger_writer;
GRANT UPDATE (attempts, state, proposed_by, resolved_by, position, sealed)
    ON ledger.quarantine TO ledger_writer;
GRANT SELECT, DELETE ON ledger.quarantine TO ledger_purger;

-- What a late directive, link or notice touches is found by these facts alone.
CREATE INDEX events_cause ON ledger.events (notification_id) WHERE topic IN (
    'directive-received', 'directive-lifted', 'identifiers-linked', 'identifiers-unlinked',
    'notice-published', 'notice-withdrawn'
);
