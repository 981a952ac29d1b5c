"""What the append runs is planned once and kept: no plan may pass over the whole log."""

import re
from collections.abc import Iterator
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg import sql

from ledger.store.append import Appender
from ledger.store.batch_state import STANDING
from ledger.store.connections import WRITER
from ledger.store.queries import JUDGING_OF, OF_STREAMS
from tests.database import Database
from tests.store.samples import new_transfers, writing

STATEMENTS: dict[str, LiteralString] = {
    "standing": STANDING,
    "judging": JUDGING_OF,
    "facts of streams": OF_STREAMS,
}
GROWING = frozenset({"events"})


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of the plan that reads a table which grows."""
    if node.get("Relation Name") in GROWING and "Scan" in node["Node Type"]:
        yield node
    for inner in node.get("Plans", ()):
        yield from scans(inner)


def generic_plan(connection: psycopg.Connection, statement: LiteralString) -> dict[str, Any]:
    count = statement.count("%b")
    numbered = iter(range(1, count + 1))
    text = cast("LiteralString", re.sub("%b", lambda _: f"${next(numbered)}", statement))
    connection.execute(sql.SQL("PREPARE asked AS {}").format(sql.SQL(text)))
    values = sql.SQL(", ").join([sql.SQL("NULL")] * count)
    explain = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE asked ({})").format(values)
    row = connection.execute(explain).fetchone()
    connection.execute("DEALLOCATE asked")
    assert row is not None
    return row[0][0]["Plan"]


def checks_of_the_function(connection: psycopg.Connection) -> LiteralString:
    """What `ledger.append_new` asks before it writes, as a statement with parameters."""
    asked = "SELECT prosrc, proargnames, proargtypes::oid[]::regtype[]::text[] FROM pg_proc"
    row = connection.execute(asked + " WHERE proname = 'append_new'").fetchone()
    assert row is not None
    source, names, types = row
    found = re.search(r"IF (EXISTS \(.*?\n    \)) THEN", source, re.DOTALL)
    assert found is not None
    text = found[1]
    for name, kind in zip(names, types, strict=True):
        text = text.replace(f"unnest({name})", f"unnest(%b::{kind})")
    return cast("LiteralString", f"SELECT {text}")


def look_of_the_next(connection: psycopg.Connection) -> LiteralString:
    """What `ledger.append_next` asks of the stream, as a statement with parameters."""
    row = connection.execute("SELECT prosrc FROM pg_proc WHERE proname = 'append_next'").fetchone()
    assert row is not None
    found = re.search(r"(SELECT e\.originator_version) INTO last_version(.*?);", row[0], re.DOTALL)
    assert found is not None
    asked = (found[1] + found[2]).replace("of_stream", "%b::uuid")
    return cast("LiteralString", asked)


@pytest.mark.parametrize("state", ["empty", "filled", "analysed"])
@pytest.mark.parametrize("name", [*STATEMENTS, "append new", "append next"])
def test_each_row_is_found_by_a_key(database: Database, name: str, state: str) -> None:
    if state != "empty":
        with writing(database) as connections:
            Appender(connections).append(new_transfers(3_000))
    if state == "analysed":
        with psycopg.connect(database.admin, autocommit=True) as admin:
            admin.execute("ANALYZE")
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        connection.execute(WRITER)
        connection.execute("SET plan_cache_mode = force_generic_plan")
        asked = look_of_the_next if name == "append next" else checks_of_the_function
        statement = STATEMENTS.get(name) or asked(connection)
        found = list(scans(generic_plan(connection, statement)))
    assert found, "the statement reads a table that grows"
    for node in found:
        # A bitmap says its condition again; the newest notice is the last entry of its own index.
        conditions = {"Index Cond", "Recheck Cond"} & node.keys()
        by_key = conditions or node.get("Scan Direction") == "Backward"
        assert by_key, (node["Relation Name"], node)
