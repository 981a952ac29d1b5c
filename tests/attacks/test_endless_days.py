"""Days and instants without an end in the rows of the database.

Attack: whoever has the login of the writer puts `infinity` where a day or an instant stands, the
day of a key's last use, say: no program can read it, and no list of that table is shown any more.

Held off by: a check of every such column that the login may write.
"""

from typing import Final

import psycopg
import pytest

from tests.database import Database

UNCHECKED: Final = """
    SELECT c.relname, a.attname
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
       AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
       AND has_column_privilege('ledger_writer', c.oid, a.attnum, 'INSERT, UPDATE')
       AND NOT EXISTS (
           SELECT FROM pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
              AND pg_get_constraintdef(k.oid) LIKE format('CHECK (isfinite(%I))%%', a.attname))
"""
KEY: Final = """
    INSERT INTO ledger.api_keys (id, secret_sha256, label, scopes, created_at, expires_at)
    VALUES ('aaaaaaaaaaaaaaaa', decode(repeat('00', 32), 'hex'), 'x', ARRAY['records:read'],
            now(), now() + interval '1 day')
"""


def test_every_day_and_instant_that_the_writer_may_write_has_an_end(
    shared_database: Database,
) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        assert connection.execute(UNCHECKED).fetchall() == []


@pytest.mark.parametrize("day", ["infinity", "-infinity"])
def test_the_day_of_a_keys_last_use_has_an_end(shared_database: Database, day: str) -> None:
    with (
        psycopg.connect(shared_database.admin) as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(KEY)
        connection.execute("SET LOCAL ROLE ledger_writer")
        with pytest.raises(psycopg.errors.CheckViolation, match="api_keys_last_used_day_finite"):
            connection.execute("UPDATE ledger.api_keys SET last_used_day = %s", (day,))
