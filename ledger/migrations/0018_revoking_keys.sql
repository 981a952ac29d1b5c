-- API keys may be revoked by who serves requests, at once and for ever; they are made by the owner
-- alone, as before: a key that is taken away opens nothing.

-- Who revoked it on the pages; NULL: the owner did, by the command.
ALTER TABLE ledger.api_keys
    ADD COLUMN revoked_by text COLLATE "C"
        CHECK (revoked_by ~ '^[0-9a-f]{32}$'),
    ADD CONSTRAINT api_keys_revoked_by_and_at CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL);

CREATE FUNCTION ledger.keep_revoked() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a key that is revoked stays revoked' USING ERRCODE = 'LG001';
END;
$$;
CREATE TRIGGER api_keys_stay_revoked BEFORE UPDATE ON ledger.api_keys
    FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND (OLD.revoked_at, OLD.revoked_by)
        IS DISTINCT FROM (NEW.revoked_at, NEW.revoked_by))
    EXECUTE FUNCTION ledger.keep_revoked();
ALTER TABLE ledger.api_keys ENABLE ALWAYS TRIGGER api_keys_stay_revoked;

REVOKE ALL ON FUNCTION ledger.keep_revoked() FROM PUBLIC;
GRANT UPDATE (revoked_at, revoked_by) ON ledger.api_keys TO ledger_writer;
