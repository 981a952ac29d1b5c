-- Which transfers have findings, and about which of them something was done: a work list.
--
-- A row for each transfer with findings (`code` empty) and one for each of its codes, at the position
-- where the transfer was recorded. All of it comes out of sealed parts, so it goes with their keys.
CREATE TABLE projections.findings_a (
    position    bigint NOT NULL,
    code        text COLLATE "C" NOT NULL,
    -- 2: something is to be done, about this code; 1: about another one; 0: about none.
    standing    smallint NOT NULL CHECK (standing BETWEEN 0 AND 2),
    -- Of the transfer: unlawful for one of its persons at least.
    is_unlawful boolean NOT NULL,
    -- Whether its emitter marked it under Order 11, as a keyed hash: in clear it would be told to
    -- whoever reads the database.
    mark        uuid NOT NULL,
    -- Keyed hashes of its source and of all prefixes of it.
    sources     uuid[] NOT NULL,
    PRIMARY KEY (position, code)
);
CREATE INDEX findings_a_listed
    ON projections.findings_a (code, standing, is_unlawful, position);
-- What is to be handled is counted: each of its rows once, and none of what is settled.
CREATE INDEX findings_a_open ON projections.findings_a (position, code)
    INCLUDE (is_unlawful, mark) WHERE standing = 2;
CREATE TABLE projections.findings_b (LIKE projections.findings_a INCLUDING ALL);

-- Under which keys the events of these transfers are sealed: when one dies, the transfer is looked
-- at anew. Headers say it for ever.
CREATE TABLE projections.findings_keys_a (
    key_id   bytea NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (key_id, position)
);
CREATE INDEX findings_keys_a_position ON projections.findings_keys_a (position);
CREATE TABLE projections.findings_keys_b (LIKE projections.findings_keys_a INCLUDING ALL);

-- Under which key the hashes of a slot were made; NULL: it has no findings. A slot that had followed
-- the log before these tables were there goes on without until it is built anew.
ALTER TABLE projections.progress ADD COLUMN findings text COLLATE "C";

DO $$
DECLARE
    slot text;
BEGIN
    SELECT p.slot INTO STRICT slot FROM projections.progress AS p WHERE p.serving FOR UPDATE;
    EXECUTE format('CREATE VIEW projections.findings AS'
                   ' SELECT position, code, standing, is_unlawful, mark, sources'
                   ' FROM projections.%I', 'findings_' || slot);
END
$$;
GRANT SELECT ON projections.findings TO ledger_reader;
GRANT SELECT, DELETE ON projections.findings_a, projections.findings_b TO ledger_purger;
GRANT SELECT ON projections.findings_keys_a, projections.findings_keys_b TO ledger_purger;
