"""A read side as it was before a migration: what the migration made is taken away again."""

from typing import Final, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.crypto.pseudonyms import LedgerSecret
from projections.progress import serving

_BEFORE_OWNER: Final[tuple[LiteralString, ...]] = (
    "DROP FUNCTION projections.serve",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 8",
)
_GIVEN: Final[tuple[LiteralString, ...]] = (
    "REVOKE ALL ON SCHEMA projections FROM ledger_projector",
    "REVOKE ALL ON ALL TABLES IN SCHEMA projections FROM ledger_projector",
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA projections FROM ledger_projector",
    "ALTER SCHEMA projections OWNER TO ledger_projector",
    "ALTER FUNCTION projections.counted OWNER TO ledger_projector",
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE ledger_owner IN SCHEMA projections"
        " REVOKE SELECT ON TABLES FROM ledger_reader, ledger_purger"
    ),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE ledger_projector IN SCHEMA projections"
        " GRANT SELECT ON TABLES TO ledger_reader, ledger_purger"
    ),
)
_RELATIONS: Final = (
    "SELECT relname FROM pg_class"
    " WHERE relnamespace = 'projections'::regnamespace AND relkind IN ('r', 'v')"
)
_DROP_MARKS: Final[tuple[LiteralString, ...]] = (
    "ALTER TABLE projections.progress DROP COLUMN marks",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 9",
)
_DROP_DAYS: Final[tuple[LiteralString, ...]] = (
    "DROP VIEW projections.days",
    "DROP TABLE projections.days_a, projections.days_b",
    "ALTER TABLE projections.progress DROP COLUMN days",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 7",
)
_DROP_BELATED: Final[tuple[LiteralString, ...]] = (
    "DROP VIEW projections.belated",
    "DROP TABLE projections.belated_a, projections.belated_b",
    "ALTER TABLE projections.progress DROP COLUMN belated",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 6",
)
_DROP_FINDINGS: Final[tuple[LiteralString, ...]] = (
    "DROP VIEW projections.findings",
    "DROP TABLE projections.findings_a, projections.findings_b",
    "DROP TABLE projections.findings_keys_a, projections.findings_keys_b",
    "ALTER TABLE projections.progress DROP COLUMN findings",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 5",
)
_DROP: Final[tuple[LiteralString, ...]] = (
    "DROP VIEW projections.namings",
    "DROP VIEW projections.entries",
    "DROP TABLE projections.namings_a, projections.namings_b",
    "ALTER TABLE projections.entries_a DROP COLUMN name_key",
    "ALTER TABLE projections.entries_b DROP COLUMN name_key",
    "ALTER TABLE projections.progress DROP COLUMN names",
)
_VIEW: Final[dict[str, LiteralString]] = {
    "a": "CREATE VIEW projections.entries AS"
    " SELECT principal_key, position FROM projections.entries_a",
    "b": "CREATE VIEW projections.entries AS"
    " SELECT principal_key, position FROM projections.entries_b",
}
_RIGHTS: Final[tuple[LiteralString, ...]] = (
    "ALTER VIEW projections.entries OWNER TO ledger_owner",
    "GRANT SELECT ON projections.entries TO ledger_reader, ledger_writer, ledger_purger",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 4",
)


def before_owner(admin: psycopg.Connection, at: int = 7) -> None:
    """Undo `0008_owner.sql`: the read side is the projector's, as all was that it made.

    Args:
        at: the last migration that it has then, 6 or 7.
    """
    for statement in (*_DROP_MARKS, *_BEFORE_OWNER, *(_DROP_DAYS if at < 7 else ()), *_GIVEN):
        admin.execute(statement)
    for (name,) in admin.execute(_RELATIONS).fetchall():
        admin.execute(
            sql.SQL("ALTER TABLE {} OWNER TO ledger_projector").format(
                sql.Identifier("projections", name)
            )
        )


def before_names(admin: psycopg.Connection) -> None:
    """Undo `0004_names.sql`, and what came after it."""
    older = (*_DROP_MARKS, *_BEFORE_OWNER, *_DROP_DAYS, *_DROP_BELATED, *_DROP_FINDINGS, *_DROP)
    for statement in (*older, _VIEW[serving(admin)], *_RIGHTS):
        admin.execute(statement)


def without_marks(connection: psycopg.Connection, secret: LedgerSecret) -> None:
    """From here on, both slots are of before there were marks in the index."""
    streams = connection.execute("SELECT DISTINCT originator_id FROM ledger.events").fetchall()
    marks = [
        secret.mark_key(one, is_marked=is_marked)
        for (one,) in streams
        for is_marked in (False, True)
    ]
    keys = [UUID(bytes=one) for one in marks]
    for table in ("entries_a", "entries_b"):
        connection.execute(
            sql.SQL("DELETE FROM {} WHERE principal_key = ANY(%s)").format(
                sql.Identifier("projections", table)
            ),
            (keys,),
        )
    connection.execute("UPDATE projections.progress SET marks = NULL")
