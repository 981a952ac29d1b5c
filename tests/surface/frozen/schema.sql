CREATE SCHEMA ledger;
CREATE SCHEMA projections;
CREATE FUNCTION ledger.append_new(streams uuid[], versions bigint[], topics text[], states bytea[], commands uuid[], partitions integer[], macs bytea[], keys bytea[], part_partitions integer[], part_events bigint[], part_ns integer[], parts bytea[], part_keys bytea[]) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION ledger.append_next(of_stream uuid, next_version bigint, topic text, state bytea, command uuid, partition integer, mac bytea, part bytea, part_key bytea) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION ledger.check_density() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    first_new bigint;
    last_new  bigint;
    count_new bigint;
    reached   bigint;
BEGIN
    SELECT min(notification_id), max(notification_id), count(*)
        INTO first_new, last_new, count_new FROM inserted;
    IF count_new = 0 THEN
        RETURN NULL;
    END IF;
    SELECT position INTO reached FROM ledger.head;
    IF reached IS NULL OR last_new > reached THEN
        RAISE EXCEPTION 'position % is beyond the head', last_new USING ERRCODE = 'LG002';
    END IF;
    IF last_new - first_new + 1 <> count_new OR (first_new > 1 AND NOT EXISTS (
        SELECT FROM ledger.events WHERE notification_id = first_new - 1)) THEN
        RAISE EXCEPTION 'positions % to % are not dense', first_new, last_new
            USING ERRCODE = 'LG002';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION ledger.check_head_is_last() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT position FROM ledger.head)
        <> (SELECT coalesce(max(notification_id), 0) FROM ledger.events) THEN
        RAISE EXCEPTION 'the head is not the last position' USING ERRCODE = 'LG003';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION ledger.check_head_rises() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.ledger IS DISTINCT FROM OLD.ledger OR NEW.position < OLD.position THEN
        RAISE EXCEPTION 'the head only rises, and keeps its name' USING ERRCODE = 'LG003';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION ledger.check_key_day() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (NEW.key_id, NEW.key_class, NEW.owner) IS DISTINCT FROM (OLD.key_id, OLD.key_class, OLD.owner)
        OR (OLD.owner IS NULL AND NEW.day IS DISTINCT FROM OLD.day)
        OR NEW.day < OLD.day THEN
        RAISE EXCEPTION 'the day of this key does not move there' USING ERRCODE = 'LG004';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION ledger.check_lookup_has_no_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = OLD.key_id) THEN
        RAISE EXCEPTION 'a lookup of kind % is deleted with its key alone', OLD.kind
            USING ERRCODE = 'LG008';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION ledger.check_new_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NEW.mac IS NULL THEN
        RAISE EXCEPTION 'a key has a MAC' USING ERRCODE = 'not_null_violation';
    END IF;
    INSERT INTO ledger.key_ids (key_id) VALUES (NEW.key_id);
    RETURN NULL;
END
$$;
CREATE FUNCTION ledger.drop_empty_partitions(before integer) RETURNS SETOF integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $_$
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
$_$;
CREATE FUNCTION ledger.ensure_partition(wanted integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    child text := format('sealed_parts_%s', wanted);
BEGIN
    IF wanted IS NULL OR NOT (wanted = 0 OR wanted BETWEEN 1900 * 4 AND 2299 * 4 + 3) THEN
        RAISE EXCEPTION 'partition % is no quarter from 1900 to 2299', wanted
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('ledger.' || child) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Two callers at once: the second waits here for the first one's commit, then finds the table.
    -- It looks into the catalogue: to_regclass would answer from this session's cache once more.
    PERFORM pg_advisory_xact_lock(7091726530415);
    IF EXISTS (SELECT FROM pg_class
               WHERE relname = child AND relnamespace = 'ledger'::regnamespace) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.sealed_parts INCLUDING ALL, '
                   'CONSTRAINT bound CHECK (partition = %s))', child, wanted);
    EXECUTE format('ALTER TABLE ledger.sealed_parts ATTACH PARTITION ledger.%I FOR VALUES IN (%s)',
                   child, wanted);
    EXECUTE format('ALTER TABLE ledger.%I DROP CONSTRAINT bound', child);
END
$$;
CREATE FUNCTION ledger.keep_number_rising() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'the number of what is excluded rises by one with each writing'
        USING ERRCODE = 'LG001';
