"""Who may do what, table by table and verb by verb; what is not in `ALLOWED` must be refused."""

from contextlib import closing
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg import sql

from ledger.postgres.roles import OWNER, PROJECTOR, PURGER, READER, ROLES, WRITER
from ledger.retention.expiry_write import RUN_LOCK
from ledger.store import connections
from ledger.store.advisory_lock import exclusive_lock
from tests.database import Database
from tests.matrix import every

ROLES_BOUND: Final = (WRITER, PROJECTOR, PURGER, READER)
ALL: Final = frozenset(ROLES_BOUND)
NONE: Final = frozenset[str]()
VERBS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")

# Table: a column that may be updated where the table allows an update at all, else any column;
# who may SELECT, INSERT, UPDATE, DELETE. Nobody may TRUNCATE.
ALLOWED: Final = {
    "head": ("position", ALL, NONE, {WRITER, PURGER}, NONE),
    "events": ("state", ALL, {WRITER, PURGER}, NONE, NONE),
    "sealed_parts": ("part", ALL, {WRITER}, NONE, {PURGER}),
    "data_keys": ("day", ALL, {WRITER}, {PURGER}, {PURGER}),
    "key_ids": ("key_id", NONE, NONE, NONE, NONE),
    "lookups": ("stream", ALL, {WRITER}, NONE, {PURGER}),
    "duties": ("approver", ALL, {WRITER}, NONE, NONE),
    "migrations": ("name", ALL, NONE, NONE, NONE),
    "event_macs": ("after", ALL, NONE, NONE, NONE),
    "proven_expiries": ("after", ALL, NONE, NONE, NONE),
    "api_keys": ("last_used_day", {WRITER}, NONE, {WRITER}, NONE),
    "form_drafts": ("kept_at", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {WRITER, PURGER}),
    "registers": ("state", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {WRITER, PURGER}),
    "officer_names": (
        "signed_in_at",
        {WRITER, PURGER, READER},
        {WRITER},
        {WRITER},
        {WRITER, PURGER},
    ),
    "register_pieces": ("number", {WRITER}, {WRITER}, NONE, {WRITER}),
    "exports": ("state", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {WRITER, PURGER}),
    "export_pieces": ("number", {WRITER}, {WRITER}, NONE, {WRITER}),
    "bulk_transfers": ("state", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {WRITER, PURGER}),
    "bulk_parts": ("upload", {WRITER}, {WRITER}, {WRITER}, {WRITER}),
    "bulk_pieces": ("number", {WRITER}, {WRITER}, NONE, {WRITER}),
    "sessions": ("seen_at", {WRITER}, {WRITER}, {WRITER}, {WRITER}),
    "used_proofs": ("until", {WRITER}, {WRITER}, {WRITER}, {WRITER}),
    "leases": ("attempt", {WRITER, PURGER}, {WRITER, PURGER}, {WRITER, PURGER}, {WRITER, PURGER}),
    "idle_epochs": ("since", {PURGER, READER}, {PURGER}, NONE, {PURGER}),
    "quarantine": ("state", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {PURGER}),
    "answers": ("state", {WRITER, PURGER, READER}, {WRITER}, {WRITER}, {PURGER}),
    "exclusions": ("token", {WRITER, READER}, {WRITER}, {WRITER}, NONE),
    "heartbeats": ("beat_at", {WRITER, READER}, {WRITER}, {WRITER}, NONE),
    "accepted_sources": ("last_at", {WRITER, READER}, {WRITER}, {WRITER}, NONE),
}
ATTEMPTS: Final[dict[str, LiteralString]] = {
    "SELECT": "SELECT count(*) FROM ledger.{table}",
    "INSERT": "INSERT INTO ledger.{table} SELECT * FROM ledger.{table} WHERE false",
    "UPDATE": "UPDATE ledger.{table} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM ledger.{table} WHERE false",
    "TRUNCATE": "TRUNCATE ledger.{table}",
}
# Where whoever may insert rows gives some of the columns alone.
OWN_INSERT: Final[dict[str, LiteralString]] = {
    "quarantine": "INSERT INTO ledger.{table} (id) SELECT id FROM ledger.{table} WHERE false",
}

