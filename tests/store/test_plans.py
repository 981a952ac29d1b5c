"""No plan may pass over the whole log: of what the append runs, and of questions by type."""

import re
from collections.abc import Iterator
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from ledger.accesses.acts import ACT_TOPICS, HEADERS_BY, KINDS
from ledger.accesses.service import ACCESS_TOPICS
from ledger.cases.caseload import CASELOAD_TOPICS
from ledger.exclusions.rows import NEWEST
from ledger.procedures.service import PROCEDURE_TOPICS
from ledger.store.append import Appender
from ledger.store.batch_state import ACTIVE
from ledger.store.connections import READER, WRITER
from ledger.store.queries import JUDGING_OF, OF_STREAMS, OF_TOPICS, OF_TOPICS_BY
from tests.database import Database
from tests.store.samples import MACS, new_transfers, writing

STATEMENTS: dict[str, LiteralString] = {
    "standing": ACTIVE,
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


QUESTIONS: dict[str, tuple[LiteralString, tuple[Any, ...], str]] = {
    "looks": (
        OF_TOPICS_BY,
        (list(ACCESS_TOPICS), 0, 10_000, "0001", "A", None, None, 500),
        "events_looks",
    ),
    "looks of one": (
        OF_TOPICS_BY,
        (list(ACCESS_TOPICS), 0, 10_000, "2026", "2027", "a" * 32, "a" * 32, 500),
        "events_looks",
    ),
    "acts": (
        HEADERS_BY,
        (list(ACT_TOPICS), 0, 10_000, None, None, "0001", "A", None, None, 101),
        "events_acts",
    ),
    "acts of one kind": (
        HEADERS_BY,
        (list(KINDS["record"]), 0, 10_000, None, None, "2026", "2027", "a" * 32, "a" * 32, 101),
        "events_acts",
    ),
    "cases": (OF_TOPICS, (list(CASELOAD_TOPICS), 0, None), "events_cases"),
    "new cases": (OF_TOPICS, (["case-received"], 0, None), "events_cases"),
    "procedures": (OF_TOPICS, (list(PROCEDURE_TOPICS), 0, None), "events_procedures"),
}


def indexes(node: dict[str, Any]) -> set[str]:
    """The indexes that a plan reads."""
    found = {node["Index Name"]} if "Index Name" in node else set[str]()
    return found.union(*(indexes(inner) for inner in node.get("Plans", ())))


STATES = ("empty", "filled", "analysed")


def reach(database: Database, state: str) -> None:
    """Bring the ledger from the state before into this one."""
    if state == "filled":
        with writing(database) as connections:
            Appender(connections, MACS.mac).append(new_transfers(3_000))
    if state == "analysed":
        with psycopg.connect(database.admin, autocommit=True) as admin:
            admin.execute("ANALYZE")


def test_each_row_is_found_by_a_key_whatever_the_database_knows_of_its_tables(
    database: Database,
) -> None:
    for state in STATES:
        reach(database, state)
        with psycopg.connect(database.urls.writer, autocommit=True) as connection:
            connection.execute(WRITER)
            connection.execute("SET plan_cache_mode = force_generic_plan")
            statements: dict[str, LiteralString] = {
                **STATEMENTS,
                "append new": checks_of_the_function(connection),
                "append next": look_of_the_next(connection),
            }
            for name, statement in statements.items():
                found = list(scans(generic_plan(connection, statement)))
                assert found, "the statement reads a table that grows"
                for node in found:
                    # A bitmap says its condition again; the newest notice is the last of its index.
                    conditions = {"Index Cond", "Recheck Cond"} & node.keys()
                    by_key = conditions or node.get("Scan Direction") == "Backward"
                    assert by_key, (state, name, node)


def test_a_question_reads_the_index_of_its_types(database: Database) -> None:
    for state in STATES:
        reach(database, state)
        with psycopg.connect(database.urls.reader, autocommit=True) as connection:
            connection.execute(READER)
            plan = connection.execute("EXPLAIN " + NEWEST).fetchall()
            assert any("events_exclusions" in line for (line,) in plan), plan
            for name, (statement, asked, index) in QUESTIONS.items() if state != "empty" else ():
                explain = sql.SQL("EXPLAIN (FORMAT JSON) {}").format(sql.SQL(statement))
                row = connection.execute(explain, asked).fetchone()
                assert row is not None
                [scan] = scans(row[0][0]["Plan"])
                assert index in indexes(scan), (state, name)
                assert scan["Node Type"] != "Seq Scan", (state, name)
