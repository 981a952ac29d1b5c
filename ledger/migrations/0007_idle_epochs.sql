-- Epochs whose master wraps no key any more, and since when: the backup horizon counts from there.

-- A row is made by the first run of `ledger keys rotate` that leaves nothing under the master, and
-- deleted when a later run finds a key under it again. No row: nobody knows, so it counts from anew.
CREATE TABLE ledger.idle_epochs (
    epoch text COLLATE "C" PRIMARY KEY CHECK (octet_length(epoch) BETWEEN 1 AND 40),
    since date NOT NULL
);

REVOKE ALL ON ledger.idle_epochs
    FROM PUBLIC, ledger_writer, ledger_projector, ledger_purger, ledger_reader;
GRANT SELECT ON ledger.idle_epochs TO ledger_reader;
GRANT SELECT, INSERT, DELETE ON ledger.idle_epochs TO ledger_purger;
