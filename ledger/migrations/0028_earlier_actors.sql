-- The actors that whoever is signed in had in older versions: a code spelled otherwise, an account
-- (decision 0104). Sessions of such a version do not say them: everybody signs in once more.
ALTER TABLE ledger.sessions ADD COLUMN earlier text[] COLLATE "C" NOT NULL DEFAULT '{}';
DELETE FROM ledger.sessions;
