"""Gives the read side of a database of before to the owner, with nothing in it but what is ours.

The projector owned it once, and so its login could put code there that others run with their own
rights: a trigger, a rule, a policy, a default, a constraint, an index or a view with a function.
Nothing of such code runs here: the catalogue alone is read, and statements that only define.

What stands there is compared with what the migrations make, in a schema beside it. Is it the same,
it changes its owner and loses all rights that were given. Is it not, all of it is dropped and the
empty one takes its place: everything there comes out of the events, and the follower fills it.
"""

import logging
from collections.abc import Sequence
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from ledger.postgres.errors import PreparationError
from ledger.postgres.migrate import MigrationPackage, migrations
from ledger.postgres.roles import OWNER, PROJECTOR, PURGER, READER

log = logging.getLogger(__name__)

SCHEMA: Final = "projections"
_BEFORE: Final = "projections_before"
_NAMES_MAX: Final = 50

# The catalogue alone, for whoever may not enter the schemas. The function came with the owner.
_IS_DUE: LiteralString = """
    SELECT n.nspowner <> to_regrole(%(owner)s) OR (
               EXISTS (SELECT FROM pg_class c JOIN pg_namespace l ON l.oid = c.relnamespace
                        WHERE l.nspname = 'ledger' AND c.relname = 'migrations')
               AND NOT EXISTS (SELECT FROM pg_proc p
                                WHERE p.pronamespace = n.oid AND p.proname = 'serve'
                                  AND p.proowner = to_regrole(%(owner)s)))
      FROM pg_namespace n WHERE n.nspname = %(schema)s
"""
_HAS_RIGHTS: LiteralString = """
    SELECT pg_has_role(%(owner)s::name, %(projector)s::name, 'USAGE'),
           has_database_privilege(%(owner)s::name, current_database(), 'CREATE')
"""
_HAS_MIGRATIONS: LiteralString = "SELECT to_regclass('ledger.migrations') IS NOT NULL"
_REACHED: LiteralString = "SELECT coalesce(max(number), 0) FROM ledger.migrations WHERE room = %s"
# Everything that hangs on the schema, however far, with what defines it; views name either slot.
_CONTENT: LiteralString = r"""
    WITH RECURSIVE held (classid, objid) AS (
        SELECT 'pg_namespace'::regclass::oid, oid FROM pg_namespace WHERE nspname = %(schema)s
         UNION
        SELECT d.classid, d.objid FROM pg_depend AS d
          JOIN held AS h ON d.refclassid = h.classid AND d.refobjid = h.objid
         WHERE d.classid <> 'pg_default_acl'::regclass
    ), defined (classid, objid, owner, text) AS (
        SELECT h.classid, h.objid, c.relowner,
               concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                         CASE WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid)
                              WHEN c.relkind IN ('v', 'm') THEN regexp_replace(
                                  pg_get_viewdef(c.oid), '_[ab]\M', '_slot', 'g') END,
                         CASE WHEN c.relkind <> 'i' THEN (
                             SELECT string_agg(concat_ws(' ', a.attname, a.atttypid::regtype,
                                        a.atttypmod, a.attnotnull, a.attgenerated, a.attidentity,
                                        a.attcollation::regcollation), ', ' ORDER BY a.attname)
                               FROM pg_attribute AS a
                              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                         END)
          FROM held AS h JOIN pg_class AS c ON c.oid = h.objid
         WHERE h.classid = 'pg_class'::regclass
           AND c.relnamespace <> 'pg_toast'::regnamespace
         UNION ALL
        SELECT h.classid, h.objid, p.proowner,
               concat_ws(' ', p.prokind, p.prosecdef, p.provolatile, p.proretset, p.prolang,
                         p.prorettype::regtype, p.proallargtypes, p.prosupport, p.proconfig,
                         p.probin, p.prosrc, pg_get_function_sqlbody(p.oid))
          FROM held AS h JOIN pg_proc AS p ON p.oid = h.objid
         WHERE h.classid = 'pg_proc'::regclass
         UNION ALL
        SELECT h.classid, h.objid, NULL, pg_get_constraintdef(c.oid)
          FROM held AS h JOIN pg_constraint AS c ON c.oid = h.objid
         -- That a column may not be empty is said with the column.
         WHERE h.classid = 'pg_constraint'::regclass AND c.contype <> 'n'
         UNION ALL
        SELECT h.classid, h.objid, NULL, pg_get_expr(d.adbin, d.adrelid)
          FROM held AS h JOIN pg_attrdef AS d ON d.oid = h.objid
         WHERE h.classid = 'pg_attrdef'::regclass
         UNION ALL
        SELECT h.classid, h.objid, NULL, ''
          FROM held AS h
         WHERE h.classid NOT IN ('pg_namespace'::regclass, 'pg_class'::regclass,
                                 'pg_proc'::regclass, 'pg_constraint'::regclass,
                                 'pg_attrdef'::regclass)
    )
    SELECT replace(concat(i.type, ' ', i.identity), %(schema)s || '.', ''),
           replace(concat(d.owner NOT IN (to_regrole(%(owner)s), to_regrole(%(projector)s)), ' ',
                          d.text), %(schema)s || '.', '')
      FROM defined AS d, LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
"""
_GRANTED: Final[tuple[LiteralString, ...]] = (
    "SCHEMA {}",
    "ALL TABLES IN SCHEMA {}",
    "ALL FUNCTIONS IN SCHEMA {}",
)
_KINDS: Final[dict[str, LiteralString]] = {"v": "VIEW", "r": "TABLE"}
_RELATIONS: LiteralString = """
    SELECT c.relkind::text, c.relname FROM pg_class AS c
     WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'v')
"""
_FUNCTIONS: LiteralString = """
    SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = %s::regnamespace
"""
# Whoever was given a right on the schema, or on anything in it. Empty: everybody.
_GRANTEES: LiteralString = """
    SELECT DISTINCT g.rolname
      FROM (SELECT nspacl AS acl FROM pg_namespace WHERE oid = %(schema)s::regnamespace
             UNION ALL
            SELECT relacl FROM pg_class WHERE relnamespace = %(schema)s::regnamespace
             UNION ALL
            SELECT a.attacl FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
             WHERE c.relnamespace = %(schema)s::regnamespace
             UNION ALL
            SELECT proacl FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace) AS given
     CROSS JOIN LATERAL aclexplode(given.acl) AS one
      LEFT JOIN pg_roles AS g ON g.oid = one.grantee
     WHERE one.grantee <> to_regrole(%(owner)s)
"""
_NAMES: Final = {"schema": SCHEMA, "owner": OWNER, "projector": PROJECTOR}


