-- Retention: the day of an object's key moves, what is due dies, empty partitions go.

-- 1. Rights. The purger writes a new day, and wraps a key anew; the writer does neither. ------

GRANT UPDATE (day, epoch, wrapped) ON ledger.data_keys TO ledger_purger;

-- A key's identity is for ever. Without an owner its day is, too; an object's day may move later,
-- or back to none while the object is open again, and never to an earlier one. SQLSTATE LG004.
CREATE FUNCTION ledger.check_key_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.key_id, NEW.key_class, NEW.owner) IS DISTINCT FROM (OLD.key_id, OLD.key_class, OLD.owner)
        OR (OLD.owner IS NULL AND NEW.day IS DISTINCT FROM OLD.day)
        OR NEW.day < OLD.day THEN
        RAISE EXCEPTION 'the day of this key does not move there' USING ERRCODE = 'LG004';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER data_keys_day_moves BEFORE UPDATE ON ledger.data_keys
    FOR EACH ROW EXECUTE FUNCTION ledger.check_key_day();
ALTER TABLE ledger.data_keys ENABLE ALWAYS TRIGGER data_keys_day_moves;

-- 2. What is due, and what has no day yet. ----------------------------------------------------

CREATE INDEX data_keys_due ON ledger.data_keys (day, key_class, key_id);

-- With n the index alone counts the events under a key, without the documents attached to them.
DROP INDEX ledger.sealed_parts_key;
CREATE INDEX sealed_parts_key ON ledger.sealed_parts (key_id, n);

-- 3. Lookups: one row may stand under several keys (kind `base`: the transfer that names another
--    one, and again under the key of its copy). --------------------------------------------------

ALTER TABLE ledger.lookups DROP CONSTRAINT lookups_place;
ALTER TABLE ledger.lookups ADD CONSTRAINT lookups_place PRIMARY KEY (kind, key, stream, key_id);
CREATE INDEX lookups_base ON ledger.lookups (stream) WHERE kind = 'base';

-- 4. Plans, expiries and holds are read by these facts alone. ---------------------------------

CREATE INDEX events_retention ON ledger.events (notification_id) WHERE topic IN (
    'expiry-planned', 'records-expired', 'hold-placed', 'hold-released'
);

-- 5. Drops the partitions of quarters before `before` that hold nothing, and returns which. -----
--    0 is never dropped. DROP stops appends and reads for its moment, and they queue behind it
--    while it waits for those before them: it gives up after a second, and the next day tries
--    again. An append that finds its partition gone makes it anew. Call it in a transaction of its
--    own. Runs with the owner's rights: the purger may not drop tables.
CREATE FUNCTION ledger.drop_empty_partitions(before integer) RETURNS SETOF integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
AS $$
DECLARE
    child    record;
    is_empty boolean;
    locked   boolean := false;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'emptiness must be seen anew under the lock'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    -- The same lock as in ensure_partition: nobody makes a partition meanwhile.
    PERFORM pg_advisory_xact_lock(7091726530415);
    FOR child IN
        SELECT c.relname, substring(c.relname FROM '^sealed_parts_([1-9][0-9]*)$')::integer AS number
          FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'ledger.sealed_parts'::regclass
         ORDER BY 2
    LOOP
        CONTINUE WHEN child.number IS NULL OR child.number >= before;
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM ledger.%I)', child.relname) INTO is_empty;
        CONTINUE WHEN NOT is_empty;
        IF NOT locked THEN
            -- Nobody reaches a partition past its table, so the table's lock is enough.
            LOCK TABLE ONLY ledger.sealed_parts IN ACCESS EXCLUSIVE MODE;
            locked := true;
            EXECUTE format('SELECT NOT EXISTS (SELECT FROM ledger.%I)', child.relname)
                INTO is_empty;
            CONTINUE WHEN NOT is_empty;
        END IF;
        EXECUTE format('DROP TABLE ledger.%I', child.relname);
        RETURN NEXT child.number;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION ledger.drop_empty_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.drop_empty_partitions(integer) TO ledger_purger;
