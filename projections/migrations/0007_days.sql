-- What the ledger holds of each day, by source: a count and a product of keyless hashes
-- (ledger.id_set), with which the daily close of an emitter is compared.
--
-- `source` is a keyed hash of a source or of a prefix of one, and `product` is multiplied by a keyed
-- number of its row: a row confirms no guess of an id.
-- Nothing is deleted when keys die: a day is compared in its first months only.
CREATE TABLE projections.days_a (
    source    uuid   NOT NULL,
    day       date   NOT NULL,
    transfers bigint NOT NULL CHECK (transfers > 0),
    product   bytea  NOT NULL CHECK (octet_length(product) = 384),
    PRIMARY KEY (source, day)
) WITH (fillfactor = 50);
CREATE TABLE projections.days_b (LIKE projections.days_a INCLUDING ALL) WITH (fillfactor = 50);

-- Under which key the hashes of a slot were made; NULL: it has no days. A slot that had followed the
-- log before these tables were there goes on without until it is built anew.
ALTER TABLE projections.progress ADD COLUMN days text COLLATE "C";

DO $$
DECLARE
    slot text;
BEGIN
    SELECT p.slot INTO STRICT slot FROM projections.progress AS p WHERE p.serving FOR UPDATE;
    EXECUTE format('CREATE VIEW projections.days AS'
                   ' SELECT source, day, transfers, product FROM projections.%I', 'days_' || slot);
END
$$;
GRANT SELECT ON projections.days TO ledger_reader;
