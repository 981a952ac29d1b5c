-- 1. A day or an instant before the year 1, or after 9999, is none that a program can read, as
--    'infinity' is none (0035). The ledger writes none. Two days less at the ends, for every zone.

-- Told to nobody as it is, and not covered by the MAC of its row.
UPDATE ledger.api_keys SET last_used_day = NULL
 WHERE NOT (last_used_day >= '0001-01-02' AND last_used_day < '9999-12-31');

-- Of what is there nothing is said, as in 0035.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT c.relname, a.attname
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
           AND a.atttypid IN ('date'::regtype, 'timestamptz'::regtype)
           AND has_column_privilege('ledger_writer', c.oid, a.attnum, 'INSERT, UPDATE')
         ORDER BY c.relname, a.attname
    LOOP
        EXECUTE format(
            'ALTER TABLE ledger.%1$I ADD CONSTRAINT %3$I'
            ' CHECK (%2$I >= ''0001-01-02 00:00+00'' AND %2$I < ''9999-12-31 00:00+00'') NOT VALID',
            one.relname, one.attname, one.relname || '_' || one.attname || '_readable');
    END LOOP;
END;
$$;

-- 2. A key that was destroyed before 0041 is not added again either. An event that the ledger did
--    not append may say anything; what is no id in it is passed over.
INSERT INTO ledger.key_ids
SELECT DISTINCT decode(listed.id, 'hex')
  FROM ledger.events AS e
 CROSS JOIN LATERAL jsonb_array_elements_text(
       jsonb_path_query_array(convert_from(e.state, 'UTF8')::jsonb, 'lax $.keys[*]')) AS listed (id)
 WHERE e.topic = 'records-expired' AND listed.id ~ '^[0-9a-f]{64}$'
    ON CONFLICT DO NOTHING;
