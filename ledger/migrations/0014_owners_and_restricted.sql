-- Whose an API key is, and which rejected items are restricted.

-- The person or the account behind a key: all keys of one owner are one actor, and so is a token of
-- the same issuer and subject. `person` and a code, or `token`, the issuer and the subject, with a
-- line feed between. NULL: the key is an actor of its own, as those made before this are.
ALTER TABLE ledger.api_keys
    ADD COLUMN owner text COLLATE "C"
        CHECK (owner ~ E'^(person\n[!-~]+|token\n[!-~]+\n[^\n]+)$' AND octet_length(owner) <= 1024);

-- Whether the item was sent with a mark under Order 11: who may not mark is neither shown nor
-- counted it. NULL: kept before there was this column; whoever opens it sees.
ALTER TABLE ledger.quarantine ADD COLUMN restricted boolean;
