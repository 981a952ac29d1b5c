"""Looks, cases and procedures are found by their types: no question passes over the whole log."""

from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from ledger.accesses.acts import ACT_TOPICS, HEADERS_BY, KINDS
from ledger.accesses.service import ACCESS_TOPICS
from ledger.cases.caseload import CASELOAD_TOPICS
from ledger.procedures.service import PROCEDURE_TOPICS
from ledger.store.append import Appender
from ledger.store.connections import READER
from ledger.store.queries import OF_TOPICS, OF_TOPICS_BY
from tests.database import Database
from tests.store.samples import new_transfers, writing
from tests.store.test_plans import scans

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


@pytest.mark.parametrize("state", ["filled", "analysed"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_reads_the_index_of_its_types(database: Database, name: str, state: str) -> None:
    statement, asked, index = QUESTIONS[name]
    with writing(database) as connections:
        Appender(connections).append(new_transfers(3_000))
    if state == "analysed":
        with psycopg.connect(database.admin, autocommit=True) as admin:
            admin.execute("ANALYZE")
    with psycopg.connect(database.urls.reader, autocommit=True) as connection:
        connection.execute(READER)
        explain = sql.SQL("EXPLAIN (FORMAT JSON) {}").format(sql.SQL(statement))
        row = connection.execute(explain, asked).fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    [scan] = scans(plan)
    assert index in indexes(scan)
    assert scan["Node Type"] != "Seq Scan"
