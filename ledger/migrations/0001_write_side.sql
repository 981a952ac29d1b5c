-- The write side: head, events, sealed parts, data keys, lookups, duties; guards and rights.
-- Runs as ledger_owner inside schema ledger, which `ledger.postgres.prepare` made.
-- Text keys are COLLATE "C" everywhere: their order must not change with the host's libraries.

-- 1. Head: the last position. Its row lock orders all appends. --------------------------------

CREATE TABLE ledger.head (
    ledger   text COLLATE "C" PRIMARY KEY CHECK (octet_length(ledger) BETWEEN 1 AND 100),
    position bigint NOT NULL CHECK (position >= 0)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- One database holds one ledger.
CREATE UNIQUE INDEX head_one ON ledger.head ((true));

-- 2. Events: kept for ever. Column names are those of the eventsourcing library. --------------

CREATE TABLE ledger.events (
    notification_id    bigint NOT NULL CHECK (notification_id >= 1),
    originator_id      uuid   NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version >= 1),
    topic              text   COLLATE "C" NOT NULL CHECK (octet_length(topic) BETWEEN 1 AND 200),
    -- A header has at most 4,095 bytes (the codec holds that); here only the order of magnitude.
    state              bytea  NOT NULL CHECK (octet_length(state) <= 65535),
    command            uuid   NOT NULL,
    partition          integer CHECK (partition >= 0),
    CONSTRAINT events_position PRIMARY KEY (notification_id),
    CONSTRAINT events_version UNIQUE (originator_id, originator_version)
);
CREATE INDEX events_command ON ledger.events (command);
CREATE INDEX events_notice ON ledger.events (notification_id)
    WHERE topic IN ('notice-published', 'notice-withdrawn');

-- 3. Sealed parts: ciphertext, deleted with its key, one partition a quarter of death. --------

CREATE TABLE ledger.sealed_parts (
    partition integer NOT NULL,
    position  bigint  NOT NULL CHECK (position >= 1),
    n         integer NOT NULL CHECK (n >= 0),
    part      bytea   NOT NULL CHECK (octet_length(part) <= CASE n WHEN 0 THEN 4194304 ELSE 67108864 END),
    key_id    bytea   NOT NULL CHECK (octet_length(key_id) = 32),
    CONSTRAINT sealed_parts_place PRIMARY KEY (partition, position, n)
) PARTITION BY LIST (partition);
-- Ciphertext does not compress: do not try.
ALTER TABLE ledger.sealed_parts ALTER COLUMN part SET STORAGE EXTERNAL;
CREATE INDEX sealed_parts_key ON ledger.sealed_parts (key_id);

-- Makes the partition of a quarter (year * 4 + quarter 0..3; 0 = movable) if it is missing.
-- ATTACH needs only SHARE UPDATE EXCLUSIVE on the parent, so appends and reads go on meanwhile;
-- CREATE TABLE … PARTITION OF would stop them. Runs with the owner's rights: the writer may not
-- create tables. Call it in a transaction of its own, before the append: whoever holds the head
-- while waiting here for one who waits for the head would end in a deadlock.
CREATE FUNCTION ledger.ensure_partition(wanted integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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
REVOKE ALL ON FUNCTION ledger.ensure_partition(integer) FROM PUBLIC;
SELECT ledger.ensure_partition(0);

-- 4. Data keys, wrapped; a row dies with its key. ---------------------------------------------

CREATE TABLE ledger.data_keys (
    key_id    bytea PRIMARY KEY CHECK (octet_length(key_id) = 32),
    key_class text  COLLATE "C" NOT NULL CHECK (octet_length(key_class) BETWEEN 1 AND 40),
    day       date,
    owner     uuid,
    epoch     text  COLLATE "C" NOT NULL CHECK (octet_length(epoch) BETWEEN 1 AND 100),
    -- nonce (12), ciphertext (32), tag (16)
    wrapped   bytea NOT NULL CHECK (octet_length(wrapped) = 60),
    CHECK (day IS NOT NULL OR owner IS NOT NULL)
);
CREATE UNIQUE INDEX data_keys_day ON ledger.data_keys (key_class, day) WHERE owner IS NULL;
CREATE UNIQUE INDEX data_keys_owner ON ledger.data_keys (key_class, owner) WHERE owner IS NOT NULL;

-- 5. Lookups: keyed hash to stream; a row dies with its key. ----------------------------------

CREATE TABLE ledger.lookups (
    kind   text  COLLATE "C" NOT NULL CHECK (octet_length(kind) BETWEEN 1 AND 40),
    key    bytea NOT NULL CHECK (octet_length(key) = 16),
    stream uuid  NOT NULL,
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 32),
    CONSTRAINT lookups_place PRIMARY KEY (kind, key, stream)
);
CREATE UNIQUE INDEX lookups_unique ON ledger.lookups (kind, key)
    WHERE kind IN ('directive', 'pair', 'series', 'notice');