FORBIDDEN_TO_ALL: Final[tuple[LiteralString, ...]] = (
    "CREATE TABLE ledger.mine (a integer)",
    "CREATE TABLE public.mine (a integer)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION ledger.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP TABLE ledger.events",
    "DROP TRIGGER events_immutable ON ledger.events",
    "DROP SCHEMA ledger CASCADE",
    "ALTER TABLE ledger.events DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.events ADD COLUMN mine integer",
    "ALTER TABLE ledger.events OWNER TO current_user",
    "CREATE INDEX mine ON ledger.events (topic)",
    "DO 'BEGIN LOCK TABLE ledger.events IN ACCESS EXCLUSIVE MODE; END'",
    "SET session_replication_role = replica",
    "SET log_statement = 'all'",
    "CREATE ROLE mine",
    "ALTER ROLE ledger_reader SUPERUSER",
    "COPY ledger.events TO PROGRAM 'cat'",
    "COPY ledger.events FROM '/etc/hostname'",
    "SELECT pg_read_file('/etc/hostname')",
    "ALTER SYSTEM SET fsync = off",
)


MADE: Final[tuple[LiteralString, ...]] = (
    "CREATE TABLE {schema}.mine (a integer)",
    "CREATE VIEW {schema}.mine AS SELECT 1 AS a",
    "CREATE MATERIALIZED VIEW {schema}.mine AS SELECT 1 AS a",
    "CREATE SEQUENCE {schema}.mine",
    "CREATE FUNCTION {schema}.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE {schema}.mine() LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE {schema}.mine (integer) (SFUNC = int4pl, STYPE = integer)",
    "CREATE TYPE {schema}.mine AS (a integer)",
    "CREATE DOMAIN {schema}.mine AS integer",
    "CREATE OPERATOR {schema}.=== (FUNCTION = int8eq, LEFTARG = bigint, RIGHTARG = bigint)",
    'CREATE COLLATION {schema}.mine FROM "C"',
    "CREATE TEXT SEARCH CONFIGURATION {schema}.mine (COPY = simple)",
)
CHANGED: Final[tuple[LiteralString, ...]] = (
    (
        "CREATE TRIGGER mine AFTER DELETE ON projections.entries_a"
        " FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "CREATE RULE mine AS ON DELETE TO projections.entries_a DO INSTEAD NOTHING",
    "CREATE POLICY mine ON projections.entries_a USING (true)",
    "CREATE INDEX mine ON projections.entries_a (position)",
    "ALTER TABLE projections.entries_a ADD COLUMN mine integer",
    "ALTER TABLE projections.entries_a ADD CHECK (position > 0)",
    "ALTER TABLE projections.entries_a ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE projections.progress ALTER COLUMN belated SET DEFAULT true",
    "ALTER TABLE projections.entries_a OWNER TO current_user",
    (
        "CREATE OR REPLACE VIEW projections.reliances AS SELECT notice_key, position"
        " FROM projections.reliances_b"
    ),
    "CREATE OR REPLACE FUNCTION projections.serve(wanted text) RETURNS void LANGUAGE sql AS ''",
    "DROP VIEW projections.entries",
    "DROP FUNCTION projections.counted(bigint)",
    "DROP SCHEMA projections CASCADE",
    "ALTER SCHEMA projections RENAME TO mine",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION ledger.refuse()",
    "CREATE CAST (bigint AS date) WITHOUT FUNCTION",
    "CREATE EXTENSION file_fdw",
    "CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
)
# What roles own in this database: its own objects and nothing of the whole server.
OWNED_BY_OTHERS: Final = """
    SELECT classid::regclass::text, objid, refobjid::regrole::text FROM pg_shdepend
     WHERE deptype = 'o' AND refobjid IN (SELECT oid FROM pg_roles WHERE rolname = ANY(%s))
       AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
GIVEN_TO: Final = """
    SELECT c.relname, one.privilege_type
      FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS one
      LEFT JOIN pg_roles AS g ON g.oid = one.grantee
     WHERE c.relnamespace = %s::regnamespace AND coalesce(g.rolname, 'public') = %s
"""


Attempt = tuple[str, str, str, bool]
"""Role, table, verb, and whether it is allowed."""


def attempts() -> list[Attempt]:
    return [
        (role, table, verb, role in who)
        for table, (_, *allowed) in ALLOWED.items()
        for verb, who in zip(VERBS, (*allowed, NONE), strict=True)
        for role in ROLES_BOUND
    ]


def connect(database: Database, role: str) -> psycopg.Connection:
    url = {
        OWNER: database.urls.owner,
        WRITER: database.urls.writer,
        PROJECTOR: database.urls.projector,
        PURGER: database.urls.purger,
        READER: database.urls.reader,
    }[role]
    return psycopg.connect(url, autocommit=True)


@every("role", ROLES)
def test_a_connection_has_its_role_and_not_more(shared_database: Database, role: str) -> None:
    with connect(shared_database, role) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (role, False)


@every("role, table, verb, is_allowed", attempts())
def test_a_role_may_do_what_its_table_says_and_nothing_else(
    shared_database: Database, role: str, table: str, verb: str, *, is_allowed: bool
) -> None:
    own = OWN_INSERT.get(table, ATTEMPTS["INSERT"]) if verb == "INSERT" else ATTEMPTS[verb]
    column = sql.Identifier(ALLOWED[table][0])
    statement = sql.SQL(own).format(table=sql.Identifier(table), column=column)
    with connect(shared_database, role) as connection:
        if is_allowed:
            connection.execute(statement)
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_every_table_of_the_write_side_is_in_the_list(shared_database: Database) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'ledger'::regnamespace "
            "AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition"
        ).fetchall()
    assert {name for (name,) in rows} == set(ALLOWED)


def test_nobody_touches_a_partition_past_its_table(shared_database: Database) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        rows = connection.execute(
            "SELECT relname, relacl FROM pg_class "
            "WHERE relnamespace = 'ledger'::regnamespace AND relispartition AND relkind = 'r'"
        ).fetchall()
    assert rows
    assert all(rights is None for _, rights in rows)


@every("column", ["key_id", "key_class", "owner"])
def test_the_purger_moves_days_and_changes_no_keys_identity(
    shared_database: Database, column: str
) -> None:
    statement = sql.SQL("UPDATE ledger.data_keys SET {column} = {column} WHERE false")
    with connect(shared_database, PURGER) as connection:
        for allowed in ("day", "epoch", "wrapped"):
            connection.execute(statement.format(column=sql.Identifier(allowed)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.format(column=sql.Identifier(column)))


@every(
    "table",
    [f"{table}_{slot}" for table in ("entries", "namings", "reliances") for slot in ("a", "b")],
)
@every("role", [WRITER, PURGER, READER])
def test_index_rows_are_deleted_by_the_purger_alone(
    shared_database: Database, role: str, table: str
) -> None:
    name = sql.Identifier("projections", table)
    with connect(shared_database, role) as connection:
        if role == PURGER:
            connection.execute(sql.SQL("DELETE FROM {} WHERE position = 0").format(name))
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("DELETE FROM {} WHERE position = 0").format(name))
        for refused in ("UPDATE {} SET position = 0 WHERE false", "TRUNCATE {}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL(refused).format(name))


@every("table", ["head", "duties"])
def test_a_role_updates_only_the_column_it_was_given(shared_database: Database, table: str) -> None:
    column = {"head": "ledger", "duties": "subject"}[table]
    statement = sql.SQL("UPDATE ledger.{} SET {column} = {column}").format(
        sql.Identifier(table), column=sql.Identifier(column)
    )
    with (
        psycopg.connect(shared_database.urls.writer) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@every("role", ROLES_BOUND)
@every("statement", FORBIDDEN_TO_ALL)
def test_no_working_role_changes_the_schema_the_guards_or_the_server(
    shared_database: Database, role: str, statement: LiteralString
) -> None:
    with (
        connect(shared_database, role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@every("role", ROLES_BOUND)
@every(
    "who, statement",
    [
        (WRITER, "SELECT ledger.ensure_partition(8101)"),
        (PURGER, "SELECT ledger.drop_empty_partitions(0)"),
        (PROJECTOR, "SELECT projections.serve('a')"),
    ],
)
def test_only_the_role_whose_work_it_is_calls_what_runs_with_the_owners_rights(
    shared_database: Database, role: str, who: str, statement: LiteralString
) -> None:
    with connect(shared_database, role) as connection:
        if role == who:
            connection.execute(statement)
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_what_the_read_side_has_is_the_owners_and_the_reader_sees_it(
    database: Database,
) -> None:
    with connect(database, OWNER) as connection:
        connection.execute("CREATE TABLE projections.made_by_a_test (a integer)")
    for role in (PURGER, READER):
        with connect(database, role) as connection:
            assert connection.execute("SELECT * FROM projections.made_by_a_test").fetchall() == []
    for role in ROLES_BOUND:
        with (
            connect(database, role) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("INSERT INTO projections.made_by_a_test VALUES (1)")


def test_nobody_but_the_owner_owns_anything(shared_database: Database) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        assert connection.execute(OWNED_BY_OTHERS, (list(ROLES_BOUND),)).fetchall() == []


def test_who_fills_the_read_side_changes_rows_and_nothing_else(shared_database: Database) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        found = {
            (name, right)
            for name, right in connection.execute(GIVEN_TO, ("projections", PROJECTOR)).fetchall()
        }
    tables = {name for name, right in found if right == "TRUNCATE"}
    verbs = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    assert len(tables) == 20  # two slots of ten
    assert {one for one in found if one[0] in tables} == {
        (table, verb) for table in tables for verb in verbs
    }
    assert {right for name, right in found if name not in tables | {"progress"}} == {"SELECT"}
    assert {right for name, right in found if name == "progress"} == {"SELECT", "UPDATE"}


def test_no_right_on_a_table_hangs_code_on_it(shared_database: Database) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        found = [
            (schema, role, one)
            for schema in ("ledger", "projections")
            for role in (*ROLES_BOUND, "public")
            for one in connection.execute(GIVEN_TO, (schema, role)).fetchall()
            if one[1] in ("TRIGGER", "REFERENCES", "MAINTAIN")
        ]
    assert found == []


@every("role", ROLES_BOUND)
def test_no_working_role_makes_anything_in_any_schema(shared_database: Database, role: str) -> None:
    made: list[str] = []
    with connect(shared_database, role) as connection:
        for schema in ("ledger", "projections", "public", "pg_catalog"):
            for statement in MADE:
                try:
                    connection.execute(sql.SQL(statement).format(schema=sql.Identifier(schema)))
                except psycopg.errors.InsufficientPrivilege:
                    continue
                made.append(f"{schema}: {statement}")
    assert made == []


@every("role", ROLES_BOUND)
@every("statement", CHANGED)
def test_no_working_role_changes_the_read_side(
    shared_database: Database, role: str, statement: LiteralString
) -> None:
    with (
        connect(shared_database, role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_only_one_of_the_two_slots_may_serve(shared_database: Database) -> None:
    with connect(shared_database, PROJECTOR) as connection:
        for other in ("c", None):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                connection.execute("SELECT projections.serve(%s)", (other,))


def test_the_login_of_the_reader_holds_up_the_daily_run_which_rights_do_not_hold_off(
    shared_database: Database,
) -> None:
    with (
        connect(shared_database, READER) as reader,
        closing(connections.Connections(shared_database.urls.purger, connections.PURGER)) as purger,
    ):
        reader.execute("SELECT pg_advisory_lock(%s)", (RUN_LOCK,))
        with exclusive_lock(purger, RUN_LOCK) as lease:
            assert lease is None
        reader.execute("SELECT pg_advisory_unlock(%s)", (RUN_LOCK,))
        with exclusive_lock(purger, RUN_LOCK) as lease:
            assert lease is not None


def test_what_runs_with_the_owners_rights_looks_names_up_in_no_schema_of_others(
    shared_database: Database,
) -> None:
    with psycopg.connect(shared_database.admin) as connection:
        rows = connection.execute(
            "SELECT oid::regprocedure::text, proconfig FROM pg_proc WHERE prosecdef"
            " AND pronamespace IN ('ledger'::regnamespace, 'projections'::regnamespace)"
        ).fetchall()
    assert {name for name, _ in rows} == {
        "ledger.ensure_partition(integer)",
        "ledger.drop_empty_partitions(integer)",
        "ledger.check_new_key()",
        "projections.serve(text)",
    }
    assert all("search_path=pg_catalog, pg_temp" in config for _, config in rows)


@every("column", ["state", "proposed_by", "resolved_by", "position", "mac", "attempts"])
def test_a_rejected_item_begins_as_one_that_waits(shared_database: Database, column: str) -> None:
    statement = (
        "INSERT INTO ledger.quarantine (id, {column}) SELECT id, {column} FROM ledger.quarantine"
    )
    with (
        connect(shared_database, WRITER) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(sql.SQL(statement).format(column=sql.Identifier(column)))
