-- A day or an instant of 'infinity' is none that a program can read: one row of the login of the
-- writer with it, and no list of its table is shown. The ledger writes none.

-- Told to nobody as it is, and not covered by the MAC of its row.
UPDATE ledger.api_keys SET last_used_day = NULL WHERE NOT isfinite(last_used_day);

-- Of what is there nothing is said: a row with another such value opens nothing, and who finds it
-- must be able to look at it.
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
        EXECUTE format('ALTER TABLE ledger.%I ADD CONSTRAINT %I CHECK (isfinite(%I)) NOT VALID',
                       one.relname, one.relname || '_' || one.attname || '_finite', one.attname);
    END LOOP;
END;
$$;
