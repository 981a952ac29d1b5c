"""Index rows as the follower writes them, of persons who do not exist: to fill an index beforehand.

The rows name positions that the log does not have, so no history shows them; they take the room and
the depth in the B-tree that those of other people would take.
"""

from collections.abc import Callable
from typing import Final, LiteralString

import psycopg
from psycopg import sql

AT_ONCE: Final = 1_000_000
"""Rows of one COPY."""
FIRST: Final = 1 << 40
"""Position of the first row: far beyond every head."""
PERSONS_EACH: Final = 100
"""Rows of one position."""

# Keys are hashes, so they come in no order; sorted a million at a time, as files of that size are.
_FILL: LiteralString = """
    INSERT INTO projections.{table} (principal_key, position, name_key)
    SELECT key, %(first)s + n / %(each)s, NULL
      FROM (SELECT gen_random_uuid() AS key, n
              FROM generate_series(%(begin)s::bigint, %(end)s::bigint - 1) AS n
             ORDER BY 1) AS made
"""
_ANALYZE: LiteralString = "VACUUM (ANALYZE) projections.{table}"


def filled(
    url: str, table: str, begin: int, end: int, told: Callable[[int], None] = lambda _: None
) -> None:
    """Add the rows from number `begin` to before `end`.

    Args:
        url: of the superuser.
        table: of one slot.
        told: called with the rows that are there, now and then.
    """
    name = sql.Identifier(table)
    fill, analyze = (sql.SQL(one).format(table=name) for one in (_FILL, _ANALYZE))
    with psycopg.connect(url, autocommit=True) as connection:
        for first in range(begin, end, AT_ONCE):
            last = min(first + AT_ONCE, end)
            asked = {"first": FIRST, "each": PERSONS_EACH, "begin": first, "end": last}
            connection.execute(fill, asked)
            told(last)
        connection.execute(analyze)
