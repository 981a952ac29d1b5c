"""Code that the login of the projector puts into the read side, for others to run.

Attack: whoever has the login of the projector makes a function and hangs it on a table of the read
side: as a trigger, a rule, a default, a policy or a view. Whoever touches the table then runs it
with their own rights: the purger, which deletes rows there every day, or the owner, who migrates.
In a ledger of a version before this could be done; what was planted then is still there.

Held off by: the owner owns the read side, and the projector may change rows alone (0110). The next
migration compares what stands there with what the ledger makes, runs none of it, drops all of it
where it differs, and names it. The follower fills the read side anew, from the events.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Final, LiteralString

import psycopg
import pytest

from ledger.postgres.prepare import prepare
from projections.expired_rows import forget
from projections.progress import progress_of, serving
from projections.rebuild import rebuild
from tests.database import LEDGER_NAME, Database, Server, rooms
from tests.ledger.given import data
from tests.ledger.inside import Inside, inside
from tests.projections.older import before_owner

FUNCTION: Final = """
    CREATE FUNCTION projections.planted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_user = 'ledger_purger' THEN
            DELETE FROM ledger.sealed_parts;
            DELETE FROM ledger.data_keys;
        END IF;
        RETURN NULL;
    END $$
"""
TAKES: Final = """
    CREATE FUNCTION projections.taken() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM ledger.sealed_parts;
        RETURN true;
    END $$
