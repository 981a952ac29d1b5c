-- What binds the answer of a reply (0122) is an event of a case, too.

DROP INDEX ledger.events_cases;

CREATE INDEX events_cases ON ledger.events (notification_id)
    WHERE (topic >= 'case-' AND topic < 'case.')
       OR topic IN ('answer-committed', 'records-expired', 'reply-stored', 'review-sealed');
