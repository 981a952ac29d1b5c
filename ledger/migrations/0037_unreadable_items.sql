-- Whether part of an item could not be read as JSON: whether one waits is told before a decision,
-- and says nothing of a mark under Order 11, for it is so with a mark and without. NULL: kept before
-- there was this column; whoever opens it sees.
ALTER TABLE ledger.quarantine ADD COLUMN unreadable boolean;
GRANT INSERT (unreadable) ON ledger.quarantine TO ledger_writer;
CREATE INDEX quarantine_unreadable ON ledger.quarantine (id)
    WHERE state IN ('open', 'discard_proposed') AND unreadable IS NOT FALSE;