def take_over(connection: psycopg.Connection, packages: Sequence[MigrationPackage]) -> bool:
    """Whether the read side was somebody else's, and is the owner's now. All of it or nothing.

    Args:
        connection: of somebody who may take the owner's role; in autocommit.
        packages: the read side's is the one of the schema's name; without it nothing is done.

    Raises:
        PreparationError: an administrator must give the owner two rights first.
    """
    package = next((one for one in packages if one.name == SCHEMA), None)
    row = connection.execute(_IS_DUE, _NAMES).fetchone()
    if package is None or row is None or not row[0]:
        return False
    with connection.transaction():
        given = _grant_rights(connection)
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
        connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        _take_over(connection, package)
        connection.execute("RESET ROLE")
        for back in given:
            connection.execute(back)
    return True


def _grant_rights(connection: psycopg.Connection) -> list[sql.Composed]:
    """Give the owner what it needs for this one transaction; what takes that back."""
    database = sql.Identifier(connection.info.dbname)
    owner, projector = sql.Identifier(OWNER), sql.Identifier(PROJECTOR)
    row = connection.execute(_HAS_RIGHTS, _NAMES).fetchone()
    assert row is not None
    missing = [
        (give.format(**names), back.format(**names))
        for has, give, back in zip(
            row,
            (
                sql.SQL("GRANT {projector} TO {owner}"),
                sql.SQL("GRANT CREATE ON DATABASE {database} TO {owner}"),
            ),
            (
                sql.SQL("REVOKE {projector} FROM {owner}"),
                sql.SQL("REVOKE CREATE ON DATABASE {database} FROM {owner}"),
            ),
            strict=True,
        )
        for names in ({"owner": owner, "projector": projector, "database": database},)
        if not has
    ]
    try:
        for give, _ in missing:
            connection.execute(give)
    except psycopg.errors.InsufficientPrivilege as error:
        texts = tuple(f"{give.as_string()};" for give, _ in missing)
        raise PreparationError(texts) from error
    return [back for _, back in missing]


def _take_over(connection: psycopg.Connection, package: MigrationPackage) -> None:
    schema, side_schema, owner = map(sql.Identifier, (SCHEMA, _BEFORE, OWNER))
    reached = 0
    row = connection.execute(_HAS_MIGRATIONS).fetchone()
    if row is not None and row[0]:
        ((reached,),) = connection.execute(_REACHED, (package.name,)).fetchall()
    connection.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(schema, owner))
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(schema, side_schema))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    for migration in migrations(package):
        if migration.number <= reached:
            connection.execute(sql.SQL(cast("LiteralString", migration.text)))
    found = _content(connection, _BEFORE)
    others = found ^ _content(connection, SCHEMA)
    if others:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(side_schema))
        if not found:
            return  # a restored dump of before, of which it was left out
        names = sorted({name for name, _ in others})
        log.warning(
            "the schema projections was not as its migrations make it: all of it was dropped, and "
            "the follower makes it anew from the events; look at who used the login of "
            "ledger_projector",
            extra={"names": ", ".join(names[:_NAMES_MAX]), "count": len(names)},
        )
        return
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(side_schema, schema))
    _own(connection)


def _content(connection: psycopg.Connection, schema: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, text) for name, text in connection.execute(_CONTENT, {**_NAMES, "schema": schema})
    )


def _own(connection: psycopg.Connection) -> None:
    """Make everything in the schema the owner's, and take every right from everybody else."""
    schema, owner = sql.Identifier(SCHEMA), sql.Identifier(OWNER)
    for kind, name in connection.execute(_RELATIONS, (SCHEMA,)).fetchall():
        statement = sql.SQL("ALTER {} {} OWNER TO {}")
        connection.execute(
            statement.format(sql.SQL(_KINDS[kind]), sql.Identifier(SCHEMA, name), owner)
        )
    for (name,) in connection.execute(_FUNCTIONS, (SCHEMA,)).fetchall():
        # Its own words of the server, with the types of its arguments.
        function = sql.SQL(cast("LiteralString", name))
        connection.execute(sql.SQL("ALTER FUNCTION {} OWNER TO {}").format(function, owner))
    for (name,) in connection.execute(_GRANTEES, _NAMES).fetchall():
        grantee = sql.SQL("PUBLIC") if name is None else sql.Identifier(name)
        for what in _GRANTED:
            statement = sql.SQL("REVOKE ALL ON {} FROM {} CASCADE")
            connection.execute(statement.format(sql.SQL(what).format(schema), grantee))
    connection.execute(
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} REVOKE ALL ON TABLES FROM {}, {}"
        ).format(sql.Identifier(PROJECTOR), schema, sql.Identifier(READER), sql.Identifier(PURGER))
    )
