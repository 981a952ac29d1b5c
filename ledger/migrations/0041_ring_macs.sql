-- The ring and the days of idle epochs are believed by a MAC alone (decision 0120): who writes here
-- without the ledger secret adds no key that stops anybody, and ends no epoch before its time.

-- 1. Keys. The MAC binds what never changes of a row: id, class, owner, and the day of a key without
--    an owner. NULL: of before this; no login adds such a row any more.
ALTER TABLE ledger.data_keys
    ADD COLUMN number integer NOT NULL DEFAULT 0 CHECK (number >= 0),
    ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);

-- A key is added once: whoever kept the row of a key that was destroyed does not put it back.
-- No role may read or write this table; the trigger runs with the owner's rights. It runs after the
-- row: of one that was in nobody's way alone, and no older snapshot hides what stands.
CREATE TABLE ledger.key_ids (key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 32));
REVOKE ALL ON ledger.key_ids
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
INSERT INTO ledger.key_ids SELECT key_id FROM ledger.data_keys;

CREATE FUNCTION ledger.check_new_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.mac IS NULL THEN
        RAISE EXCEPTION 'a key has a MAC' USING ERRCODE = 'not_null_violation';
    END IF;
    INSERT INTO ledger.key_ids (key_id) VALUES (NEW.key_id);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION ledger.check_new_key() FROM PUBLIC;
CREATE TRIGGER data_keys_are_new AFTER INSERT ON ledger.data_keys
    FOR EACH ROW EXECUTE FUNCTION ledger.check_new_key();
ALTER TABLE ledger.data_keys ENABLE ALWAYS TRIGGER data_keys_are_new;

-- 2. A row that is not believed keeps no place: the next key of that class and day, or owner, has
--    the next number. Of those that are believed each place has one.
DROP INDEX ledger.data_keys_day;
CREATE UNIQUE INDEX data_keys_day ON ledger.data_keys (key_class, day, number) WHERE owner IS NULL;
DROP INDEX ledger.data_keys_owner;
CREATE UNIQUE INDEX data_keys_owner ON ledger.data_keys (key_class, owner, number)
    WHERE owner IS NOT NULL AND key_class <> 'held';

-- 3. Since when an epoch is idle. NULL: of before this; it counts from the next rotation.
ALTER TABLE ledger.idle_epochs ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);
