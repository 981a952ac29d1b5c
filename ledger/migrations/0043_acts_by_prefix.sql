-- The index of acts takes those of cases by the beginning of their types, as that of cases does
-- (0015): a new type needs no other index. Every event of a case that begins so is an act.

DROP INDEX ledger.events_acts;

CREATE INDEX events_acts ON ledger.events (notification_id)
    WHERE originator_version >= 1 AND ((topic >= 'case-' AND topic < 'case.') OR topic IN (
        'transfer-corrected', 'transfer-reclassified', 'transfer-retracted',
        'transfer-findings-settled', 'identifiers-linked', 'identifiers-unlinked',
        'directive-received', 'directive-lifted', 'principal-renamed', 'hold-placed',
        'hold-released', 'expiry-planned', 'records-expired', 'notice-published',
        'notice-withdrawn', 'procedure-published', 'emitter-registered', 'log-epoch-started'));
