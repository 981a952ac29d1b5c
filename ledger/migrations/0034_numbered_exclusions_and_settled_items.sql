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

-- Of what anybody proposed or settled: a MAC under a subkey of the ledger secret (decision 0110).
-- NULL: nobody did yet, or it was settled before this, for no settled item comes to be without one.
ALTER TABLE ledger.quarantine ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);

-- Who may write makes items that wait, and no others.
REVOKE INSERT ON ledger.quarantine FROM ledger_writer;
GRANT INSERT (id, content_key, received_at, key_id, sealed, codes, restricted, item_key)
    ON ledger.quarantine TO ledger_writer;
GRANT UPDATE (mac) ON ledger.quarantine TO ledger_writer;

CREATE FUNCTION ledger.keep_settled() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.state IN ('repaired', 'discarded') THEN
        RAISE EXCEPTION 'an item that is settled stays as it is' USING ERRCODE = 'LG001';
    END IF;
    IF NEW.sealed IS DISTINCT FROM OLD.sealed
        AND (NEW.sealed IS NOT NULL OR NEW.state NOT IN ('repaired', 'discarded')) THEN
        RAISE EXCEPTION 'an item keeps its content until it is settled' USING ERRCODE = 'LG001';
    END IF;
    IF (NEW.state, NEW.proposed_by, NEW.resolved_by, NEW.position)
            IS DISTINCT FROM (OLD.state, OLD.proposed_by, OLD.resolved_by, OLD.position)
        AND (NEW.state = 'open' OR NEW.mac IS NULL OR NEW.mac IS NOT DISTINCT FROM OLD.mac) THEN
        RAISE EXCEPTION 'an item is settled with a MAC' USING ERRCODE = 'LG001';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER quarantine_stays_settled BEFORE UPDATE ON ledger.quarantine
    FOR EACH ROW EXECUTE FUNCTION ledger.keep_settled();
ALTER TABLE ledger.quarantine ENABLE ALWAYS TRIGGER quarantine_stays_settled;

REVOKE ALL ON FUNCTION ledger.keep_settled() FROM PUBLIC;
