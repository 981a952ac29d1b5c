-- A hold or a case may have several keys of class `held`: what is still named moves to another one
-- before a key dies under which something is no longer named (decision 0097).

DROP INDEX ledger.data_keys_owner;
CREATE UNIQUE INDEX data_keys_owner ON ledger.data_keys (key_class, owner)
    WHERE owner IS NOT NULL AND key_class <> 'held';
CREATE INDEX data_keys_held ON ledger.data_keys (owner) WHERE key_class = 'held';
