"""A read side as it was before a migration: what the migration made is taken away again."""

from typing import Final, LiteralString

import psycopg

from projections.follower import serving

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
    "ALTER VIEW projections.entries OWNER TO ledger_projector",
    "GRANT SELECT ON projections.entries TO ledger_reader, ledger_writer, ledger_purger",
    "DELETE FROM ledger.migrations WHERE room = 'projections' AND number = 4",
)


def before_days(admin: psycopg.Connection) -> None:
    """Undo `0007_days.sql`."""
    for statement in _DROP_DAYS:
        admin.execute(statement)


def before_belated(admin: psycopg.Connection) -> None:
    """Undo `0006_belated.sql`, and what came after it."""
    before_days(admin)
    for statement in _DROP_BELATED:
        admin.execute(statement)


def before_findings(admin: psycopg.Connection) -> None:
    """Undo `0005_findings.sql`, and what came after it."""
    before_belated(admin)
    for statement in _DROP_FINDINGS:
        admin.execute(statement)


def before_names(admin: psycopg.Connection) -> None:
    """Undo `0004_names.sql`, and what came after it."""
    before_findings(admin)
    for statement in (*_DROP, _VIEW[serving(admin)], *_RIGHTS):
        admin.execute(statement)
