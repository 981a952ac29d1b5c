-- Rows that let somebody in carry a MAC under a subkey of the ledger secret (decision 0110): who
-- writes here without the secret makes no session and no key.

-- Sessions are short: everybody signs in once more.
DELETE FROM ledger.sessions;
ALTER TABLE ledger.sessions ADD COLUMN mac bytea NOT NULL CHECK (octet_length(mac) = 32);
GRANT UPDATE (seen_at, mac) ON ledger.sessions TO ledger_writer;

-- NULL: made before this. Such a key opens nothing until somebody with the secret has looked at it
-- (`ledger keys confirm`); no process does that by itself, on no mark that stands here.
ALTER TABLE ledger.api_keys ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);
GRANT UPDATE (mac) ON ledger.api_keys TO ledger_writer;
