#!/bin/sh
# Runs once, at the first start of the PostgreSQL container: makes the login that owns the ledger's
# database. It may make roles, and is no superuser. The superuser keeps no password: it is reached
# from inside the container alone (`docker compose exec postgres psql -U postgres`).
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -U postgres -d postgres <<'END'
CREATE ROLE ledger LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE ledger OWNER ledger;
\connect ledger
-- The ledger has no large objects.
REVOKE ALL ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
END
