"""The table of what the login of the writer may change and delete names every right that it has."""

import re
from typing import Final

import psycopg

from ledger.postgres.roles import WRITER
from tests.database import Database
from tests.docs.markdown import DOCS

_HEAD: Final = "| table | may change | may delete | what that does, and how it would show |"
_RIGHTS: Final = """
    SELECT c.relnamespace::regnamespace::text, c.relname,
           coalesce((SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute AS a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND has_column_privilege(%(role)s, c.oid, a.attnum, 'UPDATE')), '{}'),
           has_table_privilege(%(role)s, c.oid, 'DELETE')
      FROM pg_class AS c
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""

Right = tuple[str, str, bool]
"""Table, columns that may be updated, whether rows may be deleted."""


def told() -> dict[str, tuple[Right, str]]:
    text = (DOCS / "explanation" / "trust.md").read_text("utf-8")
    found: dict[str, tuple[Right, str]] = {}
    for row in text.partition(_HEAD)[2].partition("\n\n")[0].strip().splitlines()[1:]:
        _, table, columns, deletes, words, _ = (cell.strip() for cell in row.split("|"))
        named = ", ".join(sorted(re.findall(r"`(\w+)`", columns)))
        assert deletes in ("yes", "no"), row
        found[table.strip("`")] = ((table.strip("`"), named, deletes == "yes"), words)
    return found


def test_every_right_to_change_or_delete_stands_in_the_table(shared_database: Database) -> None:
    with psycopg.connect(shared_database.urls.serving[WRITER]) as connection:
        rows = connection.execute(_RIGHTS, {"role": WRITER}).fetchall()
    rights = {
        (name if schema == "ledger" else f"{schema}.{name}", ", ".join(columns), deletes)
        for schema, name, columns, deletes in rows
        if columns or deletes
    }
    assert {right for right, _ in told().values()} == rights


def test_each_row_says_what_it_does() -> None:
    rows = told()
    assert len(rows) > 15
    assert [table for table, (_, words) in rows.items() if len(words) < 40] == []
