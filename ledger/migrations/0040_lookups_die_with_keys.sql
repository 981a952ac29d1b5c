-- A lookup goes with its key and never before (decision 0119): it may be a reason to keep a record
-- that is due, and the daily run would destroy that one by itself. SQLSTATE LG008.
CREATE FUNCTION ledger.check_lookup_has_no_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = OLD.key_id) THEN
        RAISE EXCEPTION 'a lookup of kind % is deleted with its key alone', OLD.kind
            USING ERRCODE = 'LG008';
    END IF;
    RETURN NULL;
END
$$;
-- Deferred: both go in one transaction, whichever is deleted first.
CREATE CONSTRAINT TRIGGER lookups_go_with_keys AFTER DELETE ON ledger.lookups
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_lookup_has_no_key();
ALTER TABLE ledger.lookups ENABLE ALWAYS TRIGGER lookups_go_with_keys;
