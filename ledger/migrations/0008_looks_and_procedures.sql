-- Looks and published procedures are found by their type: an index on each, of positions.

CREATE INDEX events_looks ON ledger.events (notification_id)
    WHERE topic IN ('history-viewed', 'document-viewed');
CREATE INDEX events_procedures ON ledger.events (notification_id)
    WHERE topic = 'procedure-published';
