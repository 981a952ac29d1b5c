-- Emitters: found by their types and ids; when they were heard of last, which is no event.

CREATE INDEX events_emitters ON ledger.events (notification_id)
    WHERE topic IN ('emitter-registered', 'coverage-declared');
CREATE UNIQUE INDEX lookups_emitter ON ledger.lookups (kind, key) WHERE kind = 'emitter';

-- One row an emitter, for ever: a heartbeat moves its time.
CREATE TABLE ledger.heartbeats (
    emitter uuid        PRIMARY KEY,
    beat_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- One row a source prefix to which a sender is bound: as many as there are keys, however many
-- sources lie below them. It shows who sends without being registered.
CREATE TABLE ledger.accepted_sources (
    source   text        COLLATE "C" PRIMARY KEY
             CHECK (source ~ '^[!-~]+$' AND octet_length(source) <= 256),
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL CHECK (last_at >= first_at)
) WITH (fillfactor = 50);

REVOKE ALL ON ledger.heartbeats, ledger.accepted_sources
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT ON ledger.heartbeats, ledger.accepted_sources TO ledger_writer, ledger_reader;
GRANT INSERT ON ledger.heartbeats, ledger.accepted_sources TO ledger_writer;
GRANT UPDATE (beat_at) ON ledger.heartbeats TO ledger_writer;
GRANT UPDATE (first_at, last_at) ON ledger.accepted_sources TO ledger_writer;
