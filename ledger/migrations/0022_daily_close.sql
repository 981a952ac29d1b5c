-- The daily close: its events are found as an emitter's others are, and a rejected item by its id.

CREATE INDEX events_of_emitters ON ledger.events (notification_id)
    WHERE topic IN ('emitter-registered', 'coverage-declared', 'day-closed');
DROP INDEX ledger.events_emitters;

-- Keyed hash of source and id of the item, where it states both: a close tells a transfer that waits
-- here from one that never came. NULL: it states none, or was kept before there was this column.
ALTER TABLE ledger.quarantine
    ADD COLUMN item_key bytea CHECK (octet_length(item_key) = 16);
CREATE INDEX quarantine_item ON ledger.quarantine (item_key)
    WHERE state IN ('open', 'discard_proposed');
