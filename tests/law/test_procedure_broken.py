"""A document that is no procedure is refused at each of its places; limits are exact."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.errors import MalformedError
from ledger.law.procedure.parser import TARGET_DAYS_MAX, read_procedure
from ledger.law.procedure.reader import NUMBER_MAX, ROWS_MAX, TEXT_LENGTH_MAX
from ledger.law.procedure.targets import DayTarget
from tests.law.papers import changed, document_with
from tests.matrix import every


def defects(document: object) -> list[tuple[str, str]]:
    with pytest.raises(MalformedError) as refused:
        read_procedure(document)
    return [(one.pointer, one.code) for one in refused.value.defects]


def _row(table: str, index: int = 0) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: document[table][index]


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], tuple[str, str]]] = {
    "no first day": (lambda it: it.pop("effective_from"), ("/effective_from", "SCHEMA")),
    "no such day": (
        lambda it: it.update(effective_from="2027-02-29"),
        ("/effective_from", "SCHEMA"),
    ),
    "a week date": (
        lambda it: it.update(effective_from="2027-W01-1"),
        ("/effective_from", "SCHEMA"),
    ),
    "no table": (lambda it: it.pop("fee"), ("/fee", "SCHEMA")),
    "an empty table": (lambda it: it.update(fee=[]), ("/fee", "SCHEMA")),
    "too many rows": (
        lambda it: it.update(fee=it["fee"] * (ROWS_MAX + 1)),
        ("/fee", "SCHEMA"),
    ),
    "a row that is none": (lambda it: it.update(operator=[]), ("/operator", "SCHEMA")),
    "a fee below nothing": (lambda it: _row("fee")(it).update(yen=-1), ("/fee/0/yen", "SCHEMA")),
    "a fee of true": (lambda it: _row("fee")(it).update(yen=True), ("/fee/0/yen", "SCHEMA")),
    "a fee beyond": (
        lambda it: _row("fee")(it).update(yen=NUMBER_MAX + 1),
        ("/fee/0/yen", "SCHEMA"),
    ),
    "a broken fee": (lambda it: _row("fee")(it).update(yen=1.5), ("/fee/0/yen", "SCHEMA")),
    "a blank text": (lambda it: _row("desk")(it).update(name=" "), ("/desk/0/name", "SCHEMA")),
    "a long text": (
        lambda it: _row("desk")(it).update(name="字" * (TEXT_LENGTH_MAX + 1)),
        ("/desk/0/name", "SCHEMA"),
    ),
    "no source": (lambda it: _row("reply")(it).pop("source"), ("/reply/0/source", "SCHEMA")),
    "an unknown member": (
        lambda it: _row("fee")(it).update(yen_per_page=10),
        ("/fee/0/yen_per_page", "SCHEMA"),
    ),
    "an unknown table": (lambda it: it.update(remarks=[]), ("/remarks", "SCHEMA")),
    "a table of the law": (lambda it: it.update(retention=[]), ("/retention", "SCHEMA")),
    "a reply to the agent": (
        lambda it: _row("reply", 1)(it).update(to="agent"),
        ("/reply/1/to", "SCHEMA"),
    ),
    "an unknown ground": (
        lambda it: _row("refusal_grounds")(it).update(code="WHIM"),
        ("/refusal_grounds/0/code", "SCHEMA"),
    ),
    "a decision twice": (
        lambda it: _row("refusal_grounds")(it).update(decisions=["not_exist", "not_exist"]),
        ("/refusal_grounds/0/decisions", "SCHEMA"),
    ),
    "a flag that is a word": (
        lambda it: _row("documents")(it).update(substitute="yes"),
        ("/documents/0/substitute", "SCHEMA"),
    ),
    "media that is a word": (
        lambda it: _row("reply_media")(it).update(media="書面"),
        ("/reply_media/0/media", "SCHEMA"),
    ),
    "a row that ends before it begins": (
        lambda it: _row("documents")(it).update(effective_to="2022-09-30"),
        ("/documents/0/effective_to", "DATE_RANGE_REVERSED"),
    ),
    "a ground left out": (
        lambda it: it["refusal_grounds"].pop(),
        ("/refusal_grounds", "ROW_MISSING"),
    ),
    "a requester left out": (lambda it: it["matrix"].pop(), ("/matrix", "ROW_MISSING")),
    "a fee that begins late": (
        lambda it: _row("fee")(it).update(effective_from="2022-10-02"),
        ("/fee", "ROW_MISSING"),
    ),
    "a fee that ends": (
        lambda it: _row("fee")(it).update(effective_to="2027-03-31"),
        ("/fee/0/effective_to", "ROWS_HAVE_GAP"),
    ),
    "two fees at once": (
        lambda it: it["fee"].append(it["fee"][0] | {"effective_from": "2027-04-01"}),
        ("/fee/1/effective_from", "ROWS_OVERLAP"),
    ),
    "two fees on one day": (
        lambda it: it.update(
            fee=[
                it["fee"][0] | {"effective_to": "2027-04-01"},
                it["fee"][0] | {"effective_from": "2027-04-01"},
            ]
        ),
        ("/fee/1/effective_from", "ROWS_OVERLAP"),
    ),
    "a day without a fee": (
        lambda it: it.update(
            fee=[
                it["fee"][0] | {"effective_to": "2027-03-30"},
                it["fee"][0] | {"effective_from": "2027-04-01"},
            ]
        ),
        ("/fee/1/effective_from", "ROWS_HAVE_GAP"),
    ),
    "one paper in two rows": (
        lambda it: it["documents"].append(it["documents"][0]),
        ("/documents/17/effective_from", "ROWS_OVERLAP"),
    ),
    "a slot for no known paper": (
        lambda it: it["matrix"][0]["slots"][1].update(need="diploma"),
        ("/matrix/0/slots/1/need", "DOCUMENT_UNKNOWN"),
    ),
    "a companion that is not known": (
        lambda it: _row("documents", 9)(it).update(together_with="diploma"),
        ("/documents/9/together_with", "DOCUMENT_UNKNOWN"),
    ),
    "no proof for a guardian": (
        lambda it: _row("documents", 15)(it).pop("for"),
        ("/documents", "ROW_MISSING"),
    ),
    "grounds that are partly none": (
        lambda it: _row("refusal_grounds")(it).update(decisions=["not_exist", 1]),
        ("/refusal_grounds/0/decisions", "SCHEMA"),
    ),
    "grounds that are partly unknown": (
        lambda it: _row("refusal_grounds")(it).update(decisions=["not_exist", "shrug"]),
        ("/refusal_grounds/0/decisions", "SCHEMA"),
    ),
    "media that are partly none": (
        lambda it: _row("reply_media")(it).update(media=["書面", 1]),
        ("/reply_media/0/media", "SCHEMA"),
    ),
    "media that are none": (
        lambda it: _row("reply_media")(it).update(media=[]),
        ("/reply_media/0/media", "SCHEMA"),
    ),
    "too many media": (
        lambda it: _row("reply_media")(it).update(media=["書面"] * (ROWS_MAX + 1)),
        ("/reply_media/0/media", "SCHEMA"),
    ),
    "a long medium": (
        lambda it: _row("reply_media")(it).update(media=["字" * (TEXT_LENGTH_MAX + 1)]),
        ("/reply_media/0/media", "SCHEMA"),
    ),
    "one note twice": (
        lambda it: it["notes"].append(it["notes"][0]),
        ("/notes/5/effective_from", "ROWS_OVERLAP"),
    ),
    "an unknown answer": (
        lambda it: it.update(readings={"own_papers": "none"}),
        ("/readings/own_papers", "SCHEMA"),
    ),
    "an unknown question": (
        lambda it: it.update(readings={"mood": True}),
        ("/readings/mood", "SCHEMA"),
    ),
    "a target beyond": (
        lambda it: it.update(
            targets={"decision": {"days": TARGET_DAYS_MAX + 1, "counted": "calendar"}}
        ),
        ("/targets/decision/days", "SCHEMA"),
    ),
    "a closed day that is none": (
        lambda it: it.update(targets={"closed": ["13-01"]}),
        ("/targets/closed", "SCHEMA"),
    ),
}


@every("name", BROKEN)
def test_a_broken_document_is_refused_at_its_place(name: str) -> None:
    change, expected = BROKEN[name]
    assert defects(changed(change)) == [expected]


@every("document", [None, [], "procedure", 7])
def test_what_is_no_document_is_refused(document: object) -> None:
    assert defects(document)[0] == ("", "SCHEMA")


def test_every_defect_is_named_at_once_and_no_value_is_repeated() -> None:
    document = document_with({"本人の秘密": 1, "fee": [{"yen": "秘密の値"}]})
    document["desk"][0]["email"] = {"秘密": 1}
    with pytest.raises(MalformedError) as refused:
        read_procedure(document)
    places = {one.pointer for one in refused.value.defects}
    assert places >= {"", "/fee/0/yen", "/fee/0/source", "/fee/0/effective_from", "/desk/0/email"}
    assert "秘密" not in f"{refused.value.defects}"


def test_a_document_at_every_limit_is_accepted() -> None:
    def change(it: dict[str, Any]) -> None:
        it["fee"][0]["yen"] = NUMBER_MAX
        it["correction"][0]["days"] = 1
        it["documents"][0]["effective_to"] = it["documents"][0]["effective_from"]
        it["desk"][0]["name"] = "字" * TEXT_LENGTH_MAX
        it["reply_media"][0]["media"] = ["字" * TEXT_LENGTH_MAX] * ROWS_MAX
        it["notes"] = [it["notes"][0] | {"code": f"note_{n}"} for n in range(ROWS_MAX)]
        it["targets"] = {
            "decision": {"days": TARGET_DAYS_MAX, "counted": "business"},
            "closed": ["02-29", "12-31"],
        }

    procedure = read_procedure(changed(change))
    assert procedure.fee[0].yen == NUMBER_MAX
    assert len(procedure.notes) == ROWS_MAX
    assert procedure.targets.decision == DayTarget(TARGET_DAYS_MAX, "business")
    assert procedure.targets.closed == ((2, 29), (12, 31))


def test_a_defect_says_what_to_do() -> None:
    document = document_with({"retention": [], "remarks": []})
    with pytest.raises(MalformedError) as refused:
        read_procedure(document)
    said = {one.pointer: one.detail for one in refused.value.defects}
    assert said["/retention"] == "the law says this, not the operator's procedure; leave it out"
    assert said["/remarks"] == "holds a member that a procedure does not know"
