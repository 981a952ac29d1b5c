-- Acts of people are listed for auditors: one index on the positions of all their types. What would
-- tell of Order 11 (`review-sealed`, `exclusions-sealed`) is none of them. What is true of every
-- event stands here so that the question for acts, which says it too, is the only one that takes
-- this index: others of its types have smaller ones.

CREATE INDEX events_acts ON ledger.events (notification_id)
    WHERE originator_version >= 1 AND topic IN (
        'case-received', 'case-documents-checked', 'case-correction-requested',
        'case-resubmitted', 'case-verified', 'case-refused', 'case-records-identified',
        'case-person-identified', 'case-decided', 'case-measures-decided', 'case-submitted',
        'case-approved', 'case-sent-back', 'case-dispatched', 'case-password-posted',
        'case-delivered', 'case-returned', 'case-closed', 'case-withdrawn',
        'case-principal-deceased', 'case-reopened', 'case-substitutes-chosen',
        'case-mistake-reported', 'case-mistake-dismissed', 'case-entered-in-error',
        'case-resumed', 'transfer-corrected', 'transfer-reclassified', 'transfer-retracted',
        'transfer-findings-settled', 'identifiers-linked', 'identifiers-unlinked',
        'directive-received', 'directive-lifted', 'principal-renamed', 'hold-placed',
        'hold-released', 'expiry-planned', 'records-expired', 'notice-published',
        'notice-withdrawn', 'procedure-published', 'emitter-registered', 'log-epoch-started');
