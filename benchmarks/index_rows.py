"""Index rows as the follower writes them, of persons who do not exist: to fill an index beforehand.

The rows name positions that the log does not have, so no history shows them; they take the room and
the depth in the B-tree that those of other people would take.
"""

from typing import Final, LiteralString

import psycopg
from psycopg import sql

AT_ONCE: Final = 10_000_000
"""Rows of one statement."""
FIRST: Final = 1 << 40
"""Position of the first row: far beyond every head."""
PERSONS_EACH: Final = 100
"""Rows of one position."""

_FILL: LiteralString = """
    INSERT INTO projections.{table} (principal_key, position, name_key)
    SELECT gen_random_uuid(), %(first)s + n / %(each)s, NULL
      FROM generate_series(%(begin)s::bigint, %(end)s::bigint - 1) AS n
"""
_TABLE: LiteralString = "ALTER TABLE projections.{table} "
_DROP: LiteralString = _TABLE + "DROP CONSTRAINT {key}"
_ADD: LiteralString = _TABLE + "ADD CONSTRAINT {key} PRIMARY KEY (principal_key, position)"
_ANALYZE: LiteralString = "VACUUM (ANALYZE) projections.{table}"


def filled(url: str, table: str, begin: int, end: int) -> None:
    """Add the rows from number `begin` to before `end`; their B-tree is built anew.

    Args:
        url: of the superuser.
        table: of one slot.
    """
    names = {"table": sql.Identifier(table), "key": sql.Identifier(f"{table}_pkey")}
    fill, drop, add, analyze = (
        sql.SQL(one).format(**names) for one in (_FILL, _DROP, _ADD, _ANALYZE)
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(drop)
        for first in range(begin, end, AT_ONCE):
            last = min(first + AT_ONCE, end)
            asked = {"first": FIRST, "each": PERSONS_EACH, "begin": first, "end": last}
            connection.execute(fill, asked)
        connection.execute(add)
        connection.execute(analyze)
