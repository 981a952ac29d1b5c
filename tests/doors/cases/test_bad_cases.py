"""What is wrong with a case's bodies is told with pointer and code, and never lets a door fall."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.clock import day_in_japan, now
from ledger.policies.my_number import check_digit
from tests.doors.cases.desk import (
    ADDRESS,
    WHO,
    begun,
    look,
    received,
    request,
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


def test_what_the_form_lacks_is_named_by_a_field_that_a_letter_can_name(
    corridor: Corridor,
) -> None:
    case = begun(corridor)
    answer = case.ask("documents", look(form_missing=["seal", "favourite_colour"]))
    assert answer.status == 422
    assert answer.errors == {"/form_missing/1": "FORM_FIELD_UNKNOWN"}
    case.do("documents", look(form_missing=["seal"]))
