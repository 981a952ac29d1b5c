-- A records-expired carries a proof under a subkey of the ledger secret (decision 0107): its `blind`.
-- Those up to here were written before, with a random one, and are believed without.

-- The owner alone writes it: no role that serves can make its own event one of before.
CREATE TABLE ledger.proven_expiries (
    after bigint NOT NULL CHECK (after >= 0)
);
CREATE UNIQUE INDEX proven_expiries_one ON ledger.proven_expiries ((true));
INSERT INTO ledger.proven_expiries
SELECT coalesce(max(notification_id), 0) FROM ledger.events;
GRANT SELECT ON ledger.proven_expiries
    TO ledger_writer, ledger_projector, ledger_purger, ledger_reader;
