-- The read side. Everything here is rebuilt from the events alone.
--
-- Each read model has two slots, a and b: one serves, the other is empty or being rebuilt. A view
-- names the serving slot, so that a switch is one statement and readers never see half of one.

CREATE TABLE projections.progress (
    slot     text COLLATE "C" PRIMARY KEY CHECK (slot IN ('a', 'b')),
    serving  boolean NOT NULL,
    position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO projections.progress (slot, serving, position) VALUES ('a', true, 0), ('b', false, 0);
CREATE UNIQUE INDEX progress_one_serves ON projections.progress (serving) WHERE serving;

-- Which events hold a line of which person. Thin on purpose: days and kinds belong to the transfer.
-- Every key begins with the principal, so that the table can be distributed by it later; no foreign
-- keys, no sequences, for the same reason.
CREATE TABLE projections.entries_a (
    principal_key uuid NOT NULL,
    position      bigint NOT NULL,
    PRIMARY KEY (principal_key, position)
);
CREATE TABLE projections.entries_b (LIKE projections.entries_a INCLUDING ALL);
CREATE VIEW projections.entries AS SELECT principal_key, position FROM projections.entries_a;

-- Which transfers name which notice or filing: whom a late version touches.
CREATE TABLE projections.reliances_a (
    notice_key uuid NOT NULL,
    position   bigint NOT NULL,
    PRIMARY KEY (notice_key, position)
);
CREATE TABLE projections.reliances_b (LIKE projections.reliances_a INCLUDING ALL);
CREATE VIEW projections.reliances AS SELECT notice_key, position FROM projections.reliances_a;

GRANT SELECT ON ALL TABLES IN SCHEMA projections TO ledger_reader, ledger_writer, ledger_purger;
GRANT DELETE ON projections.entries_a, projections.entries_b,
    projections.reliances_a, projections.reliances_b TO ledger_purger;
