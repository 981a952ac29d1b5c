-- The append of a small batch of new streams in one round trip: the head is locked while the
-- server works, never while a client does.

-- Returns the head that the batch was appended after, so that its first event stands at head + 1;
-- NULL, and nothing is written, when one of its commands or streams stands or one of its keys does
-- not: the caller then looks what stands (ledger.store.looking).
--
-- VOLATILE, and READ COMMITTED: each statement below has a snapshot of its own, so the checks see
-- what the last holder of the lock committed.
-- LATERAL … LIMIT: a plain join under EXISTS is planned as one pass over a whole index, in the hope
-- of an early end that never comes; tests/store looks at the plan.
CREATE FUNCTION ledger.append_new(
    streams uuid[], versions bigint[], topics text[], states bytea[], commands uuid[],
    partitions integer[], keys bytea[],
    part_partitions integer[], part_events bigint[], part_ns integer[], parts bytea[],
    part_keys bytea[]
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reached bigint;
BEGIN
    SELECT position INTO reached FROM ledger.head FOR UPDATE;
    IF EXISTS (
        SELECT FROM unnest(commands) AS b (command) CROSS JOIN LATERAL (
               SELECT FROM ledger.events AS e WHERE e.command = b.command LIMIT 1) AS found
        UNION ALL
        SELECT FROM unnest(streams) AS b (stream) CROSS JOIN LATERAL (
               SELECT FROM ledger.events AS e WHERE e.originator_id = b.stream LIMIT 1) AS found
        UNION ALL
        SELECT FROM unnest(keys) AS b (key_id)
         WHERE NOT EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = b.key_id)
    ) THEN
        RETURN NULL;
    END IF;
    -- The head moves first: the guard of ledger.events refuses positions beyond it.
    UPDATE ledger.head SET position = reached + cardinality(streams);
    INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                               state, command, partition)
    SELECT reached + b.n, b.stream, b.version, b.topic, b.state, b.command, b.partition
      FROM unnest(streams, versions, topics, states, commands, partitions)
           WITH ORDINALITY AS b (stream, version, topic, state, command, partition, n);
    -- part_events: the number of the part's event in the batch, from 1.
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT b.partition, reached + b.event, b.n, b.part, b.key_id
      FROM unnest(part_partitions, part_events, part_ns, parts, part_keys)
           AS b (partition, event, n, part, key_id);
    RETURN reached;
END
$$;
REVOKE ALL ON FUNCTION ledger.append_new(uuid[], bigint[], text[], bytea[], uuid[], integer[],
    bytea[], integer[], bigint[], integer[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_new(uuid[], bigint[], text[], bytea[], uuid[], integer[],
    bytea[], integer[], bigint[], integer[], bytea[], bytea[]) TO ledger_writer;
