-- The login of the writer alone takes nothing back: what is excluded under Order 11, and the end of a
-- rejected item (decision 0113).

-- How often the draft was written. It is in the authenticated data of what is sealed, so that an
-- earlier seal does not open in the place of a later one. 0: written before this, without it.
ALTER TABLE ledger.exclusions
    ADD COLUMN number bigint NOT NULL DEFAULT 0 CHECK (number >= 0);

CREATE FUNCTION ledger.keep_number_rising() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the number of what is excluded rises by one with each writing'
        USING ERRCODE = 'LG001';
END;
$$;
CREATE TRIGGER exclusions_number_rises BEFORE UPDATE ON ledger.exclusions
    FOR EACH ROW
    WHEN (NEW.number IS DISTINCT FROM OLD.number + 1
        OR (NEW.is_one, NEW.stream) IS DISTINCT FROM (OLD.is_one, OLD.stream))
    EXECUTE FUNCTION ledger.keep_number_rising();
ALTER TABLE ledger.exclusions ENABLE ALWAYS TRIGGER exclusions_number_rises;

REVOKE ALL ON FUNCTION ledger.keep_number_rising() FROM PUBLIC;
GRANT UPDATE (number) ON ledger.exclusions TO ledger_writer;