"""
PLANTED: Final[Mapping[str, tuple[LiteralString, ...]]] = {
    "a trigger for the purger": (
        FUNCTION,
        (
            "CREATE TRIGGER planted BEFORE DELETE ON projections.entries_a"
            " FOR EACH STATEMENT EXECUTE FUNCTION projections.planted()"
        ),
    ),
    "a trigger for the owner": (
        (
            "CREATE FUNCTION projections.planted() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN SET LOCAL ROLE ledger_owner;"
            " ALTER TABLE ledger.events DISABLE TRIGGER events_immutable;"
            " DELETE FROM ledger.events; RETURN NULL; END $$"
        ),
        (
            "CREATE TRIGGER planted AFTER UPDATE ON projections.progress"
            " FOR EACH STATEMENT EXECUTE FUNCTION projections.planted()"
        ),
    ),
    "a rule": (
        (
            "CREATE RULE planted AS ON DELETE TO projections.entries_a"
            " DO ALSO DELETE FROM ledger.sealed_parts"
        ),
    ),
    "a view that runs code": (
        TAKES,
        (
            "CREATE OR REPLACE VIEW projections.reliances AS SELECT notice_key, position"
            " FROM projections.reliances_a WHERE projections.taken()"
        ),
    ),
    "a condition of the server's own functions": (
        (
            "ALTER TABLE projections.progress ADD CHECK"
            " (query_to_xml('DELETE FROM ledger.sealed_parts', true, true, '') IS NOT NULL)"
            " NOT VALID"
        ),
    ),
    "a condition in the place of ours": (
        "ALTER TABLE projections.gone_b DROP CONSTRAINT gone_a_transfers_check",
        TAKES,
        (
            "ALTER TABLE projections.gone_b ADD CONSTRAINT gone_a_transfers_check"
            " CHECK (projections.taken())"
        ),
    ),
    "a default": (
        TAKES,
        "ALTER TABLE projections.progress ALTER COLUMN belated SET DEFAULT projections.taken()",
    ),
    "a policy": (
        TAKES,
        "CREATE POLICY planted ON projections.entries_a USING (projections.taken())",
        "ALTER TABLE projections.entries_a ENABLE ROW LEVEL SECURITY",
    ),
    "row security alone": ("ALTER TABLE projections.entries_a FORCE ROW LEVEL SECURITY",),
    "an index": (
        (
            "CREATE FUNCTION projections.taken(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE"
            " AS 'SELECT 1::bigint'"
        ),
        "CREATE INDEX planted ON projections.entries_a (projections.taken(position))",
    ),
    "a table that is read with ours": (
        "CREATE TABLE projections.planted () INHERITS (projections.entries_a)",
    ),
    "a type, with a cast": (
        "CREATE TYPE projections.planted AS (a integer)",
        (
            "CREATE FUNCTION projections.taken(projections.planted) RETURNS bigint LANGUAGE sql"
            " AS 'SELECT 1::bigint'"
        ),
        (
            "CREATE CAST (projections.planted AS bigint)"
            " WITH FUNCTION projections.taken(projections.planted) AS IMPLICIT"
        ),
    ),
    "an operator": (
        (
            "CREATE FUNCTION projections.taken(bigint, bigint) RETURNS boolean LANGUAGE sql"
            " AS 'SELECT true'"
        ),
        (
            "CREATE OPERATOR projections.= (FUNCTION = projections.taken, LEFTARG = bigint,"
            " RIGHTARG = bigint)"
        ),
    ),
    "another body of our function": (
        (
            "CREATE OR REPLACE FUNCTION projections.counted(upto bigint)"
            " RETURNS TABLE (kind text, key_id bytea, month text, place bigint, transfers bigint)"
            " LANGUAGE plpgsql AS 'BEGIN DELETE FROM ledger.sealed_parts; END'"
        ),
    ),
    "our function with its owner's rights": (
        "ALTER FUNCTION projections.counted(bigint) SECURITY DEFINER",
    ),
    "the way to switch, made beforehand": (
        (
            "CREATE FUNCTION projections.serve(wanted text) RETURNS void LANGUAGE plpgsql"
            " AS 'BEGIN DELETE FROM ledger.sealed_parts; END'"
        ),
    ),
}
COUNTS: Final = (
    "SELECT (SELECT count(*) FROM ledger.events), (SELECT count(*) FROM ledger.sealed_parts),"
    " (SELECT count(*) FROM ledger.data_keys)"
)
NAMED: Final = (
    "planted",
    "taken",
    "counted",
    "serve",
    "reliances",
    "belated",
    "gone_b",
    "entries_a",
    "progress",
)
CODE: Final = """
    SELECT proname FROM pg_proc WHERE pronamespace = 'projections'::regnamespace
                                  AND (proname NOT IN ('counted', 'serve')
                                       OR pg_get_userbyid(proowner) <> 'ledger_owner')
     UNION ALL
    SELECT tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
     WHERE c.relnamespace = 'projections'::regnamespace
     UNION ALL
    SELECT rulename FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
     WHERE c.relnamespace = 'projections'::regnamespace AND rulename <> '_RETURN'
     UNION ALL
    SELECT relname FROM pg_class WHERE relnamespace = 'projections'::regnamespace AND (
        relname IN ('planted', 'loot') OR relrowsecurity OR relforcerowsecurity
        OR pg_get_userbyid(relowner) <> 'ledger_owner'
        OR (relkind = 'v' AND pg_get_viewdef(oid) LIKE '%taken%'))
     UNION ALL
    SELECT conname FROM pg_constraint WHERE connamespace = 'projections'::regnamespace
        AND pg_get_constraintdef(oid) ~ 'taken|query_to_xml'
     UNION ALL
    SELECT 'default' FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) LIKE '%taken%'
     UNION ALL
    SELECT oprname FROM pg_operator WHERE oprnamespace = 'projections'::regnamespace