END;
$$;
CREATE FUNCTION ledger.keep_revoked() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'a key that is revoked stays revoked' USING ERRCODE = 'LG001';
END;
$$;
CREATE FUNCTION ledger.keep_settled() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION ledger.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'LG001';
END
$$;
CREATE FUNCTION projections.counted(upto bigint) RETURNS TABLE(kind text, key_id bytea, month text, place bigint, transfers bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH headers AS NOT MATERIALIZED (
        SELECT e.notification_id AS place, e.topic,
               convert_from(e.state, 'UTF8')::jsonb AS header
          FROM ledger.events AS e
         WHERE e.notification_id <= upto
    ), recorded AS NOT MATERIALIZED (
        SELECT h.place, decode(h.header #>> '{sealed,key}', 'hex') AS key_id,
               to_char((h.header ->> 'at')::timestamptz AT TIME ZONE interval '9 hours', 'YYYY-MM')
                   AS month
          FROM headers AS h
         WHERE h.topic IN ('provision-recorded', 'receipt-recorded',
                           'referable-provision-recorded', 'joint-use-transfer-recorded',
                           'exempt-transfer-recorded')
    ), copies AS MATERIALIZED (
        SELECT DISTINCT (h.header #>> '{copies,position}')::bigint AS place,
               decode(h.header #>> '{sealed,key}', 'hex') AS key_id
          FROM headers AS h
         WHERE h.topic = 'record-carried-forward' AND h.header #>> '{copies,version}' = '1'
    ), dead AS MATERIALIZED (
        SELECT DISTINCT decode(listed.key, 'hex') AS key_id
          FROM headers AS h
         CROSS JOIN LATERAL jsonb_array_elements_text(h.header -> 'keys') AS listed (key)
         WHERE h.topic = 'records-expired'
    ), alone AS MATERIALIZED (
        SELECT r.key_id, r.month, count(*) AS transfers,
               EXISTS (SELECT FROM dead AS d WHERE d.key_id = r.key_id) AS is_dead
          FROM recorded AS r
         WHERE NOT EXISTS (SELECT FROM copies AS c WHERE c.place = r.place)
         GROUP BY r.key_id, r.month
    ), copied AS MATERIALIZED (
        SELECT r.place, r.month, r.key_id
          FROM recorded AS r
         WHERE EXISTS (SELECT FROM copies AS c WHERE c.place = r.place)
    ), living AS MATERIALIZED (
        SELECT holder.place, holder.month, holder.key_id
          FROM (SELECT place, month, key_id FROM copied
                 UNION
                SELECT o.place, o.month, c.key_id FROM copied AS o JOIN copies AS c USING (place)
               ) AS holder
         WHERE NOT EXISTS (SELECT FROM dead AS d WHERE d.key_id = holder.key_id)
    ), gone AS (
        SELECT a.month, a.transfers FROM alone AS a WHERE a.is_dead
         UNION ALL
        SELECT o.month, 1 FROM copied AS o
         WHERE NOT EXISTS (SELECT FROM living AS l WHERE l.place = o.place)
    )
    SELECT 'months', a.key_id, a.month, NULL::bigint, a.transfers FROM alone AS a
     WHERE NOT a.is_dead
     UNION ALL
    SELECT 'carried', l.key_id, l.month, l.place, NULL FROM living AS l
     UNION ALL
    SELECT 'gone', NULL, g.month, NULL, sum(g.transfers)::bigint FROM gone AS g GROUP BY g.month
$$;
CREATE FUNCTION projections.serve(wanted text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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
CREATE TABLE ledger.accepted_sources (
    source text NOT NULL COLLATE pg_catalog."C",
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT accepted_sources_check CHECK ((last_at >= first_at)),
    CONSTRAINT accepted_sources_source_check CHECK (((source ~ '^[!-~]+$'::text) AND (octet_length(source) <= 256)))
)
WITH (fillfactor='50');
CREATE TABLE ledger.answers (
    place bytea NOT NULL,
    fingerprint bytea NOT NULL,
    command uuid NOT NULL,
    claim uuid NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    again boolean DEFAULT false NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    key_id bytea NOT NULL,
    sealed bytea,
    mac bytea,
    CONSTRAINT answers_check CHECK (((state = 'done'::text) = (sealed IS NOT NULL))),
    CONSTRAINT answers_fingerprint_check CHECK ((octet_length(fingerprint) = 16)),
    CONSTRAINT answers_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT answers_mac_check CHECK ((octet_length(mac) = 32)),
    CONSTRAINT answers_place_check CHECK ((octet_length(place) = 16)),
    CONSTRAINT answers_sealed_check CHECK ((octet_length(sealed) <= 16777216)),
    CONSTRAINT answers_state_check CHECK ((state = ANY (ARRAY['running'::text, 'failed'::text, 'refused'::text, 'done'::text])))
);
ALTER TABLE ONLY ledger.answers ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    secret_sha256 bytea NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C",
    scopes text[] NOT NULL,
    source_prefix text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_day date,
    owner text COLLATE pg_catalog."C",
    revoked_by text COLLATE pg_catalog."C",
    mac bytea,
    dpop_jkt text,
    CONSTRAINT api_keys_check CHECK ((expires_at > created_at)),
    CONSTRAINT api_keys_check1 CHECK (((source_prefix IS NOT NULL) OR (NOT (scopes && ARRAY['events:write'::text, 'events:read.own'::text])))),
    CONSTRAINT api_keys_dpop_jkt_check CHECK ((dpop_jkt ~ '^[A-Za-z0-9_-]{43}$'::text)),
    CONSTRAINT api_keys_id_check CHECK ((id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT api_keys_label_check CHECK ((label ~ '^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$'::text)),
    CONSTRAINT api_keys_mac_check CHECK ((octet_length(mac) = 32)),
    CONSTRAINT api_keys_owner_check CHECK (((owner ~ '^(person
[!-~]+|token
[!-~]+
[^
]+)$'::text) AND (octet_length(owner) <= 1024))),
    CONSTRAINT api_keys_revoked_by_and_at CHECK (((revoked_by IS NULL) OR (revoked_at IS NOT NULL))),
    CONSTRAINT api_keys_revoked_by_check CHECK ((revoked_by ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT api_keys_scopes_check CHECK ((cardinality(scopes) > 0)),
    CONSTRAINT api_keys_scopes_check1 CHECK ((NOT (('admin:config'::text = ANY (scopes)) AND (cardinality(scopes) > 1)))),
    CONSTRAINT api_keys_secret_sha256_check CHECK ((octet_length(secret_sha256) = 32)),
    CONSTRAINT api_keys_source_prefix_check CHECK (((source_prefix ~ '^[!-~]+$'::text) AND (octet_length(source_prefix) <= 256)))
);
CREATE TABLE ledger.bulk_parts (
    bulk uuid NOT NULL,
    number integer NOT NULL,
    upload uuid NOT NULL,
    lines integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT bulk_parts_lines_check CHECK ((lines > 0)),
    CONSTRAINT bulk_parts_number_check CHECK ((number >= 1)),
    CONSTRAINT bulk_parts_sealed_check CHECK ((octet_length(sealed) <= 4096))
);
CREATE TABLE ledger.bulk_pieces (
    bulk uuid NOT NULL,
    upload uuid NOT NULL,
    number integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT bulk_pieces_number_check CHECK ((number >= 0)),
    CONSTRAINT bulk_pieces_sealed_check CHECK ((octet_length(sealed) <= 4194304))
);
ALTER TABLE ONLY ledger.bulk_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.bulk_transfers (
    bulk uuid NOT NULL,
    command uuid NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    begun_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    lines bigint NOT NULL,
    parts integer NOT NULL,
    key_id bytea NOT NULL,
    told bytea,
    CONSTRAINT bulk_transfers_actor_check CHECK ((actor ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT bulk_transfers_check CHECK ((changed_at >= begun_at)),
    CONSTRAINT bulk_transfers_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT bulk_transfers_lines_check CHECK ((lines > 0)),
    CONSTRAINT bulk_transfers_parts_check CHECK ((parts > 0)),
    CONSTRAINT bulk_transfers_state_check CHECK ((state ~ '^[a-z]{1,16}$'::text)),
    CONSTRAINT bulk_transfers_told CHECK (((told IS NULL) = (state = 'aborted'::text))),
    CONSTRAINT bulk_transfers_told_check CHECK ((octet_length(told) <= 4194304))
)
WITH (fillfactor='50');
ALTER TABLE ONLY ledger.bulk_transfers ALTER COLUMN told SET STORAGE EXTERNAL;
CREATE TABLE ledger.data_keys (
    key_id bytea NOT NULL,
    key_class text NOT NULL COLLATE pg_catalog."C",
    day date,
    owner uuid,
    epoch text NOT NULL COLLATE pg_catalog."C",
    wrapped bytea NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    mac bytea,
    CONSTRAINT data_keys_check CHECK (((day IS NOT NULL) OR (owner IS NOT NULL))),
    CONSTRAINT data_keys_epoch_check CHECK (((octet_length(epoch) >= 1) AND (octet_length(epoch) <= 100))),
    CONSTRAINT data_keys_key_class_check CHECK (((octet_length(key_class) >= 1) AND (octet_length(key_class) <= 40))),
    CONSTRAINT data_keys_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT data_keys_mac_check CHECK ((octet_length(mac) = 32)),
    CONSTRAINT data_keys_number_check CHECK ((number >= 0)),
    CONSTRAINT data_keys_wrapped_check CHECK ((octet_length(wrapped) = 60))
);
CREATE TABLE ledger.duties (
    subject uuid NOT NULL,
    step text NOT NULL COLLATE pg_catalog."C",
    preparer text NOT NULL COLLATE pg_catalog."C",
    approver text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT duties_approver_check CHECK (((octet_length(approver) >= 1) AND (octet_length(approver) <= 200))),
    CONSTRAINT duties_preparer_check CHECK (((octet_length(preparer) >= 1) AND (octet_length(preparer) <= 200))),
    CONSTRAINT duties_step_check CHECK (((octet_length(step) >= 1) AND (octet_length(step) <= 100))),
    CONSTRAINT duties_two_people CHECK ((preparer <> approver))
);
CREATE TABLE ledger.event_macs (
    after bigint NOT NULL,
    CONSTRAINT event_macs_after_check CHECK ((after >= 0))
);
CREATE TABLE ledger.events (
    notification_id bigint NOT NULL,
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    state bytea NOT NULL,
    command uuid NOT NULL,
    partition integer,
    mac bytea,
    CONSTRAINT events_notification_id_check CHECK ((notification_id >= 1)),
    CONSTRAINT events_originator_version_check CHECK ((originator_version >= 1)),
    CONSTRAINT events_partition_check CHECK ((partition >= 0)),
    CONSTRAINT events_state_check CHECK ((octet_length(state) <= 65535)),
    CONSTRAINT events_topic_check CHECK (((octet_length(topic) >= 1) AND (octet_length(topic) <= 200)))
);
CREATE TABLE ledger.exclusions (
    is_one boolean DEFAULT true NOT NULL,
    stream uuid NOT NULL,
    token uuid NOT NULL,
    key_id bytea NOT NULL,
    sealed bytea NOT NULL,
    number bigint DEFAULT 0 NOT NULL,
    CONSTRAINT exclusions_is_one_check CHECK (is_one),
    CONSTRAINT exclusions_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT exclusions_number_check CHECK ((number >= 0)),
    CONSTRAINT exclusions_sealed_check CHECK (((octet_length(sealed) >= 8192) AND (octet_length(sealed) <= 4194332)))
)
WITH (fillfactor='10');
ALTER TABLE ONLY ledger.exclusions ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.export_pieces (
    export uuid NOT NULL,
    number integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT export_pieces_number_check CHECK ((number >= 0)),
    CONSTRAINT export_pieces_sealed_check CHECK ((octet_length(sealed) <= 1048576))
);
ALTER TABLE ONLY ledger.export_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.exports (
    export uuid NOT NULL,
    command uuid NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    asked_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    of_all bigint,
    error text COLLATE pg_catalog."C",
    key_id bytea NOT NULL,
    told bytea NOT NULL,
    CONSTRAINT exports_actor_check CHECK ((actor ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT exports_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT exports_check CHECK ((changed_at >= asked_at)),
    CONSTRAINT exports_done_check CHECK ((done >= 0)),
    CONSTRAINT exports_error_check CHECK ((error ~ '^[A-Z0-9_]{1,40}$'::text)),
    CONSTRAINT exports_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT exports_of_all_check CHECK ((of_all >= 0)),
    CONSTRAINT exports_state_check CHECK ((state ~ '^[a-z]{1,16}$'::text)),
    CONSTRAINT exports_told_check CHECK ((octet_length(told) <= 1048576))
)
WITH (fillfactor='50');
ALTER TABLE ONLY ledger.exports ALTER COLUMN told SET STORAGE EXTERNAL;
CREATE TABLE ledger.form_drafts (
    place bytea NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    key_id bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT form_drafts_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT form_drafts_place_check CHECK ((octet_length(place) = 16)),
    CONSTRAINT form_drafts_sealed_check CHECK ((octet_length(sealed) <= 7340060))
);
ALTER TABLE ONLY ledger.form_drafts ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.head (
    ledger text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    CONSTRAINT head_ledger_check CHECK (((octet_length(ledger) >= 1) AND (octet_length(ledger) <= 100))),
    CONSTRAINT head_position_check CHECK (("position" >= 0))
)
WITH (fillfactor='10', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');
CREATE TABLE ledger.heartbeats (
    emitter uuid NOT NULL,
    beat_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE ledger.idle_epochs (
    epoch text NOT NULL COLLATE pg_catalog."C",
    since date NOT NULL,
    mac bytea,
    CONSTRAINT idle_epochs_epoch_check CHECK (((octet_length(epoch) >= 1) AND (octet_length(epoch) <= 40))),
    CONSTRAINT idle_epochs_mac_check CHECK ((octet_length(mac) = 32))
);
CREATE TABLE ledger.key_ids (
    key_id bytea NOT NULL,
    CONSTRAINT key_ids_key_id_check CHECK ((octet_length(key_id) = 32))
);
CREATE TABLE ledger.leases (
    number bigint NOT NULL,
    attempt uuid NOT NULL,
    taken_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE ledger.lookups (
    kind text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    stream uuid NOT NULL,
    key_id bytea NOT NULL,
    CONSTRAINT lookups_key_check CHECK ((octet_length(key) = 16)),
    CONSTRAINT lookups_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT lookups_kind_check CHECK (((octet_length(kind) >= 1) AND (octet_length(kind) <= 40)))
);
CREATE TABLE ledger.migrations (
    room text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE ledger.officer_names (
    place bytea NOT NULL,
    signed_in_at timestamp with time zone NOT NULL,
    key_id bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT officer_names_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT officer_names_place_check CHECK ((octet_length(place) = 16)),
    CONSTRAINT officer_names_sealed_check CHECK ((octet_length(sealed) <= 2048))
);
CREATE TABLE ledger.proven_expiries (
    after bigint NOT NULL,
    CONSTRAINT proven_expiries_after_check CHECK ((after >= 0))
);
CREATE TABLE ledger.quarantine (
    id uuid NOT NULL,
    content_key bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    key_id bytea NOT NULL,
    sealed bytea,
    codes text[] NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'open'::text NOT NULL COLLATE pg_catalog."C",
    proposed_by text COLLATE pg_catalog."C",
    resolved_by text COLLATE pg_catalog."C",
    "position" bigint,
    restricted boolean,
    item_key bytea,
    mac bytea,
    unreadable boolean,
    CONSTRAINT quarantine_attempts_check CHECK ((attempts > 0)),
    CONSTRAINT quarantine_check CHECK (((proposed_by IS DISTINCT FROM resolved_by) OR (proposed_by IS NULL) OR (state = 'repaired'::text))),
    CONSTRAINT quarantine_check1 CHECK (((state <> 'discarded'::text) OR ((proposed_by IS NOT NULL) AND (resolved_by IS NOT NULL)))),
    CONSTRAINT quarantine_check2 CHECK (((state <> 'repaired'::text) OR ("position" IS NOT NULL))),
    CONSTRAINT quarantine_codes_check CHECK ((cardinality(codes) > 0)),
    CONSTRAINT quarantine_content_key_check CHECK ((octet_length(content_key) = 16)),
    CONSTRAINT quarantine_item_key_check CHECK ((octet_length(item_key) = 16)),
    CONSTRAINT quarantine_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT quarantine_mac_check CHECK ((octet_length(mac) = 32)),
    CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY['open'::text, 'repaired'::text, 'discard_proposed'::text, 'discarded'::text])))
);
CREATE TABLE ledger.register_pieces (
    register uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT register_pieces_kind_check CHECK ((kind = ANY (ARRAY['file'::text, 'problems'::text]))),
    CONSTRAINT register_pieces_number_check CHECK ((number >= 0)),
    CONSTRAINT register_pieces_sealed_check CHECK ((octet_length(sealed) <= 1048576))
);
ALTER TABLE ONLY ledger.register_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE ledger.registers (
    register uuid NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    begun_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    bytes bigint NOT NULL,
    key_id bytea NOT NULL,
    told bytea NOT NULL,
    rows_done bigint DEFAULT 0 NOT NULL,
    rows_all bigint,
    counts text DEFAULT '{}'::text NOT NULL,
    error text,
    CONSTRAINT registers_actor_check CHECK ((actor ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT registers_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT registers_check CHECK ((changed_at >= begun_at)),
    CONSTRAINT registers_counts_check CHECK ((octet_length(counts) <= 65536)),
    CONSTRAINT registers_error_check CHECK ((octet_length(error) <= 8192)),
    CONSTRAINT registers_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT registers_rows_all_check CHECK ((rows_all >= 0)),
    CONSTRAINT registers_rows_done_check CHECK ((rows_done >= 0)),
    CONSTRAINT registers_state_check CHECK ((state ~ '^[a-z]{1,16}$'::text)),
    CONSTRAINT registers_told_check CHECK ((octet_length(told) <= 1048576))
)
WITH (fillfactor='50');
ALTER TABLE ONLY ledger.registers ALTER COLUMN told SET STORAGE EXTERNAL;
CREATE TABLE ledger.sealed_parts (
    partition integer NOT NULL,
    "position" bigint NOT NULL,
    n integer NOT NULL,
    part bytea NOT NULL,
    key_id bytea NOT NULL,
    CONSTRAINT sealed_parts_check CHECK ((octet_length(part) <=
CASE n
    WHEN 0 THEN 4194304
    ELSE 67108864
END)),
    CONSTRAINT sealed_parts_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT sealed_parts_n_check CHECK ((n >= 0)),
    CONSTRAINT sealed_parts_position_check CHECK (("position" >= 1))
)
PARTITION BY LIST (partition);
ALTER TABLE ONLY ledger.sealed_parts ALTER COLUMN part SET STORAGE EXTERNAL;
CREATE TABLE ledger.sealed_parts_0 (
    partition integer CONSTRAINT sealed_parts_partition_not_null NOT NULL,
    "position" bigint CONSTRAINT sealed_parts_position_not_null NOT NULL,
    n integer CONSTRAINT sealed_parts_n_not_null NOT NULL,
    part bytea CONSTRAINT sealed_parts_part_not_null NOT NULL,
    key_id bytea CONSTRAINT sealed_parts_key_id_not_null NOT NULL,
    CONSTRAINT sealed_parts_check CHECK ((octet_length(part) <=
CASE n
    WHEN 0 THEN 4194304
    ELSE 67108864
END)),
    CONSTRAINT sealed_parts_key_id_check CHECK ((octet_length(key_id) = 32)),
    CONSTRAINT sealed_parts_n_check CHECK ((n >= 0)),
    CONSTRAINT sealed_parts_position_check CHECK (("position" >= 1))
);
ALTER TABLE ONLY ledger.sealed_parts_0 ALTER COLUMN part SET STORAGE EXTERNAL;
CREATE TABLE ledger.sessions (
    handle bytea NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    account bytea NOT NULL,
    provider_session bytea,
    roles text[] NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone,
    name_sealed bytea NOT NULL,
    earlier text[] DEFAULT '{}'::text[] NOT NULL COLLATE pg_catalog."C",
    mac bytea NOT NULL,
    CONSTRAINT sessions_account_check CHECK ((octet_length(account) = 16)),
    CONSTRAINT sessions_actor_check CHECK ((actor ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT sessions_check CHECK ((seen_at >= begun_at)),
    CONSTRAINT sessions_handle_check CHECK ((octet_length(handle) = 32)),
    CONSTRAINT sessions_mac_check CHECK ((octet_length(mac) = 32)),
    CONSTRAINT sessions_name_sealed_check CHECK ((octet_length(name_sealed) <= 1024)),
    CONSTRAINT sessions_provider_session_check CHECK ((octet_length(provider_session) = 16)),
    CONSTRAINT sessions_roles_check CHECK ((cardinality(roles) > 0))
)
WITH (fillfactor='70');
CREATE TABLE ledger.used_proofs (
    digest bytea NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT used_proofs_digest_check CHECK ((octet_length(digest) = 32))
);
CREATE TABLE projections.belated_a (
    "position" bigint NOT NULL
);
CREATE VIEW projections.belated AS
 SELECT "position"
   FROM projections.belated_a;
CREATE TABLE projections.belated_b (
    "position" bigint CONSTRAINT belated_a_position_not_null NOT NULL
);
CREATE TABLE projections.carried_a (
    "position" bigint NOT NULL,
    key_id bytea NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE projections.carried_b (
    "position" bigint CONSTRAINT carried_a_position_not_null NOT NULL,
    key_id bytea CONSTRAINT carried_a_key_id_not_null NOT NULL,
    month text CONSTRAINT carried_a_month_not_null NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE projections.days_a (
    source uuid NOT NULL,
    day date NOT NULL,
    transfers bigint NOT NULL,
    product bytea NOT NULL,
    CONSTRAINT days_a_product_check CHECK ((octet_length(product) = 384)),
    CONSTRAINT days_a_transfers_check CHECK ((transfers > 0))
)
WITH (fillfactor='50');
CREATE VIEW projections.days AS
 SELECT source,
    day,
    transfers,
    product
   FROM projections.days_a;
CREATE TABLE projections.days_b (
    source uuid CONSTRAINT days_a_source_not_null NOT NULL,
    day date CONSTRAINT days_a_day_not_null NOT NULL,
    transfers bigint CONSTRAINT days_a_transfers_not_null NOT NULL,
    product bytea CONSTRAINT days_a_product_not_null NOT NULL,
    CONSTRAINT days_a_product_check CHECK ((octet_length(product) = 384)),
    CONSTRAINT days_a_transfers_check CHECK ((transfers > 0))
)
WITH (fillfactor='50');
CREATE TABLE projections.entries_a (
    principal_key uuid NOT NULL,
    "position" bigint NOT NULL,
    name_key uuid
);
CREATE VIEW projections.entries AS
 SELECT principal_key,
    "position",
    name_key
   FROM projections.entries_a;
CREATE TABLE projections.entries_b (
    principal_key uuid CONSTRAINT entries_a_principal_key_not_null NOT NULL,
    "position" bigint CONSTRAINT entries_a_position_not_null NOT NULL,
    name_key uuid
);
CREATE TABLE projections.findings_a (
    "position" bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    standing smallint NOT NULL,
    is_unlawful boolean NOT NULL,
    mark uuid NOT NULL,
    sources uuid[] NOT NULL,
    CONSTRAINT findings_a_standing_check CHECK (((standing >= 0) AND (standing <= 2)))
);
CREATE VIEW projections.findings AS
 SELECT "position",
    code,
    standing,
    is_unlawful,
    mark,
    sources
   FROM projections.findings_a;
CREATE TABLE projections.findings_b (
    "position" bigint CONSTRAINT findings_a_position_not_null NOT NULL,
    code text CONSTRAINT findings_a_code_not_null NOT NULL COLLATE pg_catalog."C",
    standing smallint CONSTRAINT findings_a_standing_not_null NOT NULL,
    is_unlawful boolean CONSTRAINT findings_a_is_unlawful_not_null NOT NULL,
    mark uuid CONSTRAINT findings_a_mark_not_null NOT NULL,
    sources uuid[] CONSTRAINT findings_a_sources_not_null NOT NULL,
    CONSTRAINT findings_a_standing_check CHECK (((standing >= 0) AND (standing <= 2)))
);
CREATE TABLE projections.findings_keys_a (
    key_id bytea NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE projections.findings_keys_b (
    key_id bytea CONSTRAINT findings_keys_a_key_id_not_null NOT NULL,
    "position" bigint CONSTRAINT findings_keys_a_position_not_null NOT NULL
);
CREATE TABLE projections.gone_a (
    month text NOT NULL COLLATE pg_catalog."C",
    transfers bigint NOT NULL,
    CONSTRAINT gone_a_transfers_check CHECK ((transfers >= 0))
);
CREATE VIEW projections.gone AS
 SELECT month,
    transfers
   FROM projections.gone_a;
CREATE TABLE projections.gone_b (
    month text CONSTRAINT gone_a_month_not_null NOT NULL COLLATE pg_catalog."C",
    transfers bigint CONSTRAINT gone_a_transfers_not_null NOT NULL,
    CONSTRAINT gone_a_transfers_check CHECK ((transfers >= 0))
);
CREATE TABLE projections.months_a (
    key_id bytea NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    transfers bigint NOT NULL,
    CONSTRAINT months_a_transfers_check CHECK ((transfers >= 0))
)
WITH (fillfactor='80');
CREATE TABLE projections.months_b (
    key_id bytea CONSTRAINT months_a_key_id_not_null NOT NULL,
    month text CONSTRAINT months_a_month_not_null NOT NULL COLLATE pg_catalog."C",
    transfers bigint CONSTRAINT months_a_transfers_not_null NOT NULL,
    CONSTRAINT months_a_transfers_check CHECK ((transfers >= 0))
)
WITH (fillfactor='80');
CREATE TABLE projections.namings_a (
    principal_key uuid NOT NULL,
    "position" bigint NOT NULL,
    name_key uuid NOT NULL
);
CREATE VIEW projections.namings AS
 SELECT principal_key,
    "position",
    name_key
   FROM projections.namings_a;
CREATE TABLE projections.namings_b (
    principal_key uuid CONSTRAINT namings_a_principal_key_not_null NOT NULL,
    "position" bigint CONSTRAINT namings_a_position_not_null NOT NULL,
    name_key uuid CONSTRAINT namings_a_name_key_not_null NOT NULL
);
CREATE TABLE projections.progress (
    slot text NOT NULL COLLATE pg_catalog."C",
    serving boolean NOT NULL,
    "position" bigint NOT NULL,
    names text COLLATE pg_catalog."C",
    findings text COLLATE pg_catalog."C",
    belated boolean DEFAULT false NOT NULL,
    days text COLLATE pg_catalog."C",
    marks text COLLATE pg_catalog."C",
    CONSTRAINT progress_position_check CHECK (("position" >= 0)),
    CONSTRAINT progress_slot_check CHECK ((slot = ANY (ARRAY['a'::text, 'b'::text])))
);
CREATE TABLE projections.reliances_a (
    notice_key uuid NOT NULL,
    "position" bigint NOT NULL
);
CREATE VIEW projections.reliances AS
 SELECT notice_key,
    "position"
   FROM projections.reliances_a;
CREATE TABLE projections.reliances_b (
    notice_key uuid CONSTRAINT reliances_a_notice_key_not_null NOT NULL,
    "position" bigint CONSTRAINT reliances_a_position_not_null NOT NULL
);
ALTER TABLE ONLY ledger.sealed_parts ATTACH PARTITION ledger.sealed_parts_0 FOR VALUES IN (0);
ALTER TABLE ledger.accepted_sources
    ADD CONSTRAINT accepted_sources_first_at_finite CHECK (isfinite(first_at)) NOT VALID;
ALTER TABLE ledger.accepted_sources
    ADD CONSTRAINT accepted_sources_first_at_readable CHECK (((first_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (first_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ledger.accepted_sources
    ADD CONSTRAINT accepted_sources_last_at_finite CHECK (isfinite(last_at)) NOT VALID;
ALTER TABLE ledger.accepted_sources
    ADD CONSTRAINT accepted_sources_last_at_readable CHECK (((last_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (last_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.accepted_sources
    ADD CONSTRAINT accepted_sources_pkey PRIMARY KEY (source);
ALTER TABLE ledger.answers
    ADD CONSTRAINT answers_claimed_at_finite CHECK (isfinite(claimed_at)) NOT VALID;
ALTER TABLE ledger.answers
    ADD CONSTRAINT answers_claimed_at_readable CHECK (((claimed_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (claimed_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (place);
ALTER TABLE ledger.api_keys
    ADD CONSTRAINT api_keys_last_used_day_finite CHECK (isfinite(last_used_day)) NOT VALID;
ALTER TABLE ledger.api_keys
    ADD CONSTRAINT api_keys_last_used_day_readable CHECK (((last_used_day >= '0001-01-02'::date) AND (last_used_day < '9999-12-31'::date))) NOT VALID;
ALTER TABLE ONLY ledger.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);
ALTER TABLE ledger.api_keys
    ADD CONSTRAINT api_keys_revoked_at_finite CHECK (isfinite(revoked_at)) NOT VALID;
ALTER TABLE ledger.api_keys
    ADD CONSTRAINT api_keys_revoked_at_readable CHECK (((revoked_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (revoked_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.bulk_parts
    ADD CONSTRAINT bulk_parts_pkey PRIMARY KEY (bulk, number);
ALTER TABLE ONLY ledger.bulk_pieces
    ADD CONSTRAINT bulk_pieces_pkey PRIMARY KEY (bulk, upload, number);
ALTER TABLE ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_begun_at_finite CHECK (isfinite(begun_at)) NOT VALID;
ALTER TABLE ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_begun_at_readable CHECK (((begun_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (begun_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_changed_at_finite CHECK (isfinite(changed_at)) NOT VALID;
ALTER TABLE ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_changed_at_readable CHECK (((changed_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (changed_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_command_key UNIQUE (command);
ALTER TABLE ONLY ledger.bulk_transfers
    ADD CONSTRAINT bulk_transfers_pkey PRIMARY KEY (bulk);
ALTER TABLE ledger.data_keys
    ADD CONSTRAINT data_keys_day_finite CHECK (isfinite(day)) NOT VALID;
ALTER TABLE ledger.data_keys
    ADD CONSTRAINT data_keys_day_readable CHECK (((day >= '0001-01-02'::date) AND (day < '9999-12-31'::date))) NOT VALID;
ALTER TABLE ONLY ledger.data_keys
    ADD CONSTRAINT data_keys_pkey PRIMARY KEY (key_id);
ALTER TABLE ONLY ledger.duties
    ADD CONSTRAINT duties_place PRIMARY KEY (subject, step);
ALTER TABLE ledger.events
    ADD CONSTRAINT events_mac CHECK (((mac IS NOT NULL) AND (octet_length(mac) = 32))) NOT VALID;
ALTER TABLE ONLY ledger.events
    ADD CONSTRAINT events_position PRIMARY KEY (notification_id);
ALTER TABLE ONLY ledger.events
    ADD CONSTRAINT events_version UNIQUE (originator_id, originator_version);
ALTER TABLE ONLY ledger.exclusions
    ADD CONSTRAINT exclusions_pkey PRIMARY KEY (is_one);
ALTER TABLE ONLY ledger.export_pieces
    ADD CONSTRAINT export_pieces_pkey PRIMARY KEY (export, number);
ALTER TABLE ledger.exports
    ADD CONSTRAINT exports_asked_at_finite CHECK (isfinite(asked_at)) NOT VALID;
ALTER TABLE ledger.exports
    ADD CONSTRAINT exports_asked_at_readable CHECK (((asked_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (asked_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ledger.exports
    ADD CONSTRAINT exports_changed_at_finite CHECK (isfinite(changed_at)) NOT VALID;
ALTER TABLE ledger.exports
    ADD CONSTRAINT exports_changed_at_readable CHECK (((changed_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (changed_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.exports
    ADD CONSTRAINT exports_command_key UNIQUE (command);
ALTER TABLE ONLY ledger.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (export);
ALTER TABLE ledger.form_drafts
    ADD CONSTRAINT form_drafts_kept_at_finite CHECK (isfinite(kept_at)) NOT VALID;
ALTER TABLE ledger.form_drafts
    ADD CONSTRAINT form_drafts_kept_at_readable CHECK (((kept_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (kept_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.form_drafts
    ADD CONSTRAINT form_drafts_pkey PRIMARY KEY (place);
ALTER TABLE ONLY ledger.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (ledger);
ALTER TABLE ledger.heartbeats
    ADD CONSTRAINT heartbeats_beat_at_finite CHECK (isfinite(beat_at)) NOT VALID;
ALTER TABLE ledger.heartbeats
    ADD CONSTRAINT heartbeats_beat_at_readable CHECK (((beat_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (beat_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (emitter);
ALTER TABLE ONLY ledger.idle_epochs
    ADD CONSTRAINT idle_epochs_pkey PRIMARY KEY (epoch);
ALTER TABLE ONLY ledger.key_ids
    ADD CONSTRAINT key_ids_pkey PRIMARY KEY (key_id);
ALTER TABLE ONLY ledger.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (number);
ALTER TABLE ledger.leases
    ADD CONSTRAINT leases_taken_at_finite CHECK (isfinite(taken_at)) NOT VALID;
ALTER TABLE ledger.leases
    ADD CONSTRAINT leases_taken_at_readable CHECK (((taken_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (taken_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.lookups
    ADD CONSTRAINT lookups_place PRIMARY KEY (kind, key, stream, key_id);
ALTER TABLE ONLY ledger.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (room, number);
ALTER TABLE ONLY ledger.officer_names
    ADD CONSTRAINT officer_names_pkey PRIMARY KEY (place);
ALTER TABLE ledger.officer_names
    ADD CONSTRAINT officer_names_signed_in_at_finite CHECK (isfinite(signed_in_at)) NOT VALID;
ALTER TABLE ledger.officer_names
    ADD CONSTRAINT officer_names_signed_in_at_readable CHECK (((signed_in_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (signed_in_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);
ALTER TABLE ledger.quarantine
    ADD CONSTRAINT quarantine_received_at_finite CHECK (isfinite(received_at)) NOT VALID;
ALTER TABLE ledger.quarantine
    ADD CONSTRAINT quarantine_received_at_readable CHECK (((received_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (received_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.register_pieces
    ADD CONSTRAINT register_pieces_pkey PRIMARY KEY (register, kind, number);
ALTER TABLE ledger.registers
    ADD CONSTRAINT registers_begun_at_finite CHECK (isfinite(begun_at)) NOT VALID;
ALTER TABLE ledger.registers
    ADD CONSTRAINT registers_begun_at_readable CHECK (((begun_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (begun_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ledger.registers
    ADD CONSTRAINT registers_changed_at_finite CHECK (isfinite(changed_at)) NOT VALID;
ALTER TABLE ledger.registers
    ADD CONSTRAINT registers_changed_at_readable CHECK (((changed_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (changed_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.registers
    ADD CONSTRAINT registers_pkey PRIMARY KEY (register);
ALTER TABLE ONLY ledger.sealed_parts
    ADD CONSTRAINT sealed_parts_place PRIMARY KEY (partition, "position", n);
ALTER TABLE ONLY ledger.sealed_parts_0
    ADD CONSTRAINT sealed_parts_0_pkey PRIMARY KEY (partition, "position", n);
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_begun_at_finite CHECK (isfinite(begun_at)) NOT VALID;
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_begun_at_readable CHECK (((begun_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (begun_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (handle);
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_proved_at_finite CHECK (isfinite(proved_at)) NOT VALID;
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_proved_at_readable CHECK (((proved_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (proved_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_seen_at_finite CHECK (isfinite(seen_at)) NOT VALID;
ALTER TABLE ledger.sessions
    ADD CONSTRAINT sessions_seen_at_readable CHECK (((seen_at >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (seen_at < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY ledger.used_proofs
    ADD CONSTRAINT used_proofs_pkey PRIMARY KEY (digest);
ALTER TABLE ledger.used_proofs
    ADD CONSTRAINT used_proofs_until_finite CHECK (isfinite(until)) NOT VALID;
ALTER TABLE ledger.used_proofs
    ADD CONSTRAINT used_proofs_until_readable CHECK (((until >= '0001-01-02 00:00:00+00'::timestamp with time zone) AND (until < '9999-12-31 00:00:00+00'::timestamp with time zone))) NOT VALID;
ALTER TABLE ONLY projections.belated_a
    ADD CONSTRAINT belated_a_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY projections.belated_b
    ADD CONSTRAINT belated_b_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY projections.carried_a
    ADD CONSTRAINT carried_a_pkey PRIMARY KEY ("position", key_id);
ALTER TABLE ONLY projections.carried_b
    ADD CONSTRAINT carried_b_pkey PRIMARY KEY ("position", key_id);
ALTER TABLE ONLY projections.days_a
    ADD CONSTRAINT days_a_pkey PRIMARY KEY (source, day);
ALTER TABLE ONLY projections.days_b
    ADD CONSTRAINT days_b_pkey PRIMARY KEY (source, day);
ALTER TABLE ONLY projections.entries_a
    ADD CONSTRAINT entries_a_pkey PRIMARY KEY (principal_key, "position");
ALTER TABLE ONLY projections.entries_b
    ADD CONSTRAINT entries_b_pkey PRIMARY KEY (principal_key, "position");
ALTER TABLE ONLY projections.findings_a
    ADD CONSTRAINT findings_a_pkey PRIMARY KEY ("position", code);
ALTER TABLE ONLY projections.findings_b
    ADD CONSTRAINT findings_b_pkey PRIMARY KEY ("position", code);
ALTER TABLE ONLY projections.findings_keys_a
    ADD CONSTRAINT findings_keys_a_pkey PRIMARY KEY (key_id, "position");
ALTER TABLE ONLY projections.findings_keys_b
    ADD CONSTRAINT findings_keys_b_pkey PRIMARY KEY (key_id, "position");
ALTER TABLE ONLY projections.gone_a
    ADD CONSTRAINT gone_a_pkey PRIMARY KEY (month);
ALTER TABLE ONLY projections.gone_b
    ADD CONSTRAINT gone_b_pkey PRIMARY KEY (month);
ALTER TABLE ONLY projections.months_a
    ADD CONSTRAINT months_a_pkey PRIMARY KEY (key_id, month);
ALTER TABLE ONLY projections.months_b
    ADD CONSTRAINT months_b_pkey PRIMARY KEY (key_id, month);
ALTER TABLE ONLY projections.namings_a
    ADD CONSTRAINT namings_a_pkey PRIMARY KEY (principal_key, "position", name_key);
ALTER TABLE ONLY projections.namings_b
    ADD CONSTRAINT namings_b_pkey PRIMARY KEY (principal_key, "position", name_key);
ALTER TABLE ONLY projections.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (slot);
ALTER TABLE ONLY projections.reliances_a
    ADD CONSTRAINT reliances_a_pkey PRIMARY KEY (notice_key, "position");
ALTER TABLE ONLY projections.reliances_b
    ADD CONSTRAINT reliances_b_pkey PRIMARY KEY (notice_key, "position");
CREATE INDEX answers_key ON ledger.answers USING btree (key_id);
CREATE INDEX bulk_transfers_key ON ledger.bulk_transfers USING btree (key_id);
CREATE INDEX bulk_transfers_open ON ledger.bulk_transfers USING btree (begun_at) WHERE (state = 'committing'::text);
CREATE UNIQUE INDEX data_keys_day ON ledger.data_keys USING btree (key_class, day, number) WHERE (owner IS NULL);
CREATE INDEX data_keys_due ON ledger.data_keys USING btree (day, key_class, key_id);
CREATE INDEX data_keys_held ON ledger.data_keys USING btree (owner) WHERE (key_class = 'held'::text);
CREATE UNIQUE INDEX data_keys_owner ON ledger.data_keys USING btree (key_class, owner, number) WHERE ((owner IS NOT NULL) AND (key_class <> 'held'::text));
CREATE UNIQUE INDEX event_macs_one ON ledger.event_macs USING btree ((true));
CREATE INDEX events_acts ON ledger.events USING btree (notification_id) WHERE ((originator_version >= 1) AND (((topic >= 'case-'::text) AND (topic < 'case.'::text)) OR (topic = ANY (ARRAY['transfer-corrected'::text, 'transfer-reclassified'::text, 'transfer-retracted'::text, 'transfer-findings-settled'::text, 'identifiers-linked'::text, 'identifiers-unlinked'::text, 'directive-received'::text, 'directive-lifted'::text, 'principal-renamed'::text, 'hold-placed'::text, 'hold-released'::text, 'expiry-planned'::text, 'records-expired'::text, 'notice-published'::text, 'notice-withdrawn'::text, 'procedure-published'::text, 'emitter-registered'::text, 'log-epoch-started'::text]))));
CREATE INDEX events_cases ON ledger.events USING btree (notification_id) WHERE (((topic >= 'case-'::text) AND (topic < 'case.'::text)) OR (topic = ANY (ARRAY['answer-committed'::text, 'records-expired'::text, 'reply-stored'::text, 'review-sealed'::text])));
CREATE INDEX events_cause ON ledger.events USING btree (notification_id) WHERE (topic = ANY (ARRAY['directive-received'::text, 'directive-lifted'::text, 'identifiers-linked'::text, 'identifiers-unlinked'::text, 'notice-published'::text, 'notice-withdrawn'::text]));
CREATE INDEX events_command ON ledger.events USING btree (command);
CREATE INDEX events_exclusions ON ledger.events USING btree (notification_id) WHERE (topic = 'exclusions-sealed'::text);
CREATE INDEX events_looks ON ledger.events USING btree (notification_id) WHERE (topic = ANY (ARRAY['history-viewed'::text, 'document-viewed'::text, 'export-produced'::text]));
CREATE INDEX events_notice ON ledger.events USING btree (notification_id) WHERE (topic = ANY (ARRAY['notice-published'::text, 'notice-withdrawn'::text]));
CREATE INDEX events_of_emitters ON ledger.events USING btree (notification_id) WHERE (topic = ANY (ARRAY['emitter-registered'::text, 'coverage-declared'::text, 'day-closed'::text]));
CREATE INDEX events_procedures ON ledger.events USING btree (notification_id) WHERE (topic = 'procedure-published'::text);
CREATE INDEX events_retention ON ledger.events USING btree (notification_id) WHERE (topic = ANY (ARRAY['expiry-planned'::text, 'records-expired'::text, 'hold-placed'::text, 'hold-released'::text]));
CREATE INDEX exports_asked ON ledger.exports USING btree (asked_at, export);
CREATE INDEX exports_key ON ledger.exports USING btree (key_id);
CREATE INDEX exports_open ON ledger.exports USING btree (asked_at) WHERE (state = ANY (ARRAY['waiting'::text, 'making'::text, 'packed'::text]));
CREATE INDEX form_drafts_key ON ledger.form_drafts USING btree (key_id);
CREATE UNIQUE INDEX head_one ON ledger.head USING btree ((true));
CREATE INDEX lookups_base ON ledger.lookups USING btree (stream) WHERE (kind = 'base'::text);
CREATE UNIQUE INDEX lookups_emitter ON ledger.lookups USING btree (kind, key) WHERE (kind = 'emitter'::text);
CREATE INDEX lookups_key ON ledger.lookups USING btree (key_id);
CREATE UNIQUE INDEX lookups_unique ON ledger.lookups USING btree (kind, key) WHERE (kind = ANY (ARRAY['directive'::text, 'pair'::text, 'series'::text, 'notice'::text]));
CREATE INDEX officer_names_key ON ledger.officer_names USING btree (key_id);
CREATE UNIQUE INDEX proven_expiries_one ON ledger.proven_expiries USING btree ((true));
CREATE UNIQUE INDEX quarantine_content ON ledger.quarantine USING btree (content_key) WHERE (state = ANY (ARRAY['open'::text, 'discard_proposed'::text]));
CREATE INDEX quarantine_item ON ledger.quarantine USING btree (item_key) WHERE (state = ANY (ARRAY['open'::text, 'discard_proposed'::text]));
CREATE INDEX quarantine_key ON ledger.quarantine USING btree (key_id);
CREATE INDEX quarantine_open ON ledger.quarantine USING btree (received_at, id) WHERE (state = ANY (ARRAY['open'::text, 'discard_proposed'::text]));
CREATE INDEX quarantine_unreadable ON ledger.quarantine USING btree (id) WHERE ((state = ANY (ARRAY['open'::text, 'discard_proposed'::text])) AND (unreadable IS NOT FALSE));
CREATE INDEX registers_begun ON ledger.registers USING btree (begun_at);
CREATE INDEX registers_key ON ledger.registers USING btree (key_id);
CREATE INDEX sealed_parts_key ON ONLY ledger.sealed_parts USING btree (key_id, n);
CREATE INDEX sealed_parts_0_key_id_n_idx ON ledger.sealed_parts_0 USING btree (key_id, n);
CREATE INDEX sessions_account ON ledger.sessions USING btree (account);
CREATE INDEX sessions_provider ON ledger.sessions USING btree (provider_session) WHERE (provider_session IS NOT NULL);
CREATE INDEX used_proofs_by_until ON ledger.used_proofs USING btree (until);
CREATE INDEX carried_a_key ON projections.carried_a USING btree (key_id);
CREATE INDEX carried_b_key_id_idx ON projections.carried_b USING btree (key_id);
CREATE INDEX entries_a_name ON projections.entries_a USING btree (name_key, principal_key) WHERE (name_key IS NOT NULL);
CREATE INDEX entries_a_position ON projections.entries_a USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX entries_b_name ON projections.entries_b USING btree (name_key, principal_key) WHERE (name_key IS NOT NULL);
CREATE INDEX entries_b_position ON projections.entries_b USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX findings_a_listed ON projections.findings_a USING btree (code, standing, is_unlawful, "position");
CREATE INDEX findings_a_open ON projections.findings_a USING btree ("position", code) INCLUDE (is_unlawful, mark) WHERE (standing = 2);
CREATE INDEX findings_b_code_standing_is_unlawful_position_idx ON projections.findings_b USING btree (code, standing, is_unlawful, "position");
CREATE INDEX findings_b_position_code_is_unlawful_mark_idx ON projections.findings_b USING btree ("position", code) INCLUDE (is_unlawful, mark) WHERE (standing = 2);
CREATE INDEX findings_keys_a_position ON projections.findings_keys_a USING btree ("position");
CREATE INDEX findings_keys_b_position_idx ON projections.findings_keys_b USING btree ("position");
CREATE INDEX namings_a_name ON projections.namings_a USING btree (name_key, principal_key);
CREATE INDEX namings_a_position ON projections.namings_a USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX namings_b_name_key_principal_key_idx ON projections.namings_b USING btree (name_key, principal_key);
CREATE INDEX namings_b_position_idx ON projections.namings_b USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
CREATE UNIQUE INDEX progress_one_serves ON projections.progress USING btree (serving) WHERE serving;
CREATE INDEX reliances_a_position ON projections.reliances_a USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX reliances_b_position ON projections.reliances_b USING brin ("position" int8_minmax_multi_ops) WITH (autosummarize='on');
ALTER INDEX ledger.sealed_parts_key ATTACH PARTITION ledger.sealed_parts_0_key_id_n_idx;
ALTER INDEX ledger.sealed_parts_place ATTACH PARTITION ledger.sealed_parts_0_pkey;
CREATE TRIGGER api_keys_stay_revoked BEFORE UPDATE ON ledger.api_keys FOR EACH ROW WHEN (((old.revoked_at IS NOT NULL) AND ((old.revoked_at IS DISTINCT FROM new.revoked_at) OR (old.revoked_by IS DISTINCT FROM new.revoked_by)))) EXECUTE FUNCTION ledger.keep_revoked();
ALTER TABLE ledger.api_keys ENABLE ALWAYS TRIGGER api_keys_stay_revoked;
CREATE TRIGGER data_keys_are_new AFTER INSERT ON ledger.data_keys FOR EACH ROW EXECUTE FUNCTION ledger.check_new_key();
ALTER TABLE ledger.data_keys ENABLE ALWAYS TRIGGER data_keys_are_new;
CREATE TRIGGER data_keys_day_moves BEFORE UPDATE ON ledger.data_keys FOR EACH ROW EXECUTE FUNCTION ledger.check_key_day();
ALTER TABLE ledger.data_keys ENABLE ALWAYS TRIGGER data_keys_day_moves;
CREATE TRIGGER duties_fixed BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.duties FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.duties ENABLE ALWAYS TRIGGER duties_fixed;
CREATE TRIGGER events_dense AFTER INSERT ON ledger.events REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_density();
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER events_dense;
CREATE TRIGGER events_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.events FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER events_immutable;
CREATE TRIGGER exclusions_number_rises BEFORE UPDATE ON ledger.exclusions FOR EACH ROW WHEN (((new.number IS DISTINCT FROM (old.number + 1)) OR ((new.is_one IS DISTINCT FROM old.is_one) OR (new.stream IS DISTINCT FROM old.stream)))) EXECUTE FUNCTION ledger.keep_number_rising();
ALTER TABLE ledger.exclusions ENABLE ALWAYS TRIGGER exclusions_number_rises;
CREATE CONSTRAINT TRIGGER head_is_last AFTER INSERT OR UPDATE ON ledger.head DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_head_is_last();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_is_last;
CREATE TRIGGER head_rises BEFORE UPDATE ON ledger.head FOR EACH ROW EXECUTE FUNCTION ledger.check_head_rises();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_rises;
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON ledger.head FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_stays;
CREATE CONSTRAINT TRIGGER lookups_go_with_keys AFTER DELETE ON ledger.lookups DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_lookup_has_no_key();
ALTER TABLE ledger.lookups ENABLE ALWAYS TRIGGER lookups_go_with_keys;
CREATE TRIGGER quarantine_stays_settled BEFORE UPDATE ON ledger.quarantine FOR EACH ROW EXECUTE FUNCTION ledger.keep_settled();
ALTER TABLE ledger.quarantine ENABLE ALWAYS TRIGGER quarantine_stays_settled;
CREATE TRIGGER sealed_parts_fixed BEFORE UPDATE OR TRUNCATE ON ledger.sealed_parts FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.sealed_parts ENABLE ALWAYS TRIGGER sealed_parts_fixed;
ALTER TABLE ONLY ledger.bulk_parts
    ADD CONSTRAINT bulk_parts_bulk_fkey FOREIGN KEY (bulk) REFERENCES ledger.bulk_transfers(bulk) ON DELETE CASCADE;
ALTER TABLE ONLY ledger.bulk_pieces
    ADD CONSTRAINT bulk_pieces_bulk_fkey FOREIGN KEY (bulk) REFERENCES ledger.bulk_transfers(bulk) ON DELETE CASCADE;
ALTER TABLE ONLY ledger.export_pieces
    ADD CONSTRAINT export_pieces_export_fkey FOREIGN KEY (export) REFERENCES ledger.exports(export) ON DELETE CASCADE;
ALTER TABLE ONLY ledger.register_pieces
    ADD CONSTRAINT register_pieces_register_fkey FOREIGN KEY (register) REFERENCES ledger.registers(register) ON DELETE CASCADE;
GRANT USAGE ON SCHEMA ledger TO ledger_writer;
GRANT USAGE ON SCHEMA ledger TO ledger_projector;
GRANT USAGE ON SCHEMA ledger TO ledger_purger;
GRANT USAGE ON SCHEMA ledger TO ledger_reader;
GRANT USAGE ON SCHEMA projections TO ledger_projector;
GRANT USAGE ON SCHEMA projections TO ledger_reader;
GRANT USAGE ON SCHEMA projections TO ledger_purger;
REVOKE ALL ON FUNCTION ledger.append_new(streams uuid[], versions bigint[], topics text[], states bytea[], commands uuid[], partitions integer[], macs bytea[], keys bytea[], part_partitions integer[], part_events bigint[], part_ns integer[], parts bytea[], part_keys bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.append_new(streams uuid[], versions bigint[], topics text[], states bytea[], commands uuid[], partitions integer[], macs bytea[], keys bytea[], part_partitions integer[], part_events bigint[], part_ns integer[], parts bytea[], part_keys bytea[]) TO ledger_writer;
REVOKE ALL ON FUNCTION ledger.append_next(of_stream uuid, next_version bigint, topic text, state bytea, command uuid, partition integer, mac bytea, part bytea, part_key bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.append_next(of_stream uuid, next_version bigint, topic text, state bytea, command uuid, partition integer, mac bytea, part bytea, part_key bytea) TO ledger_writer;
REVOKE ALL ON FUNCTION ledger.check_new_key() FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.drop_empty_partitions(before integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.drop_empty_partitions(before integer) TO ledger_purger;
REVOKE ALL ON FUNCTION ledger.ensure_partition(wanted integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.ensure_partition(wanted integer) TO ledger_writer;
REVOKE ALL ON FUNCTION ledger.keep_number_rising() FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.keep_revoked() FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.keep_settled() FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.lo_creat(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION projections.counted(upto bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION projections.counted(upto bigint) TO ledger_projector;
REVOKE ALL ON FUNCTION projections.serve(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION projections.serve(wanted text) TO ledger_projector;
GRANT SELECT,INSERT ON TABLE ledger.accepted_sources TO ledger_writer;
GRANT SELECT ON TABLE ledger.accepted_sources TO ledger_reader;
GRANT UPDATE(first_at) ON TABLE ledger.accepted_sources TO ledger_writer;
GRANT UPDATE(last_at) ON TABLE ledger.accepted_sources TO ledger_writer;
GRANT SELECT ON TABLE ledger.answers TO ledger_reader;
GRANT SELECT,INSERT ON TABLE ledger.answers TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.answers TO ledger_purger;
GRANT UPDATE(fingerprint) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(command) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(claim) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(claimed_at) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(again) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(state) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(key_id) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(sealed) ON TABLE ledger.answers TO ledger_writer;
GRANT UPDATE(mac) ON TABLE ledger.answers TO ledger_writer;
GRANT SELECT ON TABLE ledger.api_keys TO ledger_writer;
GRANT UPDATE(revoked_at) ON TABLE ledger.api_keys TO ledger_writer;
GRANT UPDATE(last_used_day) ON TABLE ledger.api_keys TO ledger_writer;
GRANT UPDATE(revoked_by) ON TABLE ledger.api_keys TO ledger_writer;
GRANT UPDATE(mac) ON TABLE ledger.api_keys TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.bulk_parts TO ledger_writer;
GRANT UPDATE(upload) ON TABLE ledger.bulk_parts TO ledger_writer;
GRANT UPDATE(lines) ON TABLE ledger.bulk_parts TO ledger_writer;
GRANT UPDATE(sealed) ON TABLE ledger.bulk_parts TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.bulk_pieces TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.bulk_transfers TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.bulk_transfers TO ledger_purger;
GRANT SELECT ON TABLE ledger.bulk_transfers TO ledger_reader;
GRANT UPDATE(changed_at) ON TABLE ledger.bulk_transfers TO ledger_writer;
GRANT UPDATE(state) ON TABLE ledger.bulk_transfers TO ledger_writer;
GRANT UPDATE(key_id) ON TABLE ledger.bulk_transfers TO ledger_writer;
GRANT UPDATE(told) ON TABLE ledger.bulk_transfers TO ledger_writer;
GRANT SELECT,INSERT ON TABLE ledger.data_keys TO ledger_writer;
GRANT SELECT ON TABLE ledger.data_keys TO ledger_projector;
GRANT SELECT,DELETE ON TABLE ledger.data_keys TO ledger_purger;
GRANT SELECT ON TABLE ledger.data_keys TO ledger_reader;
GRANT UPDATE(day) ON TABLE ledger.data_keys TO ledger_purger;
GRANT UPDATE(epoch) ON TABLE ledger.data_keys TO ledger_purger;
GRANT UPDATE(wrapped) ON TABLE ledger.data_keys TO ledger_purger;
GRANT SELECT,INSERT ON TABLE ledger.duties TO ledger_writer;
GRANT SELECT ON TABLE ledger.duties TO ledger_projector;
GRANT SELECT ON TABLE ledger.duties TO ledger_purger;
GRANT SELECT ON TABLE ledger.duties TO ledger_reader;
GRANT SELECT ON TABLE ledger.event_macs TO ledger_writer;
GRANT SELECT ON TABLE ledger.event_macs TO ledger_projector;
GRANT SELECT ON TABLE ledger.event_macs TO ledger_purger;
GRANT SELECT ON TABLE ledger.event_macs TO ledger_reader;
GRANT SELECT,INSERT ON TABLE ledger.events TO ledger_writer;
GRANT SELECT ON TABLE ledger.events TO ledger_projector;
GRANT SELECT,INSERT ON TABLE ledger.events TO ledger_purger;
GRANT SELECT ON TABLE ledger.events TO ledger_reader;
GRANT SELECT ON TABLE ledger.exclusions TO ledger_reader;
GRANT SELECT,INSERT ON TABLE ledger.exclusions TO ledger_writer;
GRANT UPDATE(token) ON TABLE ledger.exclusions TO ledger_writer;
GRANT UPDATE(key_id) ON TABLE ledger.exclusions TO ledger_writer;
GRANT UPDATE(sealed) ON TABLE ledger.exclusions TO ledger_writer;
GRANT UPDATE(number) ON TABLE ledger.exclusions TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.export_pieces TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.exports TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.exports TO ledger_purger;
GRANT SELECT ON TABLE ledger.exports TO ledger_reader;
GRANT UPDATE(changed_at) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(state) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(attempts) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(done) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(of_all) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(error) ON TABLE ledger.exports TO ledger_writer;
GRANT UPDATE(told) ON TABLE ledger.exports TO ledger_writer;
GRANT SELECT ON TABLE ledger.form_drafts TO ledger_reader;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.form_drafts TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.form_drafts TO ledger_purger;
GRANT UPDATE(kept_at) ON TABLE ledger.form_drafts TO ledger_writer;
GRANT UPDATE(key_id) ON TABLE ledger.form_drafts TO ledger_writer;
GRANT UPDATE(sealed) ON TABLE ledger.form_drafts TO ledger_writer;
GRANT SELECT ON TABLE ledger.head TO ledger_writer;
GRANT SELECT ON TABLE ledger.head TO ledger_projector;
GRANT SELECT ON TABLE ledger.head TO ledger_purger;
GRANT SELECT ON TABLE ledger.head TO ledger_reader;
GRANT UPDATE("position") ON TABLE ledger.head TO ledger_writer;
GRANT UPDATE("position") ON TABLE ledger.head TO ledger_purger;
GRANT SELECT,INSERT ON TABLE ledger.heartbeats TO ledger_writer;
GRANT SELECT ON TABLE ledger.heartbeats TO ledger_reader;
GRANT UPDATE(beat_at) ON TABLE ledger.heartbeats TO ledger_writer;
GRANT SELECT ON TABLE ledger.idle_epochs TO ledger_reader;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.idle_epochs TO ledger_purger;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.leases TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.leases TO ledger_purger;
GRANT UPDATE(attempt) ON TABLE ledger.leases TO ledger_writer;
GRANT UPDATE(attempt) ON TABLE ledger.leases TO ledger_purger;
GRANT UPDATE(taken_at) ON TABLE ledger.leases TO ledger_writer;
GRANT UPDATE(taken_at) ON TABLE ledger.leases TO ledger_purger;
GRANT SELECT,INSERT ON TABLE ledger.lookups TO ledger_writer;
GRANT SELECT ON TABLE ledger.lookups TO ledger_projector;
GRANT SELECT,DELETE ON TABLE ledger.lookups TO ledger_purger;
GRANT SELECT ON TABLE ledger.lookups TO ledger_reader;
GRANT SELECT ON TABLE ledger.migrations TO ledger_writer;
GRANT SELECT ON TABLE ledger.migrations TO ledger_projector;
GRANT SELECT ON TABLE ledger.migrations TO ledger_purger;
GRANT SELECT ON TABLE ledger.migrations TO ledger_reader;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.officer_names TO ledger_writer;
GRANT DELETE ON TABLE ledger.officer_names TO ledger_purger;
GRANT SELECT(place) ON TABLE ledger.officer_names TO ledger_reader;
GRANT SELECT(place) ON TABLE ledger.officer_names TO ledger_purger;
GRANT UPDATE(signed_in_at) ON TABLE ledger.officer_names TO ledger_writer;
GRANT SELECT(key_id) ON TABLE ledger.officer_names TO ledger_reader;
GRANT UPDATE(key_id) ON TABLE ledger.officer_names TO ledger_writer;
GRANT SELECT(key_id) ON TABLE ledger.officer_names TO ledger_purger;
GRANT UPDATE(sealed) ON TABLE ledger.officer_names TO ledger_writer;
GRANT SELECT ON TABLE ledger.proven_expiries TO ledger_writer;
GRANT SELECT ON TABLE ledger.proven_expiries TO ledger_projector;
GRANT SELECT ON TABLE ledger.proven_expiries TO ledger_purger;
GRANT SELECT ON TABLE ledger.proven_expiries TO ledger_reader;
GRANT SELECT ON TABLE ledger.quarantine TO ledger_reader;
GRANT SELECT ON TABLE ledger.quarantine TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.quarantine TO ledger_purger;
GRANT INSERT(id) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(content_key) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(received_at) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(key_id) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(sealed),UPDATE(sealed) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(codes) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE(attempts) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE(state) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE(proposed_by) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE(resolved_by) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE("position") ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(restricted) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(item_key) ON TABLE ledger.quarantine TO ledger_writer;
GRANT UPDATE(mac) ON TABLE ledger.quarantine TO ledger_writer;
GRANT INSERT(unreadable) ON TABLE ledger.quarantine TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.register_pieces TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.registers TO ledger_writer;
GRANT SELECT,DELETE ON TABLE ledger.registers TO ledger_purger;
GRANT SELECT ON TABLE ledger.registers TO ledger_reader;
GRANT UPDATE(changed_at) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(state) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(bytes) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(told) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(rows_done) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(rows_all) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(counts) ON TABLE ledger.registers TO ledger_writer;
GRANT UPDATE(error) ON TABLE ledger.registers TO ledger_writer;
GRANT SELECT,INSERT ON TABLE ledger.sealed_parts TO ledger_writer;
GRANT SELECT ON TABLE ledger.sealed_parts TO ledger_projector;
GRANT SELECT,DELETE ON TABLE ledger.sealed_parts TO ledger_purger;
GRANT SELECT ON TABLE ledger.sealed_parts TO ledger_reader;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.sessions TO ledger_writer;
GRANT UPDATE(seen_at) ON TABLE ledger.sessions TO ledger_writer;
GRANT UPDATE(mac) ON TABLE ledger.sessions TO ledger_writer;
GRANT SELECT,INSERT,DELETE ON TABLE ledger.used_proofs TO ledger_writer;
GRANT UPDATE(until) ON TABLE ledger.used_proofs TO ledger_writer;
GRANT SELECT ON TABLE projections.belated_a TO ledger_purger;
GRANT SELECT ON TABLE projections.belated_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.belated_a TO ledger_projector;
GRANT SELECT ON TABLE projections.belated TO ledger_purger;
GRANT SELECT ON TABLE projections.belated TO ledger_reader;
GRANT SELECT ON TABLE projections.belated TO ledger_projector;
GRANT SELECT ON TABLE projections.belated_b TO ledger_purger;
GRANT SELECT ON TABLE projections.belated_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.belated_b TO ledger_projector;
GRANT SELECT ON TABLE projections.carried_a TO ledger_purger;
GRANT SELECT ON TABLE projections.carried_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.carried_a TO ledger_projector;
GRANT SELECT ON TABLE projections.carried_b TO ledger_purger;
GRANT SELECT ON TABLE projections.carried_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.carried_b TO ledger_projector;
GRANT SELECT ON TABLE projections.days_a TO ledger_purger;
GRANT SELECT ON TABLE projections.days_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.days_a TO ledger_projector;
GRANT SELECT ON TABLE projections.days TO ledger_purger;
GRANT SELECT ON TABLE projections.days TO ledger_reader;
GRANT SELECT ON TABLE projections.days TO ledger_projector;
GRANT SELECT ON TABLE projections.days_b TO ledger_purger;
GRANT SELECT ON TABLE projections.days_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.days_b TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.entries_a TO ledger_purger;
GRANT SELECT ON TABLE projections.entries_a TO ledger_reader;
GRANT SELECT ON TABLE projections.entries_a TO ledger_writer;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.entries_a TO ledger_projector;
GRANT SELECT ON TABLE projections.entries TO ledger_purger;
GRANT SELECT ON TABLE projections.entries TO ledger_reader;
GRANT SELECT ON TABLE projections.entries TO ledger_writer;
GRANT SELECT ON TABLE projections.entries TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.entries_b TO ledger_purger;
GRANT SELECT ON TABLE projections.entries_b TO ledger_reader;
GRANT SELECT ON TABLE projections.entries_b TO ledger_writer;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.entries_b TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.findings_a TO ledger_purger;
GRANT SELECT ON TABLE projections.findings_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.findings_a TO ledger_projector;
GRANT SELECT ON TABLE projections.findings TO ledger_purger;
GRANT SELECT ON TABLE projections.findings TO ledger_reader;
GRANT SELECT ON TABLE projections.findings TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.findings_b TO ledger_purger;
GRANT SELECT ON TABLE projections.findings_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.findings_b TO ledger_projector;
GRANT SELECT ON TABLE projections.findings_keys_a TO ledger_purger;
GRANT SELECT ON TABLE projections.findings_keys_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.findings_keys_a TO ledger_projector;
GRANT SELECT ON TABLE projections.findings_keys_b TO ledger_purger;
GRANT SELECT ON TABLE projections.findings_keys_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.findings_keys_b TO ledger_projector;
GRANT SELECT ON TABLE projections.gone_a TO ledger_purger;
GRANT SELECT ON TABLE projections.gone_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.gone_a TO ledger_projector;
GRANT SELECT ON TABLE projections.gone TO ledger_purger;
GRANT SELECT ON TABLE projections.gone TO ledger_reader;
GRANT SELECT ON TABLE projections.gone TO ledger_projector;
GRANT SELECT ON TABLE projections.gone_b TO ledger_purger;
GRANT SELECT ON TABLE projections.gone_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.gone_b TO ledger_projector;
GRANT SELECT ON TABLE projections.months_a TO ledger_purger;
GRANT SELECT ON TABLE projections.months_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.months_a TO ledger_projector;
GRANT SELECT ON TABLE projections.months_b TO ledger_purger;
GRANT SELECT ON TABLE projections.months_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.months_b TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.namings_a TO ledger_purger;
GRANT SELECT ON TABLE projections.namings_a TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.namings_a TO ledger_projector;
GRANT SELECT ON TABLE projections.namings TO ledger_purger;
GRANT SELECT ON TABLE projections.namings TO ledger_reader;
GRANT SELECT ON TABLE projections.namings TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.namings_b TO ledger_purger;
GRANT SELECT ON TABLE projections.namings_b TO ledger_reader;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.namings_b TO ledger_projector;
GRANT SELECT ON TABLE projections.progress TO ledger_purger;
GRANT SELECT ON TABLE projections.progress TO ledger_reader;
GRANT SELECT ON TABLE projections.progress TO ledger_writer;
GRANT SELECT,UPDATE ON TABLE projections.progress TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.reliances_a TO ledger_purger;
GRANT SELECT ON TABLE projections.reliances_a TO ledger_reader;
GRANT SELECT ON TABLE projections.reliances_a TO ledger_writer;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.reliances_a TO ledger_projector;
GRANT SELECT ON TABLE projections.reliances TO ledger_purger;
GRANT SELECT ON TABLE projections.reliances TO ledger_reader;
GRANT SELECT ON TABLE projections.reliances TO ledger_writer;
GRANT SELECT ON TABLE projections.reliances TO ledger_projector;
GRANT SELECT,DELETE ON TABLE projections.reliances_b TO ledger_purger;
GRANT SELECT ON TABLE projections.reliances_b TO ledger_reader;
GRANT SELECT ON TABLE projections.reliances_b TO ledger_writer;
GRANT SELECT,INSERT,DELETE,TRUNCATE,UPDATE ON TABLE projections.reliances_b TO ledger_projector;
ALTER DEFAULT PRIVILEGES FOR ROLE ledger_owner IN SCHEMA projections GRANT SELECT ON TABLES TO ledger_purger;
ALTER DEFAULT PRIVILEGES FOR ROLE ledger_owner IN SCHEMA projections GRANT SELECT ON TABLES TO ledger_reader;
