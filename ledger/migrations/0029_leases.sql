-- Leases: who may write for a job that one does at a time, told by the database itself.

-- Whoever takes a job's advisory lock puts an attempt of its own here, in the place of any before.
-- What it writes looks for its attempt in the same transaction (`FOR SHARE`): a session that lost
-- its lock unnoticed, or a process that was paused, changes nothing once another has taken over.
-- Numbers are those of the locks: hashes of random ids, or constants.
CREATE TABLE ledger.leases (
    number   bigint      PRIMARY KEY,
    attempt  uuid        NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

REVOKE ALL ON ledger.leases
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT, INSERT, DELETE, UPDATE (attempt, taken_at)
    ON ledger.leases TO ledger_writer, ledger_purger;
