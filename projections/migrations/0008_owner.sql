-- The owner of the database owns the read side. Who fills it may change rows, and nothing that runs:
-- a trigger, a rule, a default or a view runs with the rights of whoever touches its table, and the
-- purger and the owner do.

-- Lets a slot serve: the views name its tables from then on. Whoever may call it may put either slot
-- there, and nothing else: every statement stands here.
CREATE FUNCTION projections.serve(wanted text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF wanted = 'a' THEN
        CREATE OR REPLACE VIEW projections.entries AS
            SELECT principal_key, position, name_key FROM projections.entries_a;
        CREATE OR REPLACE VIEW projections.namings AS
            SELECT principal_key, position, name_key FROM projections.namings_a;
        CREATE OR REPLACE VIEW projections.reliances AS
            SELECT notice_key, position FROM projections.reliances_a;
        CREATE OR REPLACE VIEW projections.gone AS
            SELECT month, transfers FROM projections.gone_a;
        CREATE OR REPLACE VIEW projections.findings AS
            SELECT position, code, standing, is_unlawful, mark, sources FROM projections.findings_a;
        CREATE OR REPLACE VIEW projections.belated AS
            SELECT position FROM projections.belated_a;
        CREATE OR REPLACE VIEW projections.days AS
            SELECT source, day, transfers, product FROM projections.days_a;
    ELSIF wanted = 'b' THEN
        CREATE OR REPLACE VIEW projections.entries AS
            SELECT principal_key, position, name_key FROM projections.entries_b;
        CREATE OR REPLACE VIEW projections.namings AS
            SELECT principal_key, position, name_key FROM projections.namings_b;
        CREATE OR REPLACE VIEW projections.reliances AS
            SELECT notice_key, position FROM projections.reliances_b;
        CREATE OR REPLACE VIEW projections.gone AS
            SELECT month, transfers FROM projections.gone_b;
        CREATE OR REPLACE VIEW projections.findings AS
            SELECT position, code, standing, is_unlawful, mark, sources FROM projections.findings_b;
        CREATE OR REPLACE VIEW projections.belated AS
            SELECT position FROM projections.belated_b;
        CREATE OR REPLACE VIEW projections.days AS
            SELECT source, day, transfers, product FROM projections.days_b;
    ELSE
        RAISE EXCEPTION 'there is no slot %', wanted USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION projections.serve(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.serve(text), projections.counted(bigint) TO ledger_projector;

-- Everything that is granted on the tables, whoever owned them before.
GRANT SELECT ON ALL TABLES IN SCHEMA projections TO ledger_projector, ledger_purger, ledger_reader;
GRANT UPDATE ON projections.progress TO ledger_projector;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON
    projections.entries_a, projections.entries_b,
    projections.reliances_a, projections.reliances_b,
    projections.namings_a, projections.namings_b,
    projections.months_a, projections.months_b,
    projections.carried_a, projections.carried_b,
    projections.gone_a, projections.gone_b,
    projections.findings_a, projections.findings_b,
    projections.findings_keys_a, projections.findings_keys_b,
    projections.belated_a, projections.belated_b,
    projections.days_a, projections.days_b
    TO ledger_projector;
GRANT DELETE ON
    projections.entries_a, projections.entries_b, projections.reliances_a, projections.reliances_b,
    projections.namings_a, projections.namings_b, projections.findings_a, projections.findings_b
    TO ledger_purger;
GRANT SELECT ON
    projections.progress, projections.entries, projections.entries_a, projections.entries_b,
    projections.reliances, projections.reliances_a, projections.reliances_b
    TO ledger_writer;