CREATE INDEX lookups_key ON ledger.lookups (key_id);

-- 6. Duties: what two people must do is written here in the append transaction. ---------------

CREATE TABLE ledger.duties (
    subject  uuid NOT NULL,
    step     text COLLATE "C" NOT NULL CHECK (octet_length(step) BETWEEN 1 AND 100),
    preparer text COLLATE "C" NOT NULL CHECK (octet_length(preparer) BETWEEN 1 AND 200),
    approver text COLLATE "C" NOT NULL CHECK (octet_length(approver) BETWEEN 1 AND 200),
    CONSTRAINT duties_place PRIMARY KEY (subject, step),
    CONSTRAINT duties_two_people CHECK (preparer <> approver)
);

-- 7. Guards. They stop accidents and the application's roles. The owner and a superuser can
--    switch them off; the log tree is what shows that. SQLSTATEs of our own: LG001 immutable,
--    LG002 not dense, LG003 head. -------------------------------------------------------------

CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'LG001';
END
$$;

-- Statement level: refused even where no row matches. ALWAYS: also in a replica-mode session.
CREATE TRIGGER events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER events_immutable;
CREATE TRIGGER sealed_parts_fixed BEFORE UPDATE OR TRUNCATE ON ledger.sealed_parts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.sealed_parts ENABLE ALWAYS TRIGGER sealed_parts_fixed;
CREATE TRIGGER duties_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.duties
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.duties ENABLE ALWAYS TRIGGER duties_fixed;
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON ledger.head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_stays;

-- Positions are dense: each INSERT continues the last position without a hole and does not pass
-- the head, which is therefore moved first, in the same transaction.
CREATE FUNCTION ledger.check_density() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER events_dense AFTER INSERT ON ledger.events
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_density();
ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER events_dense;

CREATE FUNCTION ledger.check_head_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ledger IS DISTINCT FROM OLD.ledger OR NEW.position < OLD.position THEN
        RAISE EXCEPTION 'the head only rises, and keeps its name' USING ERRCODE = 'LG003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER head_rises BEFORE UPDATE ON ledger.head
    FOR EACH ROW EXECUTE FUNCTION ledger.check_head_rises();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_rises;

-- At commit the head is the last event's position: no position is promised and left empty.
CREATE FUNCTION ledger.check_head_is_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT position FROM ledger.head)
        <> (SELECT coalesce(max(notification_id), 0) FROM ledger.events) THEN
        RAISE EXCEPTION 'the head is not the last position' USING ERRCODE = 'LG003';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER head_is_last AFTER INSERT OR UPDATE ON ledger.head
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_head_is_last();
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_is_last;

-- 8. Rights. What is not granted here is not allowed; tests/postgres tries every verb. --------

GRANT USAGE ON SCHEMA ledger TO ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT ON ledger.migrations
    TO ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT ON ledger.head, ledger.events, ledger.sealed_parts, ledger.data_keys, ledger.lookups,
    ledger.duties TO ledger_writer, ledger_projector, ledger_purger, ledger_reader;

GRANT INSERT ON ledger.events, ledger.sealed_parts, ledger.data_keys, ledger.lookups,
    ledger.duties TO ledger_writer;
GRANT UPDATE (position) ON ledger.head TO ledger_writer;
GRANT EXECUTE ON FUNCTION ledger.ensure_partition(integer) TO ledger_writer;

GRANT INSERT ON ledger.events TO ledger_purger;
GRANT UPDATE (position) ON ledger.head TO ledger_purger;
GRANT DELETE ON ledger.sealed_parts, ledger.data_keys, ledger.lookups TO ledger_purger;
