-- Which events say which folded name: candidates for a person whose identifiers nobody knows.
--
-- A row of the index says itself which name its event gives the person. So a name dies with the
-- row that says it, not earlier and not later, and one that stands in a million records of a person
-- takes no row more: the B-tree holds each pair once, with the places of its rows behind it.
ALTER TABLE projections.entries_a ADD COLUMN name_key uuid;
ALTER TABLE projections.entries_b ADD COLUMN name_key uuid;
CREATE INDEX entries_a_name ON projections.entries_a (name_key, principal_key)
    WHERE name_key IS NOT NULL;
CREATE INDEX entries_b_name ON projections.entries_b (name_key, principal_key)
    WHERE name_key IS NOT NULL;

-- What no row of the index can say: names that a person took later, whose events belong to no
-- transfer, and a second name that one event gives one person.
CREATE TABLE projections.namings_a (
    principal_key uuid NOT NULL,
    position      bigint NOT NULL,
    name_key      uuid NOT NULL,
    PRIMARY KEY (principal_key, position, name_key)
);
CREATE INDEX namings_a_name ON projections.namings_a (name_key, principal_key);
CREATE INDEX namings_a_position ON projections.namings_a
    USING brin (position int8_minmax_multi_ops) WITH (autosummarize = on);
CREATE TABLE projections.namings_b (LIKE projections.namings_a INCLUDING ALL);

-- Under which folding and which key the names of a slot were made; NULL: it has none. A slot with
-- names of another version goes on without names until it is built anew.
ALTER TABLE projections.progress ADD COLUMN names text COLLATE "C";

DO $$
DECLARE
    slot text;
BEGIN
    SELECT p.slot INTO STRICT slot FROM projections.progress AS p WHERE p.serving FOR UPDATE;
    EXECUTE format('CREATE OR REPLACE VIEW projections.entries AS'
                   ' SELECT principal_key, position, name_key FROM projections.%I',
                   'entries_' || slot);
    EXECUTE format('CREATE VIEW projections.namings AS'
                   ' SELECT principal_key, position, name_key FROM projections.%I',
                   'namings_' || slot);
END
$$;
GRANT SELECT ON projections.namings TO ledger_reader;
GRANT SELECT, DELETE ON projections.namings_a, projections.namings_b TO ledger_purger;