"""
TABLES: Final = (
    "SELECT oid::regclass::text, pg_relation_filenode(oid) FROM pg_class"
    " WHERE relnamespace = 'projections'::regnamespace AND relkind = 'r' ORDER BY 1"
)


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        for key in ("t1", "t2", "t3"):
            made.record(key, data("P1", "P2"))
        made.follow()
        yield made


def counts(house: Inside) -> tuple[object, ...] | None:
    with psycopg.connect(house.database.admin) as admin:
        return admin.execute(COUNTS).fetchone()


def planted(house: Inside) -> list[object]:
    with psycopg.connect(house.database.admin) as admin:
        return [name for (name,) in admin.execute(CODE)]


def tables(house: Inside) -> list[tuple[object, ...]]:
    with psycopg.connect(house.database.admin) as admin:
        return admin.execute(TABLES).fetchall()


def upgrade(house: Inside, server: Server) -> None:
    base = house.database
    prepare(base.login, LEDGER_NAME, rooms(), admin=server.admin, logins=base.logins)


def works(house: Inside) -> None:
    """Follows, answers, forgets with the purger's rights, and is built anew."""
    house.follow()
    assert [entry.position for entry in house.page("P1").entries] == [1, 2, 3]
    with psycopg.connect(house.database.urls.purger) as purger:
        # Two persons and the mark.
        assert forget(purger.cursor(), [2]) == 3
    assert [entry.position for entry in house.page("P1").entries] == [1, 3]
    rebuild(house.house.follower(), house.connection)
    assert [entry.position for entry in house.page("P1").entries] == [1, 2, 3]


def test_what_was_planted_before_is_gone_with_the_migration_and_named(
    house: Inside, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    before = counts(house)
    failures: list[str] = []
    for what, statements in PLANTED.items():
        with psycopg.connect(house.database.admin, autocommit=True) as admin:
            before_owner(admin)
        with psycopg.connect(house.database.urls.projector, autocommit=True) as projector:
            for statement in statements:
                projector.execute(statement)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "ledger.postgres.takeover"):
            upgrade(house, server)
        named = [str(one.__dict__["names"]) for one in caplog.records]
        if len(named) != 1 or not any(one in named[0] for one in NAMED):
            failures.append(f"{what}: named as {named}")
        if (stays := planted(house)) or counts(house) != before:
            failures.append(f"{what}: {stays} stays, {counts(house)} of {before}")
    assert failures == []
    works(house)
    assert counts(house) == before


@pytest.mark.parametrize(("slot", "older"), [("a", True), ("b", False)])
def test_a_read_side_as_the_ledger_made_it_changes_its_owner_and_keeps_its_rows(
    house: Inside, server: Server, slot: str, caplog: pytest.LogCaptureFixture, *, older: bool
) -> None:
    if slot == "b":
        rebuild(house.house.follower(), house.connection)
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        before_owner(admin, at=6 if older else 7)
    stood = tables(house)
    with caplog.at_level(logging.WARNING, "ledger.postgres.takeover"):
        upgrade(house, server)
        upgrade(house, server)
    assert caplog.records == []
    assert set(stood) <= set(tables(house))
    with psycopg.connect(house.database.urls.reader) as reader:
        assert serving(reader) == slot
        assert progress_of(reader, slot).position == 3
    works(house)


def test_rights_that_were_given_away_are_taken_back(house: Inside, server: Server) -> None:
    with psycopg.connect(house.database.admin, autocommit=True) as admin:
        before_owner(admin)
    with psycopg.connect(house.database.urls.projector, autocommit=True) as projector:
        projector.execute("GRANT CREATE ON SCHEMA projections TO PUBLIC")
        projector.execute("GRANT ALL ON projections.entries_a TO ledger_writer")
        projector.execute("GRANT UPDATE (position) ON projections.entries_b TO ledger_writer")
        projector.execute("GRANT ALL ON FUNCTION projections.counted(bigint) TO PUBLIC")
    upgrade(house, server)
    with psycopg.connect(house.database.admin) as admin:
        row = admin.execute(
            "SELECT has_schema_privilege('ledger_writer', 'projections', 'CREATE'),"
            " has_table_privilege('ledger_writer', 'projections.entries_a', 'TRIGGER, INSERT'),"
            " has_any_column_privilege('ledger_writer', 'projections.entries_b', 'UPDATE'),"
            " has_function_privilege('ledger_reader', 'projections.counted(bigint)', 'EXECUTE')"
        ).fetchone()
    assert row == (False, False, False, False)
