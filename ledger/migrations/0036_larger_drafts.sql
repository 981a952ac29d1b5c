-- Whatever a form may hold is kept as a draft: a form has 1 MiB, and a character of one byte takes
-- up to six as JSON.
ALTER TABLE ledger.form_drafts
    DROP CONSTRAINT form_drafts_sealed_check,
    ADD CONSTRAINT form_drafts_sealed_check CHECK (octet_length(sealed) <= 7340060);
