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


def put(document: Any, path: str, value: object) -> None:  # noqa: ANN401 -- JSON
    """Set what is at the path; `GONE` takes it away."""
    *above, last = path.split("/")
    for step in above:
        document = document[int(step) if isinstance(document, list) else step]
    if value is GONE:
        del document[last]
    else:
        document[last] = value


GONE = object()
NOTHING: list[object] = []
LONG = "字" * (TEXT_LENGTH_MAX + 1)
DECISIONS, MEDIA = "refusal_grounds/0/decisions", "reply_media/0/media"


def at(path: str, *values: object) -> list[tuple[str, object]]:
    return [(path, one) for one in values]


FAULTY: list[tuple[str, object]] = [
    *at("effective_from", GONE, "2027-02-29", "2027-W01-1"),
    *at("fee", GONE, NOTHING, [{"yen": 0}] * (ROWS_MAX + 1)),
    *at("operator", NOTHING),
    *at("fee/0/yen", *(-1, True, NUMBER_MAX + 1, 1.5)),
    *at("desk/0/name", " ", LONG),
    *at("reply/0/source", GONE),
    *at("fee/0/yen_per_page", 10),
    *at("remarks", NOTHING),
    *at("retention", NOTHING),
    *at("reply/1/to", "agent"),
    *at("refusal_grounds/0/code", "WHIM"),
    *at(DECISIONS, ["not_exist", "not_exist"], ["not_exist", 1], ["not_exist", "shrug"]),
    *at("documents/0/substitute", "yes"),
    *at(MEDIA, "書面", NOTHING, ["書面", 1], ["書面"] * (ROWS_MAX + 1), [LONG]),
]
"""(path, what stands there): not of the schema."""
SETTINGS: list[tuple[str, str, object]] = [
    ("readings", "own_papers", "none"),
    ("readings", "mood", True),
    ("targets", "closed", ["13-01"]),
]


@every("path, value", FAULTY, called=lambda one: ascii(one)[:40])
def test_what_is_not_of_the_schema_is_refused_at_its_place(path: str, value: object) -> None:
    def change(document: dict[str, Any]) -> None:
        put(document, path, value)

    assert defects(changed(change)) == [(f"/{path}", "SCHEMA")]


@every("table, member, value", SETTINGS)
def test_a_setting_that_is_none_is_refused_at_its_place(
    table: str, member: str, value: object
) -> None:
    assert defects(document_with({table: {member: value}})) == [(f"/{table}/{member}", "SCHEMA")]


def _fees(last: str, first: str) -> Callable[[dict[str, Any]], None]:
    """One fee through a day, another from a day on."""

    def change(it: dict[str, Any]) -> None:
        [fee] = it["fee"]
        it["fee"] = [fee | {"effective_to": last}, fee | {"effective_from": first}]

    return change


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "a row that ends before it begins": (
        lambda it: put(it, "documents/0/effective_to", "2022-09-30"),
        "/documents/0/effective_to",
        "DATE_RANGE_REVERSED",
    ),
    "a ground left out": (
        lambda it: it["refusal_grounds"].pop(),
        "/refusal_grounds",
        "ROW_MISSING",
    ),
    "a requester left out": (lambda it: it["matrix"].pop(), "/matrix", "ROW_MISSING"),
    "a fee that begins late": (
        lambda it: put(it, "fee/0/effective_from", "2022-10-02"),
        "/fee",
        "ROW_MISSING",
    ),
    "a fee that ends": (
        lambda it: put(it, "fee/0/effective_to", "2027-03-31"),
        "/fee/0/effective_to",
        "ROWS_HAVE_GAP",
    ),
    "two fees on one day": (
        _fees("2027-04-01", "2027-04-01"),
        "/fee/1/effective_from",
        "ROWS_OVERLAP",
    ),
    "a day without a fee": (
        _fees("2027-03-30", "2027-04-01"),
        "/fee/1/effective_from",
        "ROWS_HAVE_GAP",
    ),
    "one paper in two rows": (
        lambda it: it["documents"].append(it["documents"][0]),
        "/documents/17/effective_from",
        "ROWS_OVERLAP",
    ),
    "a slot for no known paper": (
        lambda it: put(it, "matrix/0/slots/1/need", "diploma"),
        "/matrix/0/slots/1/need",
        "DOCUMENT_UNKNOWN",
    ),
    "a companion that is not known": (
        lambda it: put(it, "documents/9/together_with", "diploma"),
        "/documents/9/together_with",
        "DOCUMENT_UNKNOWN",
    ),
    "no proof for a guardian": (
        lambda it: put(it, "documents/15/for", GONE),
        "/documents",
        "ROW_MISSING",
    ),
    "one note twice": (
        lambda it: it["notes"].append(it["notes"][0]),
        "/notes/5/effective_from",
        "ROWS_OVERLAP",
    ),
    "a target beyond": (
        lambda it: it.update(
            targets={"decision": {"days": TARGET_DAYS_MAX + 1, "counted": "calendar"}}
        ),
        "/targets/decision/days",
        "SCHEMA",
    ),
}


@every("name", BROKEN)
def test_a_broken_document_is_refused_at_its_place(name: str) -> None:
    change, pointer, code = BROKEN[name]
    assert defects(changed(change)) == [(pointer, code)]


def test_every_defect_is_named_at_once_and_no_value_is_repeated() -> None:
    for no_document in (None, NOTHING, "procedure", 7):
        assert defects(no_document)[0] == ("", "SCHEMA")
    document = document_with({"本人の秘密": 1, "fee": [{"yen": "秘密の値"}], "retention": []})
    document["desk"][0]["email"] = {"秘密": 1}
    with pytest.raises(MalformedError) as refused:
        read_procedure(document)
    said = {one.pointer: one.detail for one in refused.value.defects}
    assert {*said} >= {"", "/fee/0/yen", "/fee/0/source", "/fee/0/effective_from", "/desk/0/email"}
    assert said["/retention"] == "the law says this, not the operator's procedure; leave it out"
    assert "秘密" not in f"{refused.value.defects}"


def test_a_document_at_every_limit_is_accepted() -> None:
    def change(it: dict[str, Any]) -> None:
        put(it, "fee/0/yen", NUMBER_MAX)
        put(it, "correction/0/days", 1)
        it["documents"][0]["effective_to"] = it["documents"][0]["effective_from"]
        put(it, "desk/0/name", "字" * TEXT_LENGTH_MAX)
        put(it, MEDIA, ["字" * TEXT_LENGTH_MAX] * ROWS_MAX)
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
