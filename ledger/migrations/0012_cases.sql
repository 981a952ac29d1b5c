-- The cases of a process are read by their types as the log grows: an index of positions.

CREATE INDEX events_cases ON ledger.events (notification_id)
    WHERE topic IN (
        'case-approved', 'case-closed', 'case-correction-requested', 'case-decided',
        'case-delivered', 'case-dispatched', 'case-documents-checked', 'case-principal-deceased',
        'case-received', 'case-records-identified', 'case-refused', 'case-reopened',
        'case-resubmitted', 'case-returned', 'case-sent-back', 'case-submitted', 'case-verified',
        'case-withdrawn', 'records-expired', 'reply-stored', 'review-sealed'
    );
