-- How many transfers are gone, by month: of the whole ledger, for whose they were is gone with them.
--
-- Headers alone say it, and they stand for ever: a rebuild after any death gives the same tables.

-- Transfers that live under one key alone, by key and month of recording (Japan, `2026-11`). A row
-- goes with its key, so that a row that is there tells that its key lives.
CREATE TABLE projections.months_a (
    key_id    bytea NOT NULL,
    month     text COLLATE "C" NOT NULL,
    transfers bigint NOT NULL CHECK (transfers >= 0),
    PRIMARY KEY (key_id, month)
) WITH (fillfactor = 80);
CREATE TABLE projections.months_b (LIKE projections.months_a INCLUDING ALL)
    WITH (fillfactor = 80);

-- Transfers that were carried forward: a row for each living key under which one can be read.
-- `position` is that of the event that recorded the transfer.
CREATE TABLE projections.carried_a (
    position bigint NOT NULL,
    key_id   bytea NOT NULL,
    month    text COLLATE "C" NOT NULL,
    PRIMARY KEY (position, key_id)
);
CREATE INDEX carried_a_key ON projections.carried_a (key_id);
CREATE TABLE projections.carried_b (LIKE projections.carried_a INCLUDING ALL);

-- Transfers that nothing opens any more.
CREATE TABLE projections.gone_a (
    month     text COLLATE "C" PRIMARY KEY,
    transfers bigint NOT NULL CHECK (transfers >= 0)
);
CREATE TABLE projections.gone_b (LIKE projections.gone_a INCLUDING ALL);

-- What these tables hold in a slot that has followed up to a position, said once more, as plainly
-- as can be, from all headers: for verifying, and for a ledger that is older than they. A text, not
-- a parsed body: a dump of the read side is restored before there is a write side to look up.
CREATE FUNCTION projections.counted(upto bigint)
    RETURNS TABLE (kind text, key_id bytea, month text, place bigint, transfers bigint)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
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
REVOKE ALL ON FUNCTION projections.counted(bigint) FROM PUBLIC;

-- What was followed before these tables were there is counted now; the slot that does not serve is
-- empty, or is emptied before it is built.
DO $$
DECLARE
    slot    text;
    reached bigint;
BEGIN
    SELECT p.slot, p.position INTO STRICT slot, reached
      FROM projections.progress AS p WHERE p.serving FOR UPDATE;
    EXECUTE format(
        'WITH found AS MATERIALIZED (SELECT * FROM projections.counted(%s)),
              months AS (INSERT INTO projections.%I
                         SELECT key_id, month, transfers FROM found WHERE kind = ''months''),
              carried AS (INSERT INTO projections.%I
                          SELECT place, key_id, month FROM found WHERE kind = ''carried'')
         INSERT INTO projections.%I SELECT month, transfers FROM found WHERE kind = ''gone''',
        reached, 'months_' || slot, 'carried_' || slot, 'gone_' || slot);
    EXECUTE format('CREATE VIEW projections.gone AS SELECT month, transfers FROM projections.%I',
                   'gone_' || slot);
END
$$;
GRANT SELECT ON projections.gone TO ledger_reader;
