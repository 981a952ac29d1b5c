-- The command of a request that is under way is believed by a MAC alone (decision 0110): who writes
-- here without the ledger secret gives no request the command of another one.
-- NULL: claimed before this, or by a process of a version before; such a command is not believed.
ALTER TABLE ledger.answers ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);
GRANT UPDATE (mac) ON ledger.answers TO ledger_writer;
