"""What is wrong with a case's bodies is told with pointer and code, and never lets a door fall."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.documents import hostile
from tests.doors.cases.desk import (
    ADDRESS,
    AGREEING,
    WHO,
    begun,
    look,
    paper,
    received,
    request,
    today,
)
from tests.doors.corridor import Corridor


def day_to_come() -> str:
    return (day_in_japan(now()) + timedelta(days=2)).isoformat()


FORM = {"name": "見本 花子", "address": ADDRESS}
MY_NUMBER = "12345678901" + check_digit("12345678901").__str__()
GROUPED = f"{MY_NUMBER[:4]}-{MY_NUMBER[4:8]}-{MY_NUMBER[8:]}"

REQUESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "tomorrow": ({"arrived_on": day_to_come()}, "/arrived_on", "DATE_IN_FUTURE"),
    "no such day": ({"arrived_on": "2026-02-30"}, "/arrived_on", "SCHEMA"),
    "no day": ({"arrived_on": 7}, "/arrived_on", "SCHEMA"),
    "posted after it came": (
        {"postmarked_on": day_to_come()},
        "/postmarked_on",
        "POSTMARK_AFTER_ARRIVAL",
    ),
    "the agent's address": (
        {"requester": "mandated_agent", "reply_address": "representative_identity_document"},
        "/reply_address",
        "REPLY_ADDRESS_NOT_ALLOWED",
    ),
    "no requester": ({"requester": "neighbour"}, "/requester", "SCHEMA"),
    "a representative of nothing": (
        {"representation": "parent_of_minor"},
        "/representation",
        "REPRESENTATION_UNCLEAR",
    ),
    "no side": ({"provided": False, "received": False}, "/provided", "NOTHING_ASKED"),
    "backwards": (
        {"first_day": "2026-02-02", "last_day": "2026-02-01"},
        "/last_day",
        "DATE_RANGE_REVERSED",
    ),
    "an unknown member": ({"favourite": "blue"}, "/favourite", "SCHEMA"),
    "a number for a text": ({"form": {**FORM, "name": 7}}, "/form/name", "SCHEMA"),
    "an empty form": ({"form": {}}, "/form", "SCHEMA"),
    "an individual number": (
        {"form": {**FORM, "note": f"番号 {MY_NUMBER}"}},
        "/form/note",
        "MY_NUMBER_SHOWN",
    ),
    "an individual number in groups": (
        {"form": {**FORM, "name": GROUPED}},
        "/form/name",
        "MY_NUMBER_SHOWN",
    ),
    "too many identifiers": ({"identifiers": [WHO] * 51}, "/identifiers", "SCHEMA"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_contradicts_itself_is_not_taken_in(corridor: Corridor, name: str) -> None:
    changes, pointer, code = REQUESTS[name]
    answer = received(corridor, request(**changes))
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors[pointer] == code
    assert MY_NUMBER not in answer.text


def test_an_identifier_of_twelve_digits_is_a_name_and_no_individual_number(
    corridor: Corridor,
) -> None:
    named = [{"scheme": "contract", "id": MY_NUMBER}]
    assert received(corridor, request(identifiers=named)).status == 201


TEXTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a note": ("documents", look(note=MY_NUMBER), "/note"),
    "an address": (
        "documents",
        look(addresses={**AGREEING, "registered": MY_NUMBER}),
        "/addresses/registered",
    ),
    "what is missing": ("documents", look(form_missing=[MY_NUMBER]), "/form_missing/0"),
    "an evidence": ("principal", {"identifiers": [WHO], "evidence": MY_NUMBER}, "/evidence"),
    "a reason": (
        "decisions",
        {"medium": "electronic", "medium_reason": MY_NUMBER},
        "/medium_reason",
    ),
    "a withholding": (
        "decisions",
        {"withheld": [{"record": WHO["id"], "ground": "ART33_2_I", "reason": MY_NUMBER}]},
        "/withheld/0/reason",
    ),
    "the post's number": (
        "dispatch",
        {"dispatched_on": today(), "item_number": MY_NUMBER},
        "/item_number",
    ),
    "a withdrawal": ("withdrawal", {"withdrawn_on": today(), "evidence": MY_NUMBER}, "/evidence"),
    "a death": ("death", {"learned_on": today(), "evidence": MY_NUMBER}, "/evidence"),
    "the end": ("close", {"note": MY_NUMBER}, "/note"),
    "another look": ("reopen", {"reason": MY_NUMBER}, "/reason"),
    "the way back": ("return", {"reason": MY_NUMBER}, "/reason"),
    "a mistake": ("entry-mistake", {"cause": "other", "reason": MY_NUMBER}, "/reason"),
    "a mistaken end": ("end-mistake", {"reason": MY_NUMBER}, "/reason"),
    "no mistake": ("mistake-dismissal", {"reason": MY_NUMBER}, "/reason"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_individual_number_is_refused_in_every_text_and_only_the_fact_is_logged(
    corridor: Corridor, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    door, body, pointer = TEXTS[name]
    case = begun(corridor)
    with caplog.at_level(logging.WARNING):
        answer = case.ask(door, body)
    assert (answer.status, answer.errors) == (422, {pointer: "MY_NUMBER_SHOWN"})
    assert "an individual number was refused" in caplog.text
    assert MY_NUMBER not in caplog.text + answer.text


DOORS = (
    "documents",
    "correction-request",
    "resubmission",
    "verification",
    "refusal",
    "principal",
    "decisions",
    "submit",
    "approve",
    "return",
    "dispatch",
    "password-letter",
    "delivery",
    "returned-mail",
    "close",
    "withdrawal",
    "death",
    "reopen",
    "entry-mistake",
    "end-mistake",
    "mistake-confirmation",
    "mistake-dismissal",
)
BODIES: dict[str, bytes] = {
    "an unknown member": b'{"favourite": "blue"}',
    "a list": b"[]",
    "a text": b'"x"',
    "nothing": b"null",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_another_shape_is_refused_at_every_door(
    corridor: Corridor, door: str, name: str
) -> None:
    key = corridor.key("cases:write", "cases:approve", label="both")
    case = f"/v1/cases/00000000-0000-4000-8000-000000000007/{door}"
    answer = corridor.ask("POST", case, key=key, content=BODIES[name], headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    unsigned = corridor.ask("POST", case, key=None, content=b"\xff")
    assert unsigned.status == 401


PAPERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "of tomorrow": (
        look(paper("seal_certificate", issued_on=day_to_come())),
        "/papers/0/issued_on",
        "DATE_IN_FUTURE",
    ),
    "of nobody": (look(paper("seal_certificate", "neighbour")), "/papers/0/person", "SCHEMA"),
    "in chalk": (
        look(paper("seal_certificate", address_mark="chalk")),
        "/papers/0/address_mark",
        "SCHEMA",
    ),
    "with a favourite": (
        look({**paper("seal_certificate"), "favourite": 1}),
        "/papers/0/favourite",
        "SCHEMA",
    ),
    "too many": (look(*[paper("seal_certificate")] * 51), "/papers", "SCHEMA"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_that_cannot_be_is_refused(corridor: Corridor, name: str) -> None:
    body, pointer, code = PAPERS[name]
    answer = begun(corridor).ask("documents", body)
    assert (answer.status, answer.errors[pointer]) == (422, code)


def test_what_the_form_lacks_is_named_by_a_field_that_a_letter_can_name(
    corridor: Corridor,
) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(form_missing=["seal", "favourite_colour"]))
    assert answer.status == 422
    assert answer.errors == {"/form_missing/1": "FORM_FIELD_UNKNOWN"}
    case.do("documents", look(form_missing=["seal"]))


@pytest.mark.parametrize("as_of", [1, 1_000_000])
def test_nobody_chooses_the_position_of_a_search(corridor: Corridor, as_of: int) -> None:
    case = begun(corridor).verified()
    body = {"identifiers": [WHO], "evidence": "会員番号", "as_of": as_of}
    answer = case.ask("principal", body)
    assert (answer.status, answer.errors) == (422, {"/as_of": "SCHEMA"})
    assert case.identified().last["search"]["as_of"] > 1


def _written(text: str) -> dict[str, Any]:
    return {"note": text, "addresses": {**AGREEING, "on_papers": text, "registered": text}}


@pytest.mark.parametrize("what", hostile.PRINTED)
def test_a_hostile_text_stays_a_text_in_every_field(corridor: Corridor, what: str) -> None:
    text = hostile.PRINTED[what]
    answer = received(corridor, request(form={"name": text, "address": text, "kana": text}))
    assert answer.status == 201
    case = begun(corridor, form={"name": text, "address": text, "kana": text})
    case.do("documents", look(**_written(text))).do("verification")
    case.identified(evidence=text)
    whole = case.read()
    assert set(whole["application"]["form"].values()) == {text}
    assert whole["examination"]["note"] == whole["examination"]["registered_address"] == text
    assert whole["search"]["evidence"] == text
    case.do("decisions", {"medium": "electronic", "medium_reason": text})
    assert case.read()["decision"]["medium_reason"] == text
    case.do("withdrawal", {"withdrawn_on": today(), "evidence": text})


@pytest.mark.parametrize("what", hostile.REFUSED)
def test_what_no_letter_may_hold_is_refused_at_the_door_or_where_the_letter_is_made(
    corridor: Corridor, what: str
) -> None:
    text, _ = hostile.REFUSED[what]
    answer = received(corridor, request(form={"name": text, "address": ADDRESS}))
    if answer.status == 422:
        kind = "INVISIBLE" if what == "an invisible character" else "CONTROL"
        assert answer.errors == {"/form/name": f"{kind}_CHARACTER"}
        return
    case = begun(corridor, form={"name": text, "address": ADDRESS}).verified().identified()
    case.do("decisions", {})
    answer = case.ask("submit")
    assert (answer.status, answer.code) == (409, "UNPRINTABLE")
    assert answer.errors["/addressee/name"] == "GLYPH_MISSING"
    assert case.fetch("/preview.pdf").errors == answer.errors
