-- Each event carries a MAC under a subkey of the ledger secret (decision 0118). Those up to here
-- were appended before, and are believed without one.

ALTER TABLE ledger.events ADD COLUMN mac bytea;
-- NOT VALID: what stands has none. No process of a version before appends any more.
ALTER TABLE ledger.events ADD CONSTRAINT events_mac
    CHECK (mac IS NOT NULL AND octet_length(mac) = 32) NOT VALID;

-- The owner alone writes it: no role that serves can make its own event one of before.
CREATE TABLE ledger.event_macs (
    after bigint NOT NULL CHECK (after >= 0)
);
CREATE UNIQUE INDEX event_macs_one ON ledger.event_macs ((true));
INSERT INTO ledger.event_macs SELECT coalesce(max(notification_id), 0) FROM ledger.events;
GRANT SELECT ON ledger.event_macs
    TO ledger_writer, ledger_projector, ledger_purger, ledger_reader;

-- As before (0011), and each event with its MAC.
DROP FUNCTION ledger.append_new(uuid[], bigint[], text[], bytea[], uuid[], integer[], bytea[],
    integer[], bigint[], integer[], bytea[], bytea[]);
CREATE FUNCTION ledger.append_new(
    streams uuid[], versions bigint[], topics text[], states bytea[], commands uuid[],
    partitions integer[], macs bytea[], keys bytea[],
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
                               state, command, partition, mac)
    SELECT reached + b.n, b.stream, b.version, b.topic, b.state, b.command, b.partition, b.mac
      FROM unnest(streams, versions, topics, states, commands, partitions, macs)
           WITH ORDINALITY AS b (stream, version, topic, state, command, partition, mac, n);
    -- part_events: the number of the part's event in the batch, from 1.
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT b.partition, reached + b.event, b.n, b.part, b.key_id
      FROM unnest(part_partitions, part_events, part_ns, parts, part_keys)
           AS b (partition, event, n, part, key_id);
    RETURN reached;
END
$$;
REVOKE ALL ON FUNCTION ledger.append_new(uuid[], bigint[], text[], bytea[], uuid[], integer[],
    bytea[], bytea[], integer[], bigint[], integer[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_new(uuid[], bigint[], text[], bytea[], uuid[], integer[],
    bytea[], bytea[], integer[], bigint[], integer[], bytea[], bytea[]) TO ledger_writer;

-- As before (0025), and the event with its MAC.
DROP FUNCTION ledger.append_next(uuid, bigint, text, bytea, uuid, integer, bytea, bytea);
CREATE FUNCTION ledger.append_next(
    of_stream uuid, next_version bigint, topic text, state bytea, command uuid,
    partition integer, mac bytea, part bytea, part_key bytea
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
                               state, command, partition, mac)
    VALUES (reached + 1, of_stream, next_version, append_next.topic, append_next.state,
            append_next.command, append_next.partition, append_next.mac);
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    VALUES (append_next.partition, reached + 1, 0, append_next.part, part_key);
    RETURN reached;
END
$$;
REVOKE ALL ON FUNCTION ledger.append_next(uuid, bigint, text, bytea, uuid, integer, bytea, bytea,
    bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_next(uuid, bigint, text, bytea, uuid, integer, bytea, bytea,
    bytea) TO ledger_writer;
