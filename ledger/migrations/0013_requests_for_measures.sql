-- The index of the events of cases, with the two types of a request for measures.

DROP INDEX ledger.events_cases;

CREATE INDEX events_cases ON ledger.events (notification_id)
    WHERE topic IN (
        'case-approved', 'case-closed', 'case-correction-requested', 'case-decided',
        'case-delivered', 'case-dispatched', 'case-documents-checked', 'case-measures-decided',
        'case-person-identified', 'case-principal-deceased', 'case-received',
        'case-records-identified', 'case-refused', 'case-reopened', 'case-resubmitted',
        'case-returned', 'case-sent-back', 'case-submitted', 'case-verified', 'case-withdrawn',
        'records-expired', 'reply-stored', 'review-sealed'
    );
