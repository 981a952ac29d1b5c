-- The append of the next event of a stream that stands in one round trip, as `append_new` is that
-- of new streams: each chunk of a bulk transfer is one.

-- Returns the head that the event was appended after; NULL, and nothing is written, when another
-- version is next or the key does not stand: the caller then looks what stands
-- (ledger.store.looking).
--
-- VOLATILE, and READ COMMITTED: each statement below has a snapshot of its own, so the checks see
-- what the last holder of the lock committed.
CREATE FUNCTION ledger.append_next(
    of_stream uuid, next_version bigint, topic text, state bytea, command uuid,
    partition integer, part bytea, part_key bytea
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reached bigint;
    last_version bigint;
BEGIN
    SELECT h.position INTO reached FROM ledger.head AS h FOR UPDATE;
    SELECT e.originator_version INTO last_version
      FROM ledger.events AS e
     WHERE e.originator_id = of_stream
     ORDER BY e.originator_version DESC
     LIMIT 1;
    IF last_version IS DISTINCT FROM next_version - 1
       OR NOT EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = part_key) THEN
        RETURN NULL;
    END IF;
    -- The head moves first: the guard of ledger.events refuses positions beyond it.
    UPDATE ledger.head SET position = reached + 1;
    INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                               state, command, partition)
    VALUES (reached + 1, of_stream, next_version, append_next.topic, append_next.state,
            append_next.command, append_next.partition);
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    VALUES (append_next.partition, reached + 1, 0, append_next.part, part_key);
    RETURN reached;
END
$$;
REVOKE ALL ON FUNCTION ledger.append_next(uuid, bigint, text, bytea, uuid, integer, bytea, bytea)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_next(uuid, bigint, text, bytea, uuid, integer, bytea, bytea)
    TO ledger_writer;
