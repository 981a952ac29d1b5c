-- Exports are listed with the looks: one index on the positions of all of them.

DROP INDEX ledger.events_looks;
CREATE INDEX events_looks ON ledger.events (notification_id)
    WHERE topic IN ('history-viewed', 'document-viewed', 'export-produced');
