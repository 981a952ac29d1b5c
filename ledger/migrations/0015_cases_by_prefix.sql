-- The index of the events of cases by the beginning of their types: a new type needs no other index.

DROP INDEX ledger.events_cases;

-- From "case-" up to the next text that does not begin so; compared by bytes, as the column is.
CREATE INDEX events_cases ON ledger.events (notification_id)
    WHERE (topic >= 'case-' AND topic < 'case.')
       OR topic IN ('records-expired', 'reply-stored', 'review-sealed');
