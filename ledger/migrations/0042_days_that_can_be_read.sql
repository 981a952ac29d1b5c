-- A day or an instant before year 1 or after 9999 is none that a program can read, as 'infinity' is
-- none (0035): one row of the login of the writer with it, and no list of its table is shown.

-- Told to nobody as it is, and not covered by the MAC of its row.
UPDATE ledger.api_keys SET last_used_day = NULL
 WHERE last_used_day NOT BETWEEN '0001-01-01' AND '9999-12-31';

-- Of what is there nothing is said, as in 0035.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT c.relname, a.attname,
               CASE WHEN a.atttypid = 'date'::regtype THEN '[0001-01-01,9999-12-31]'
                    -- In any time zone.
                    ELSE '[0001-01-03 00:00+00,9999-12-30 00:00+00]' END AS span,
               CASE WHEN a.atttypid = 'date'::regtype THEN 'daterange' ELSE 'tstzrange' END AS kind
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
           AND a.atttypid IN ('date'::regtype, 'timestamptz'::regtype)
           AND has_column_privilege('ledger_writer', c.oid, a.attnum, 'INSERT, UPDATE')
         ORDER BY c.relname, a.attname
    LOOP
        EXECUTE format('ALTER TABLE ledger.%I ADD CONSTRAINT %I CHECK (%I <@ %L::%I) NOT VALID',
                       one.relname, one.relname || '_' || one.attname || '_readable', one.attname,
                       one.span, one.kind);
    END LOOP;
END;
$$;
