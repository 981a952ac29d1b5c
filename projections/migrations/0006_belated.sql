-- Events that a late notice, stop or link may touch although they stand behind it.
--
-- Whatever recorded a transfer behind such a cause was judged with it in view, nearly always: the
-- work list of late causes then never looks there. The exceptions are these, a row each: what speaks
-- of a transfer after it was recorded (a part of it, a correction, a copy), and what was recorded
-- behind a cause that its verdict had not yet seen. All of it stands in headers, which live for
-- ever, so nothing is deleted here.
CREATE TABLE projections.belated_a (
    position bigint PRIMARY KEY
);
CREATE TABLE projections.belated_b (LIKE projections.belated_a INCLUDING ALL);

-- Whether a slot has them. One that had followed the log before these tables were there goes on
-- without until it is built anew, and the work list then looks at everything, as it did before.
ALTER TABLE projections.progress ADD COLUMN belated boolean NOT NULL DEFAULT false;

DO $$
DECLARE
    slot text;
BEGIN
    SELECT p.slot INTO STRICT slot FROM projections.progress AS p WHERE p.serving FOR UPDATE;
    EXECUTE format('CREATE VIEW projections.belated AS SELECT position FROM projections.%I',
                   'belated_' || slot);
END
$$;
GRANT SELECT ON projections.belated TO ledger_reader;
