"""Reasons and open questions: each has its words, its choices, and somebody who reads it."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from ledger.law.procedure.causes import CAUSES
from ledger.law.procedure.codes import LEGAL, OF_MINORS, PERSONS, REPRESENTATIONS, REQUESTERS
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.questions import ELSEWHERE, QUESTIONS, ProcedureReadings
from ledger.law.procedure.reasons import REASONS
from ledger.law.readings import READINGS

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "acceptance" / "case.schema.json").read_bytes())
IDENTITY = next(
    one["properties"] for one in CASES["oneOf"] if one["properties"]["kind"]["const"] == "identity"
)
GIVEN = IDENTITY["given"]["properties"]

# Answers that the stream of a case reads; it comes later.
NOT_YET_READ = {
    "after_death",
    "posted_elsewhere",
    "never_ground_ii_alone",
    "unstated_medium",
    "returned_mail",
    "preparers",
    "tells_days_for_reference",
}
OPEN_NUMBERS = {
    *("A34", "A35", "B08", "C02", "C05", "C06", "E06", "E17", "E18", "F04", "F05", "F06"),
    *("F28", "G01", "G02", "G03", "G04", "G13", "G14"),
}


def test_the_reasons_are_those_of_the_vocabulary_and_one_for_an_operators_own_papers() -> None:
    known = set(IDENTITY["expect"]["properties"]["reasons"]["items"]["enum"])
    assert set(REASONS) == known | {"DOCUMENT_MISSING"}
    assert all(one.label and one.cure.endswith("。") for one in REASONS.values())


def test_each_ground_has_its_causes_and_those_that_never_stand_alone_are_among_them() -> None:
    assert set(CAUSES) == {one.code for one in PUBLISHED[0].grounds if one.code.startswith("ART")}
    assert all(label.strip() for causes in CAUSES.values() for label in causes.values())
    assert set(ProcedureReadings().never_ground_ii_alone) < set(CAUSES["ART33_2_II"])


def test_the_words_are_those_of_the_vocabulary() -> None:
    assert set(REQUESTERS) == set(GIVEN["requester"]["enum"])
    assert set(REPRESENTATIONS) == set(GIVEN["representation"]["enum"])
    assert OF_MINORS < LEGAL < set(REPRESENTATIONS)
    papers = GIVEN["documents"]["items"]["properties"]
    assert set(papers["of"]["enum"]) == PERSONS
    assert set(papers["type"]["enum"]) <= {one.code for one in PUBLISHED[0].documents}


def test_every_open_question_is_a_setting_or_is_answered_elsewhere() -> None:
    assert [one.name for one in fields(ProcedureReadings)] == list(QUESTIONS)
    asked = {number for one in QUESTIONS.values() for number in one.numbers} - {"-"}
    assert asked | set(ELSEWHERE) == OPEN_NUMBERS
    assert not asked & set(ELSEWHERE)
    for place in ELSEWHERE.values():
        for name in re.findall(r"`(\w+)` in ledger\.law\.readings", place):
            assert name in READINGS


def test_every_question_states_its_choices_its_default_and_why() -> None:
    hints = get_type_hints(ProcedureReadings)
    for name, default in ((one.name, one.default) for one in fields(ProcedureReadings)):
        question = QUESTIONS[name]
        assert question.point
        assert question.reason
        match default:
            case bool():
                assert set(question.choices) == {"true", "false"}
            case tuple():
                assert set(question.choices) == {"list"}
            case _:
                assert set(question.choices) == set(get_args(hints[name]))
                assert default in question.choices


def test_every_answer_is_read_by_a_policy_or_waits_for_the_case() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "ledger" / "policies").rglob("*.py")
    )
    read = {name for name in QUESTIONS if re.search(rf"readings\.{name}\b", sources)}
    assert read == set(QUESTIONS) - NOT_YET_READ
