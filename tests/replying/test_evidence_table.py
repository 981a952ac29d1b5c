"""The table of the papers in the evidence of a case: no cell of it is a formula."""

import csv
import io
import zipfile
from copy import deepcopy

import pytest

from api.auth import Caller
from api.auth.people import scopes_of
from api.resources.cases.dispatch.evidence import Evidence
from ledger.cases.steps import CheckDocuments
from ledger.commands import PublishProcedure
from ledger.crypto.pseudonyms import random_uuid
from tests.law.papers import document_with
from tests.ledger.case_given import GOOD, NOON, SEAL
from tests.ledger.given import ACTOR
from tests.ledger.spreadsheets import FORMULAS, cells_of, unguarded
from tests.replying.desk import Desk

HOSTILE = (("=1+1", 'a"\r\n=1,"'), ("＠1", "\t=1"), ("a;=1", "a|'+1"))
"""What the two papers of the case are called."""


@pytest.mark.parametrize("labels", HOSTILE)
def test_what_an_operator_calls_a_paper_is_a_text_in_the_table(
    desk: Desk, labels: tuple[str, str]
) -> None:
    """Names of papers are the operator's own words, and the only free texts of the table."""
    version = deepcopy(document_with({"effective_from": "2026-11-01"}))
    for row in version["documents"]:
        row["label_ja"] = labels[row["code"] == SEAL.kind]
    publish = PublishProcedure(random_uuid(), ACTOR, version)
    desk.inside.ledger.publish_procedure(publish, NOON)
    desk.begin().do(CheckDocuments(GOOD))
    caller = Caller("0" * 32, "person", scopes_of(["officer"]), None)
    ledger = desk.inside.ledger
    head = ledger.streams.reads.head()
    made = Evidence(desk.stream, caller, "点検").make_document(ledger, desk.replies, head)
    with zipfile.ZipFile(io.BytesIO(made.content)) as folder:
        raw = folder.read("verification.csv").decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(raw, newline="")))
    assert {len(row) for row in table} == {6}, "no quote and no comma ends a cell"
    papers = [row[0] for row in table[1:] if row[1]]
    assert papers, "the papers are told"
    assert {unguarded(one) for one in papers} == {*labels}
    assert not [one for one in cells_of(raw) if one.lstrip().startswith(FORMULAS)]
